import { EVENT_ID, type Event } from "js-yaml";
import { YamlConstructor } from "./yaml-construct.js";
import { lineAt, YamlError } from "./yaml-error.js";
import { parseYamlEvents } from "./yaml-events.js";
import type { YamlDialect } from "./yaml-scalar.js";
import { readUsualYaml } from "./yaml-usual.js";

export interface YamlOptions {
  /** `helm` (sigs.k8s.io/yaml) unless given. */
  readonly dialect?: YamlDialect;
  /** Named in errors. */
  readonly file?: string;
  /**
   * What an integer becomes that 64 bits can hold and a JavaScript number cannot: a `bigint` (the default
   * of the kustomize dialect), an error (the default of the helm dialect), or the nearest float, as
   * Helm's values have it.
   */
  readonly bigIntegers?: "bigint" | "error" | "float";
  /** Characters of text beyond which it is refused; 64 Mi unless given. */
  readonly maxLength?: number;
  /** Collections inside one another; 500 unless given. */
  readonly maxDepth?: number;
}

/** One document of a YAML text. */
export interface YamlDocument {
  /** JSON data; `null` for an empty document. */
  readonly value: unknown;
  /** 1-based line of the document's first node in the text. */
  readonly line: number;
}

const defaultMaxLength = 64 * 1024 * 1024;
const defaultMaxDepth = 500;

/**
 * Reads every document of `text`, the empty ones (as `null`) included, as Go programs read YAML: see
 * {@link YamlDialect}. Merge keys and anchors are expanded; `__proto__` is a key like any other. What
 * aliases expand to is bounded, as are length and depth.
 *
 * @throws {YamlError} naming file, line and column
 */
export function parseYamlDocuments(text: string, options: YamlOptions = {}): YamlDocument[] {
  const dialect = options.dialect ?? "helm";
  const bounds = boundsOf(options);
  const bounded = text.length <= bounds.maxLength && bounds.maxDepth >= defaultMaxDepth;
  const usual = bounded ? readUsualYaml(text, dialect) : undefined;
  if (usual !== undefined) return [usual];
  return parseFully(text, options);
}

/** As `parseYamlDocuments`, by the parser that reads all of YAML. */
export function parseFully(text: string, options: YamlOptions = {}): YamlDocument[] {
  const dialect = options.dialect ?? "helm";
  const parsed = parseYamlEvents(text, boundsOf(options));
  return new YamlConstructor(parsed.text, {
    dialect,
    file: options.file,
    bigIntegers: options.bigIntegers ?? (dialect === "kustomize" ? "bigint" : "error"),
    maxDepth: options.maxDepth ?? defaultMaxDepth,
  }).construct(parsed.events);
}

/**
 * Reads the first document of `text` as JSON data; `null` where there is none. Documents after the first
 * are not looked at beyond their syntax, as Go's `Unmarshal` does.
 *
 * @throws {YamlError} naming file, line and column
 */
export function parseYaml(text: string, options: YamlOptions = {}): unknown {
  try {
    return parseYamlDocuments(text, options)[0]?.value ?? null;
  } catch (error) {
    // What stands behind the end of the first document is never read.
    if (
      !(error instanceof YamlError) ||
      !error.reason.startsWith("end of the stream or a document separator")
    )
      throw error;
    const lines = text.split("\n");
    const last = lines[error.line - 1] ?? "";
    const end = lines.slice(0, error.line - 1).join("\n").length + (error.line > 1 ? 1 : 0);
    const rest = text.slice(0, end + Math.min(error.column - 1, last.length));
    return rest === text ? null : (parseYamlDocuments(rest, options)[0]?.value ?? null);
  }
}

function boundsOf(options: YamlOptions) {
  return {
    file: options.file,
    maxLength: options.maxLength ?? defaultMaxLength,
    maxDepth: options.maxDepth ?? defaultMaxDepth,
  };
}

/**
 * The 1-based line at which `path` (keys and indexes) starts in document number `index` (from 0) of
 * `text`; the nearest ancestor's where the path goes through an alias or does not exist. `undefined` for
 * a document that does not exist.
 *
 * @throws {YamlError} where the text cannot be read
 */
export function locateYaml(
  text: string,
  index: number,
  path: readonly (string | number)[],
  options: YamlOptions = {},
): number | undefined {
  const parsed = parseYamlEvents(text, boundsOf(options));
  const { events } = parsed;
  let seen = -1;
  for (let at = 0; at < events.length; at++) {
    if (events[at]?.type !== EVENT_ID.DOCUMENT || ++seen !== index) continue;
    return lineAt(parsed.text, locateNode(parsed.text, events, at + 1, path, options));
  }
  return undefined;
}

function locateNode(
  text: string,
  events: readonly Event[],
  start: number,
  path: readonly (string | number)[],
  options: YamlOptions,
): number {
  let node = start;
  let offset = YamlConstructor.offsetOf(events[node]) ?? 0;
  for (const step of path) {
    const child = findChild(text, events, node, step, options);
    if (child === undefined) return offset;
    node = child.value;
    offset = child.offset;
  }
  return offset;
}

function findChild(
  text: string,
  events: readonly Event[],
  node: number,
  step: string | number,
  options: YamlOptions,
): { value: number; offset: number } | undefined {
  const parent = events[node];
  let at = node + 1;
  if (parent?.type === EVENT_ID.SEQUENCE) {
    for (let item = 0; events[at] !== undefined && events[at]?.type !== EVENT_ID.POP; item++) {
      if (item === step) return { value: at, offset: YamlConstructor.offsetOf(events[at]) ?? 0 };
      at = skipNode(events, at);
    }
  } else if (parent?.type === EVENT_ID.MAPPING) {
    while (events[at] !== undefined && events[at]?.type !== EVENT_ID.POP) {
      const value = skipNode(events, at);
      if (YamlConstructor.keyText(text, events[at], options.dialect ?? "helm") === String(step)) {
        return { value, offset: YamlConstructor.offsetOf(events[at]) ?? 0 };
      }
      at = skipNode(events, value);
    }
  }
  return undefined;
}

function skipNode(events: readonly Event[], at: number): number {
  let depth = 0;
  let next = at;
  do {
    const type = events[next]?.type;
    if (type === EVENT_ID.SEQUENCE || type === EVENT_ID.MAPPING) depth++;
    else if (type === EVENT_ID.POP) depth--;
    next++;
  } while (depth > 0 && next < events.length);
  return next;
}
