import { KustomizeError } from "../errors.js";
import type { GeneratorArgs } from "../kustomization/types.js";
import type { Loader } from "../loader/loader.js";
import { baseName } from "../tree/path.js";
import { goQuote } from "../yaml/go-quote.js";

/** Longer lines end the reading of an env file, as they do in kustomize. */
const MAX_ENV_LINE = 64 * 1024;

/** An entry of a generated map. */
export interface Pair {
  readonly key: string;
  readonly value: Uint8Array | string;
}

/** The entries of a generated map: env files, then literals, then files. */
export async function loadPairs(
  args: GeneratorArgs,
  loader: Loader,
): Promise<Map<string, Uint8Array | string>> {
  const pairs = [
    ...(await envPairs(args, loader)),
    ...literalPairs(args),
    ...(await filePairs(args, loader)),
  ];
  const map = new Map<string, Uint8Array | string>();
  for (const { key, value } of pairs) {
    if (map.has(key)) {
      throw new KustomizeError("generator", `configmap ${args.name} illegally repeats the key \`${key}\``);
    }
    map.set(key, value);
  }
  return map;
}

function failure(message: string): KustomizeError {
  return new KustomizeError("generator", message);
}

async function envPairs(args: GeneratorArgs, loader: Loader): Promise<Pair[]> {
  const files = [...(args.envs ?? []), ...(args.env ? [args.env] : [])];
  const pairs: Pair[] = [];
  try {
    for (const file of files) pairs.push(...parseEnv((await loader.load(file)).bytes));
  } catch (error) {
    throw KustomizeError.from(error, "generator").wrap(
      `loading KV pairs: env source files: [${files.join(" ")}]`,
    );
  }
  return pairs;
}

/** `KEY=value` lines, verbatim but for blanks before the key and comments. */
export function parseEnv(bytes: Uint8Array): Pair[] {
  const pairs: Pair[] = [];
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch (error) {
    throw new KustomizeError("generator", "env file has invalid utf8 bytes", { cause: error });
  }
  for (const raw of text.split("\n")) {
    if (raw.length > MAX_ENV_LINE) break;
    const line = (raw.endsWith("\r") ? raw.slice(0, -1) : raw).trimStart();
    if (line === "" || line.startsWith("#")) continue;
    const equals = line.indexOf("=");
    const key = equals < 0 ? line : line.slice(0, equals);
    if (key !== "") pairs.push({ key, value: equals < 0 ? "" : line.slice(equals + 1) });
  }
  return pairs;
}

function literalPairs(args: GeneratorArgs): Pair[] {
  const literals = args.literals ?? [];
  return literals.map((literal) => {
    const equals = literal.indexOf("=");
    if (equals <= 0) {
      const list = literals.join(" ");
      throw failure(
        `loading KV pairs: literal sources [${list}]: invalid literal source ${literal}, expected key=value`,
      );
    }
    return { key: literal.slice(0, equals), value: unquote(literal.slice(equals + 1)) };
  });
}

function unquote(value: string): string {
  const first = value.charAt(0);
  const quoted = value.length >= 2 && (first === '"' || first === "'") && value.endsWith(first);
  return quoted ? value.slice(1, -1) : value;
}

async function filePairs(args: GeneratorArgs, loader: Loader): Promise<Pair[]> {
  const files = args.files ?? [];
  const pairs: Pair[] = [];
  try {
    for (const source of files) {
      const { key, path } = parseFileSource(source);
      pairs.push({ key, value: (await loader.load(path)).bytes });
    }
  } catch (error) {
    throw KustomizeError.from(error, "generator").wrap(
      `loading KV pairs: file sources: [${files.join(" ")}]`,
    );
  }
  return pairs;
}

function parseFileSource(source: string): { key: string; path: string } {
  const parts = source.split("=");
  if (parts.length === 1) return { key: baseName(source), path: source };
  if (parts.length > 2) throw failure(`source ${goQuote(source)} key name or file path contains '='`);
  const [key, path] = parts as [string, string];
  if (key === "")
    throw failure(`missing key name for file path ${goQuote(path)} in source ${goQuote(source)}`);
  if (path === "")
    throw failure(`missing file path for key name ${goQuote(key)} in source ${goQuote(source)}`);
  return { key, path };
}
