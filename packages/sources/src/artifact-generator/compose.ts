import type { TreeEntry, TreeFile, TreeLimits } from "@capstan/artifacts";
import { mergeValues } from "@capstan/helm";
import { parseYamlDocuments, stringifyYaml, YamlError } from "@capstan/kube";
import type { CopyOperation } from "../api/artifact-generator.js";
import { BuildFailed } from "./build-failed.js";
import { deepGlob, isGlob, type PathMatcher, shallowGlob } from "./glob.js";
import { clean, Staging } from "./staging.js";

/** What composing works with. */
export interface ComposeOptions {
  /** The files of each source, by alias. */
  readonly sources: ReadonlyMap<string, readonly TreeEntry[]>;
  readonly limits: TreeLimits;
  /** The files in an archive. */
  readonly unpack: (archive: TreeFile) => Promise<readonly TreeEntry[]>;
}

/** Carries out copies in order; the tree that they make. Throws `BuildFailed`. */
export async function compose(
  copies: readonly CopyOperation[],
  options: ComposeOptions,
): Promise<readonly TreeEntry[]> {
  const staging = new Staging(options.limits);
  for (const copy of copies) {
    try {
      await applyCopy(copy, staging, options);
    } catch (error) {
      if (!(error instanceof BuildFailed)) throw error;
      const prefix = `failed to apply copy operations: failed to apply copy operation from '${copy.from}' to '${copy.to}': `;
      throw new BuildFailed(`${prefix}${error.message}`, { cause: error });
    }
  }
  return staging.entries;
}

async function applyCopy(copy: CopyOperation, staging: Staging, options: ComposeOptions): Promise<void> {
  const [, alias = "", pattern = ""] = /^@([^/]+)\/(.*)$/s.exec(copy.from) ?? [];
  const entries = options.sources.get(alias);
  if (entries === undefined) throw new BuildFailed(`source alias '${alias}' not found`);
  const target = copy.to.slice("@artifact/".length);
  const excludes = (copy.exclude ?? []).map((exclude) => ({ exclude, matches: excludeGlob(exclude) }));
  const excluded = (path: string, base: string): boolean => {
    const below = base === "" || !path.startsWith(`${base}/`) ? undefined : path.slice(base.length + 1);
    return excludes.some(
      ({ exclude, matches }) =>
        [path, below].some((text) => text !== undefined && matches(text)) ||
        (!exclude.includes("/") && matches(path.slice(path.lastIndexOf("/") + 1))),
    );
  };
  const source: Source = { entries, excluded, copy, staging, options };
  await (isGlob(pattern) ? copyMatches(pattern, alias, target, source) : copyOne(pattern, target, source));
}

function excludeGlob(pattern: string): PathMatcher {
  try {
    return deepGlob(pattern);
  } catch (error) {
    if (!(error instanceof BuildFailed)) throw error;
    throw new BuildFailed(`invalid exclude pattern '${pattern}'`, { cause: error });
  }
}

interface Source {
  readonly entries: readonly TreeEntry[];
  readonly excluded: (path: string, base: string) => boolean;
  readonly copy: CopyOperation;
  readonly staging: Staging;
  readonly options: ComposeOptions;
}

/** Copies as `cp` does: a file to a name or into a directory, a directory under its own name. */
async function copyOne(path: string, target: string, source: Source): Promise<void> {
  const from = clean(path);
  const extract = source.copy.strategy === "Extract";
  const to = clean(target);
  const found = source.entries.find((entry) => entry.path === from);
  if (from === "" || found?.kind === "directory") {
    if (extract)
      throw new BuildFailed(`extract strategy is not supported for directories, got '${from || "."}'`);
    const name = from.slice(from.lastIndexOf("/") + 1);
    copyDirectory(from, clean(`${to}/${name}`), from, source);
    return;
  }
  if (found === undefined) throw new BuildFailed(`source '${from}' does not exist`);
  if (source.excluded(from, "")) return;
  if (extract) {
    if (!isTarball(from)) {
      throw new BuildFailed(`extract strategy requires tarball file (.tar.gz or .tgz), got '${from}'`);
    }
    await extractInto(found, to, source);
    return;
  }
  const into = target.endsWith("/") || source.staging.isDirectory(to);
  await copyFile(found, into ? clean(`${to}/${from.slice(from.lastIndexOf("/") + 1)}`) : to, source);
}

async function copyMatches(pattern: string, alias: string, target: string, source: Source): Promise<void> {
  const extract = source.copy.strategy === "Extract";
  const matches = extract ? deepGlob(pattern) : shallowGlob(pattern);
  const found = source.entries.filter(({ path }) => matches(path));
  if (found.length === 0) throw new BuildFailed(`no files match pattern '${pattern}' in source '${alias}'`);
  const base = literalPrefix(pattern);
  const kept = found.filter(({ path }) => !source.excluded(path, base));
  if (kept.length === 0) {
    throw new BuildFailed(`all files matching pattern '${pattern}' in source '${alias}' were excluded`);
  }
  for (const entry of kept) {
    if (extract) {
      if (entry.kind === "file" && isTarball(entry.path)) await extractInto(entry, clean(target), source);
      continue;
    }
    const to = clean(`${target}/${matchedPath(pattern, entry.path)}`);
    if (entry.kind === "directory") copyDirectory(entry.path, to, base, source);
    else await copyFile(entry, to, source);
  }
}

/** The path that a match keeps: in full, or what `/**` stood for. */
function matchedPath(pattern: string, path: string): string {
  const prefix = pattern.endsWith("/**") ? pattern.slice(0, -2) : undefined;
  return prefix !== undefined && path.startsWith(prefix) ? path.slice(prefix.length) : path;
}

function literalPrefix(pattern: string): string {
  const parts = clean(pattern).split("/");
  const first = parts.findIndex(isGlob);
  return parts.slice(0, first < 0 ? parts.length : first).join("/");
}

function copyDirectory(from: string, to: string, base: string, { entries, excluded, staging }: Source): void {
  if (to !== "") staging.addDirectory(to);
  // Entries come as a walk meets them: what is below a directory follows it.
  let skipped = "";
  for (const entry of entries) {
    const inside =
      from === "" ? entry.path : entry.path.startsWith(`${from}/`) ? entry.path.slice(from.length + 1) : "";
    if (inside === "" || (skipped !== "" && entry.path.startsWith(skipped))) continue;
    if (excluded(entry.path, base)) {
      if (entry.kind === "directory") skipped = `${entry.path}/`;
      continue;
    }
    const path = to === "" ? inside : `${to}/${inside}`;
    if (entry.kind === "directory") staging.addDirectory(path);
    else staging.addFile(path, entry);
  }
}

async function copyFile(file: TreeFile, to: string, { copy, staging }: Source): Promise<void> {
  const there = copy.strategy === "Merge" ? staging.file(to) : undefined;
  if (there === undefined) {
    staging.addFile(to, file);
    return;
  }
  const merged = mergeValues(await documentsOf(there), await documentsOf(file));
  const bytes = Buffer.from(stringifyYaml(merged));
  staging.addFile(to, { ...there, size: bytes.length, read: async () => bytes });
}

/** A file's documents folded into one map. */
async function documentsOf(file: TreeFile): Promise<Record<string, unknown>> {
  const text = Buffer.from(await file.read()).toString("utf8");
  try {
    let folded: Record<string, unknown> = {};
    for (const { value } of parseYamlDocuments(text, { dialect: "helm", file: file.path })) {
      if (value === null || value === undefined) continue;
      if (typeof value !== "object" || Array.isArray(value)) {
        throw new BuildFailed(`cannot unmarshal YAML document: '${file.path}' is not a map`);
      }
      folded = mergeValues(folded, value as Record<string, unknown>);
    }
    return folded;
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new BuildFailed(`cannot unmarshal YAML document: ${error.message}`, { cause: error });
  }
}

async function extractInto(archive: TreeFile, to: string, { staging, options }: Source): Promise<void> {
  if (to !== "") staging.addDirectory(to);
  for (const entry of await options.unpack(archive)) {
    const path = to === "" ? entry.path : `${to}/${entry.path}`;
    if (entry.kind === "directory") staging.addDirectory(path);
    else staging.addFile(path, entry);
  }
}

function isTarball(path: string): boolean {
  return /\.(tar\.gz|tgz)$/i.test(path);
}
