import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type Artifact,
  ArtifactError,
  type ArtifactReader,
  composeTree,
  DEFAULT_TREE_LIMITS,
  ignoreRules,
  readDirectoryTree,
  type TreeEntry,
  type TreeFile,
  type TreeLimits,
  unpackTarball,
} from "@capstan/artifacts";
import type { RunContext } from "@capstan/controller";
import type { ArtifactGeneratorObject } from "../api/artifact-generator.js";
import type { SourceDependencies } from "../source/reconcile.js";
import { BuildFailed } from "./build-failed.js";
import { compose } from "./compose.js";
import { ownerOf } from "./external-artifacts.js";
import { type ObservedSources, originRevisionOf } from "./observe.js";
import type { ArtifactRequest } from "./path-pattern.js";

export interface GeneratorDependencies extends SourceDependencies {
  readonly reader: ArtifactReader;
  /** Whether sources of other namespaces are refused. */
  readonly noCrossNamespaceRefs: boolean;
}

/** The trees of the sources, open until `close`. */
export interface OpenSources {
  readonly trees: ReadonlyMap<string, readonly TreeEntry[]>;
  close(): void;
}

/** Fetches and unpacks what the sources offer. Throws `ArtifactError`. */
export async function openSources(
  sources: ObservedSources,
  { reader, limits = DEFAULT_TREE_LIMITS }: GeneratorDependencies,
  signal: AbortSignal,
): Promise<OpenSources> {
  const trees = new Map<string, readonly TreeEntry[]>();
  const opened: { close(): void }[] = [];
  const close = () => {
    for (const one of opened) one.close();
  };
  try {
    for (const [alias, artifact] of sources) {
      const open = await reader.open(artifact, signal);
      opened.push(open);
      trees.set(alias, await readDirectoryTree(open.directory, limits));
    }
    return { trees, close };
  } catch (error) {
    close();
    throw error;
  }
}

/** Puts one artifact together and stores it. Throws `BuildFailed`, `ArtifactError`. */
export async function buildArtifact(
  generator: ArtifactGeneratorObject,
  { output }: ArtifactRequest,
  observed: ObservedSources,
  trees: OpenSources["trees"],
  dependencies: GeneratorDependencies,
  context: RunContext,
): Promise<Artifact> {
  const { storage, limits = DEFAULT_TREE_LIMITS } = dependencies;
  const { namespace = "default" } = generator.metadata;
  return storage.withWorkDirectory(async (directory) => {
    const unpack = (archive: TreeFile) => unpackInto(archive, directory, limits, context.signal);
    const composed = await compose(output.copy, { sources: trees, limits, unpack });
    const tree = composeTree([composed], limits);
    const draft = {
      owner: ownerOf(namespace, output.name),
      file: `${await contentHash(tree)}.tar.gz`,
      // The revision is known with the digest; what is stored does not depend on it.
      revision: "",
      ...metadataOf(output.originRevision, observed),
    };
    const stored = await storage.putTree(draft, tree, { ignore: ignoreRules([]), signal: context.signal });
    const named = output.revision === undefined ? undefined : observed.get(output.revision.slice(1));
    return { ...stored, revision: named?.revision ?? `latest@${stored.digest}` };
  });
}

function metadataOf(alias: string | undefined, observed: ObservedSources) {
  const source = alias === undefined ? undefined : observed.get(alias.slice(1));
  if (source === undefined) return {};
  return { metadata: { "org.opencontainers.image.revision": originRevisionOf(source) } };
}

/** The same for the same paths and contents, whatever the sources were. */
async function contentHash(tree: readonly TreeEntry[]): Promise<string> {
  const whole = createHash("sha256");
  for (const entry of tree) {
    if (entry.kind !== "file") continue;
    const content = createHash("sha256")
      .update(await entry.read())
      .digest("hex");
    whole.update(`${content} ${entry.executable ? "x" : "-"} ${entry.path}\n`);
  }
  return whole.digest("hex");
}

async function unpackInto(
  archive: TreeFile,
  directory: string,
  limits: TreeLimits,
  signal: AbortSignal,
): Promise<readonly TreeEntry[]> {
  const target = await mkdtemp(join(directory, "archive-"));
  const file = `${target}.tar.gz`;
  await writeFile(file, await archive.read(), { mode: 0o600 });
  try {
    await unpackTarball(createReadStream(file), target, { limits, signal });
    return await readDirectoryTree(target, limits);
  } catch (error) {
    if (!ArtifactError.is(error, "corrupt", "unsafe-path", "too-large")) throw error;
    throw new BuildFailed(`failed to extract tarball '${archive.path}': ${error.message}`, { cause: error });
  }
}
