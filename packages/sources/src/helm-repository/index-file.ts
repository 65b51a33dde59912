import { setImmediate } from "node:timers/promises";
import {
  canonicalJson,
  compareVersions,
  parseYaml,
  tryParseVersion,
  type Version,
  YamlError,
} from "@capstan/kube";
import { parseObject } from "../json.js";
import { IndexError } from "./index-error.js";
import { cutIndex } from "./index-pieces.js";

type Fields = Readonly<Record<string, unknown>>;

/** A version of a chart, as text already. */
interface ChartVersion {
  readonly version: Version;
  readonly json: string;
}

/** Bounds on an index. */
export interface IndexLimits {
  /** Characters: larger ones are read piece by piece, or as JSON; what is neither is refused. */
  readonly atOnce: number;
  /** Versions of charts. */
  readonly versions: number;
}

const DEFAULT_LIMITS: IndexLimits = { atOnce: 4 * 1024 * 1024, versions: 250_000 };
/** Versions that are looked at before others get their turn. */
const TURN = 1000;
/** Lists and maps of a JSON index: many more than versions make, many fewer than memory holds. */
const MAX_COLLECTIONS = 4_000_000;

/**
 * Reads a Helm repository's index and gives it back as JSON in one form: invalid entries dropped, each
 * chart's versions from the highest down. A large one is read in pieces, so that others get their turn in between
 * and its size in memory stays bounded. Throws `IndexError`, or what `signal` aborts with.
 */
export async function normalizeIndex(
  text: string,
  signal?: AbortSignal,
  limits: IndexLimits = DEFAULT_LIMITS,
): Promise<string> {
  const json = text.length > limits.atOnce && /^\s*\{/.test(text) ? parseJson(text) : undefined;
  if (json !== undefined) return collect(json, [json], limits.versions, signal);
  if (text.length <= limits.atOnce) {
    const whole = parse(text);
    return collect(whole, [whole], limits.versions, signal);
  }
  const cut = cutIndex(text);
  if (cut === undefined) throw new IndexError("the index is too large to be read in the form that it has");
  return collect(parse(cut.frame), documents(cut.pieces), limits.versions, signal);
}

function* documents(pieces: Iterable<string>): Generator<Fields> {
  for (const piece of pieces) yield { entries: parse(piece, {}) };
}

async function collect(
  frame: Fields,
  parts: Iterable<Fields>,
  maxVersions: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  check(frame);
  const charts = new Map<string, ChartVersion[]>();
  let [count, seen] = [0, 0];
  for (const { entries } of parts) {
    for (const [name, versions] of Object.entries((entries ?? {}) as Fields)) {
      if (!Array.isArray(versions)) continue;
      for (const entry of versions) {
        if (++seen % TURN === 0) await turn(signal);
        const version = chartVersion(entry, name);
        if (version === undefined) continue;
        if (++count > maxVersions)
          throw new IndexError(`the index has more than ${maxVersions} versions of charts`);
        append(charts, name, version);
      }
    }
    await turn(signal);
  }
  const entries = [...charts.keys()].sort().map((name) => {
    const sorted = (charts.get(name) ?? []).sort((a, b) => compareVersions(b.version, a.version));
    return `${JSON.stringify(name)}:[${sorted.map(({ json }) => json).join(",")}]`;
  });
  const fields = Object.keys({ ...frame, entries: null }).sort();
  const members = fields.map((key) =>
    key === "entries"
      ? `"entries":{${entries.join(",")}}`
      : `${JSON.stringify(key)}:${canonicalJson(frame[key])}`,
  );
  return `{${members.join(",")}}\n`;
}

async function turn(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}

function append(charts: Map<string, ChartVersion[]>, name: string, version: ChartVersion): void {
  const known = charts.get(name);
  if (known === undefined) charts.set(name, [version]);
  else known.push(version);
}

function check(index: Fields): void {
  if (typeof index["apiVersion"] !== "string" || index["apiVersion"] === "") {
    throw new IndexError("no API version specified");
  }
  const { entries } = index;
  if (entries !== undefined && entries !== null && (typeof entries !== "object" || Array.isArray(entries))) {
    throw new IndexError("entries is not a map");
  }
}

function chartVersion(entry: unknown, name: string): ChartVersion | undefined {
  if (typeof entry !== "object" || entry === null) return undefined;
  const { name: own, version: text } = entry as Fields;
  const version = own === name && typeof text === "string" ? tryParseVersion(text) : undefined;
  return version === undefined ? undefined : { version, json: canonicalJson(entry) };
}

function parse(text: string, empty?: Fields): Fields {
  let value: unknown;
  try {
    value = parseYaml(text, { dialect: "helm", file: "index.yaml" });
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new IndexError(error.message, { cause: error });
  }
  if (value === null && empty !== undefined) return empty;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new IndexError("empty index.yaml file");
  }
  return value as Fields;
}

function parseJson(text: string): Fields | undefined {
  let collections = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x7b || code === 0x5b) collections++;
  }
  if (collections > MAX_COLLECTIONS)
    throw new IndexError("the index is too large to be read in the form that it has");
  return parseObject(text);
}
