import { matchesIgnorePattern, parseIgnorePatterns } from "@capstan/artifacts";
import { type FileTree, KustomizeError, memoryTree } from "@capstan/kustomize";
import { isFields } from "./scan.js";
import type { SourceTree } from "./sources.js";

const MAX_FILES = 100_000;

interface Place {
  readonly alias: string;
  readonly path: string;
}

/**
 * The tree that the `copy` operations of an ArtifactGenerator's artifact make of its sources
 * (`source.extensions.fluxcd.io/v1beta1`). Files are taken over; `strategy: Merge` and `Extract` are not
 * carried out.
 */
export function generatedTree(
  artifact: Readonly<Record<string, unknown>>,
  sources: ReadonlyMap<string, SourceTree>,
): SourceTree {
  const files = new Map<string, Uint8Array>();
  const origins = new Map<string, string>();
  const operations = Array.isArray(artifact["copy"]) ? artifact["copy"].filter(isFields) : [];
  for (const operation of operations) {
    const from = placeOf(operation["from"]);
    const to = placeOf(operation["to"]);
    const source = from === undefined ? undefined : sources.get(from.alias);
    if (from === undefined || to === undefined || source === undefined) {
      return { missing: `${String(artifact["name"])} copies from an unknown source` };
    }
    if ("missing" in source) return source;
    if (operation["strategy"] !== undefined && operation["strategy"] !== "Overwrite") {
      return { missing: `${String(artifact["name"])} is made by strategy ${String(operation["strategy"])}` };
    }
    const excluded = excludes(operation["exclude"]);
    for (const [target, path] of copied(source.tree, from.path, to.path)) {
      if (excluded(path)) continue;
      if (files.size >= MAX_FILES) return { missing: `${String(artifact["name"])} holds too many files` };
      files.set(target, source.tree.readFile(`/${path}`));
      origins.set(`/${target}`, source.repositoryPath(`/${path}`));
    }
  }
  return {
    tree: memoryTree(Object.fromEntries(files)),
    repositoryPath: (path) => origins.get(path) ?? path,
  };
}

function placeOf(text: unknown): Place | undefined {
  const match = typeof text === "string" ? /^@([^/]+)\/(.*)$/.exec(text) : null;
  return match === null ? undefined : { alias: match[1] ?? "", path: match[2] ?? "" };
}

function excludes(patterns: unknown): (path: string) => boolean {
  const parsed = (Array.isArray(patterns) ? patterns : []).flatMap((each) =>
    parseIgnorePatterns(String(each)),
  );
  return (path) => parsed.some((pattern) => matchesIgnorePattern(pattern, path.split("/"), false));
}

/** Pairs of target and source path, both relative, of one copy. */
function* copied(tree: FileTree, from: string, to: string): Iterable<readonly [string, string]> {
  const wanted = from.replace(/\/+$/, "");
  const target = to.replace(/\/+$/, "");
  const everything = /^(.*?)\/?\*\*$/.exec(wanted);
  if (everything !== null && !/[*?[]/.test(everything[1] ?? "")) {
    yield* under(tree, everything[1] ?? "", target, everything[1] ?? "");
    return;
  }
  if (/[*?[]/.test(wanted)) {
    const [pattern] = parseIgnorePatterns(`/${wanted}`);
    for (const path of allFiles(tree, "")) {
      if (pattern !== undefined && matchesIgnorePattern(pattern, path.split("/"), false)) {
        yield [join(target, path), path];
      }
    }
    return;
  }
  const stat = tree.stat(`/${wanted}`);
  const base = wanted.slice(wanted.lastIndexOf("/") + 1);
  if (stat === undefined)
    throw new KustomizeError("not-found", `${wanted} does not exist`, { file: `/${wanted}` });
  if (stat.kind === "directory") yield* under(tree, wanted, join(target, wanted === "" ? "" : base), wanted);
  else yield [to.endsWith("/") || target === "" ? join(target, base) : target, wanted];
}

function* under(tree: FileTree, directory: string, target: string, prefix: string) {
  for (const path of allFiles(tree, directory)) {
    yield [join(target, prefix === "" ? path : path.slice(prefix.length + 1)), path] as const;
  }
}

function* allFiles(tree: FileTree, directory: string): Iterable<string> {
  for (const name of tree.readDir(`/${directory}`)) {
    const path = join(directory, name);
    const stat = tree.stat(`/${path}`);
    // A link to a directory could lead back to where we are.
    if (stat?.kind === "directory" && stat.path === `/${path}`) yield* allFiles(tree, path);
    else if (stat?.kind === "file") yield path;
  }
}

function join(directory: string, name: string): string {
  if (name === "") return directory;
  return directory === "" ? name : `${directory}/${name}`;
}
