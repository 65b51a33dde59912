import { createReadStream } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ArtifactError,
  composeTree,
  DEFAULT_TREE_LIMITS,
  readDirectoryTree,
  type TreeEntry,
  type TreeFile,
  unpackTarball,
} from "@capstan/artifacts";
import { type FileTree, memoryTree } from "@capstan/kustomize";
import { type ArtifactGeneratorObject, GeneratorError, generateArtifact } from "@capstan/sources";
import { isFields } from "./scan.js";
import type { SourceTree } from "./sources.js";

/**
 * The files of the artifact that an ArtifactGenerator makes under a name, or why it cannot; undefined where it makes
 * none of that name.
 */
export async function generatedTree(
  spec: unknown,
  name: string,
  sources: ReadonlyMap<string, SourceTree>,
  signal: AbortSignal,
): Promise<SourceTree | undefined> {
  if (!isGeneratorSpec(spec)) return undefined;
  const trees = new Map<string, readonly TreeEntry[]>();
  const origins = new Map<TreeFile["read"], string>();
  for (const [alias, source] of sources) {
    if (!("tree" in source)) return makes(spec, name) ? source : undefined;
    trees.set(alias, entriesOf(source, origins));
  }
  const unpack = (archive: TreeFile) => unpacked(archive, signal);
  try {
    const options = { sources: trees, limits: DEFAULT_TREE_LIMITS, unpack };
    const entries = await generateArtifact(spec, name, options);
    return entries === undefined ? undefined : await treeOf(entries, origins);
  } catch (error) {
    if (!(error instanceof GeneratorError) && !ArtifactError.is(error)) throw error;
    return { failure: `ExternalArtifact ${name} cannot be generated: ${error.message}` };
  }
}

/** Whether a generator is complete enough to be carried out; the API says what is missing where it is not. */
function isGeneratorSpec(spec: unknown): spec is ArtifactGeneratorObject["spec"] {
  if (!isFields(spec) || !Array.isArray(spec["artifacts"]) || !Array.isArray(spec["sources"])) return false;
  return spec["artifacts"].every(
    (artifact) =>
      isFields(artifact) &&
      typeof artifact["name"] === "string" &&
      Array.isArray(artifact["copy"]) &&
      artifact["copy"].every(
        (copy) => isFields(copy) && typeof copy["from"] === "string" && typeof copy["to"] === "string",
      ),
  );
}

/** Whether the name could be one of its artifacts'; with a path pattern that depends on files that are not there. */
function makes({ artifacts, pathPattern = "" }: ArtifactGeneratorObject["spec"], name: string): boolean {
  return pathPattern !== "" || artifacts.some((artifact) => artifact.name === name);
}

function entriesOf(
  { tree, repositoryPath }: Extract<SourceTree, { tree: FileTree }>,
  origins: Map<TreeFile["read"], string>,
): readonly TreeEntry[] {
  const files = [...filesUnder(tree, "")].map((path): TreeFile => {
    const read = async () => tree.readFile(`/${path}`);
    origins.set(read, repositoryPath(`/${path}`));
    return { kind: "file", path, executable: false, size: tree.stat(`/${path}`)?.size ?? 0, read };
  });
  return composeTree([files], DEFAULT_TREE_LIMITS);
}

function* filesUnder(tree: FileTree, directory: string): Iterable<string> {
  for (const name of tree.readDir(`/${directory}`)) {
    const path = directory === "" ? name : `${directory}/${name}`;
    const stat = tree.stat(`/${path}`);
    // A link to a directory could lead back to where we are.
    if (stat?.kind === "directory" && stat.path === `/${path}`) yield* filesUnder(tree, path);
    else if (stat?.kind === "file") yield path;
  }
}

async function treeOf(
  entries: readonly TreeEntry[],
  origins: ReadonlyMap<TreeFile["read"], string>,
): Promise<SourceTree> {
  const files = new Map<string, Uint8Array>();
  const places = new Map<string, string>();
  for (const entry of entries) {
    if (entry.kind !== "file") continue;
    files.set(entry.path, await entry.read());
    const origin = origins.get(entry.read);
    if (origin !== undefined) places.set(`/${entry.path}`, origin);
  }
  return {
    tree: memoryTree(Object.fromEntries(files)),
    repositoryPath: (path) => places.get(path) ?? path,
  };
}

/** The files of an archive, read whole: the directory that they are unpacked into does not stay. */
async function unpacked(archive: TreeFile, signal: AbortSignal): Promise<readonly TreeEntry[]> {
  const directory = await mkdtemp(join(tmpdir(), "capstan-archive-"));
  try {
    const file = join(directory, "archive.tar.gz");
    await writeFile(file, await archive.read(), { mode: 0o600 });
    const target = join(directory, "content");
    await unpackTarball(createReadStream(file), target, { limits: DEFAULT_TREE_LIMITS, signal });
    const entries = await readDirectoryTree(target, DEFAULT_TREE_LIMITS);
    const read: TreeEntry[] = [];
    for (const entry of entries) {
      const bytes = entry.kind === "file" ? await entry.read() : undefined;
      read.push(bytes === undefined ? entry : ({ ...entry, read: async () => bytes } as TreeEntry));
    }
    return read;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
