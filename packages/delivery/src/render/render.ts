import type { KubeObject } from "@capstan/kube";
import { diskTree, type FileTree, KustomizeError, type RemotePort } from "@capstan/kustomize";
import type { KeyRing } from "@capstan/sops";
import { decryptObject, ObjectDecryptionError } from "../decrypt/decrypt-object.js";
import { decryptSources } from "../decrypt/decrypt-sources.js";
import type { DecryptionMaterial } from "../decrypt/material.js";
import { openKeys } from "../decrypt/open-keys.js";
import { type KeyNeed, KeyWanted, type RemoteKeys } from "../decrypt/remote-keys.js";
import { type BuildSpec, buildFile } from "./build-file.js";
import { RenderError, type Rendered } from "./desired-object.js";
import { type BuiltObject, type FinishOptions, finishObjects } from "./finish.js";
import { overlayTree } from "./overlay-tree.js";
import { type RemoteContents, type RemoteNeed, RemotesNeeded, remotePort } from "./remote-contents.js";
import { joinPath } from "./tree-path.js";

/** Everything that a render depends on, as plain data that can be sent to a worker. */
export interface RenderRequest {
  /** Directory of the unpacked artifact. */
  readonly directory: string;
  /** `spec.path`; the build may read all of the artifact, and nothing outside. */
  readonly path: string | undefined;
  readonly spec: BuildSpec;
  readonly finish: FinishOptions;
  /** Keys to decrypt with; left out: nothing is decrypted. */
  readonly decryption?: DecryptionMaterial;
  /** What services answered for data keys; left out: files that need one are refused. */
  readonly remoteKeys?: RemoteKeys;
  /** What was fetched of remote bases; left out: they are refused. */
  readonly remote?: RemoteContents;
}

/** Turns a directory with a build file into objects. */
export type Build = (
  tree: FileTree,
  directory: string,
  remote?: RemotePort,
) => Promise<readonly BuiltObject[]>;

/** Renders in this thread, from the tree that `open` makes of the request's directory. Throws `RenderError`. */
export async function render(
  request: RenderRequest,
  build: Build,
  open: (directory: string) => FileTree = diskTree,
): Promise<Rendered> {
  const tree = open(request.directory);
  const directory = joinPath("/", request.path ?? "");
  if (stat(tree, directory)?.kind !== "directory") {
    throw new RenderError(
      "ArtifactFailed",
      `kustomization path not found: stat ${request.path ?? "./"}: no such file or directory`,
    );
  }
  try {
    const { path, content } = buildFile(tree, directory, request.spec);
    const prepared = content === undefined ? tree : overlayTree(tree, new Map([[path, content]]));
    return finishObjects(await buildInClear(request, prepared, directory, build), request.finish);
  } catch (error) {
    if (error instanceof KustomizeError) throw failedBuild(error, request.directory);
    throw error;
  }
}

/** Objects as the build makes them of decrypted files, decrypted themselves. */
async function buildInClear(
  { decryption, remote, remoteKeys }: RenderRequest,
  tree: FileTree,
  directory: string,
  build: Build,
): Promise<readonly BuiltObject[]> {
  const needs = new Map<string, KeyNeed>();
  const keys = decryption === undefined ? undefined : await openKeys(decryption, remoteKeys, needs);
  const clear = keys === undefined ? tree : overlayTree(tree, await decryptSources(tree, directory, keys));
  failIfNeeded(needs);
  const built = await withRemotes(remote, (port) => build(clear, directory, port));
  for (const { object, origin } of built) requireIdentity(object, origin);
  const decrypted = keys === undefined ? built : await decryptObjects(built, keys);
  failIfNeeded(needs);
  return decrypted;
}

function failIfNeeded(needs: ReadonlyMap<string, KeyNeed>): void {
  if (needs.size > 0) throw new RemotesNeeded([...needs.values()]);
}

/** Builds with what was fetched; throws `RemotesNeeded` where that was not all, however the build ended. */
async function withRemotes<T>(
  contents: RemoteContents | undefined,
  build: (port: RemotePort | undefined) => Promise<T>,
): Promise<T> {
  if (contents === undefined) return build(undefined);
  const needs = new Map<string, RemoteNeed>();
  try {
    return await build(remotePort(contents, needs));
  } finally {
    // biome-ignore lint/correctness/noUnsafeFinally: an unfinished build's outcome does not count
    if (needs.size > 0) throw new RemotesNeeded([...needs.values()]);
  }
}

async function decryptObjects(built: readonly BuiltObject[], keys: KeyRing): Promise<readonly BuiltObject[]> {
  const decrypted: BuiltObject[] = [];
  const problems: string[] = [];
  for (const one of built) {
    try {
      decrypted.push({ ...one, object: await decryptObject(one.object, keys) });
    } catch (error) {
      if (error instanceof KeyWanted) continue;
      if (!(error instanceof ObjectDecryptionError)) throw error;
      const { origin } = one;
      const place = origin === undefined ? "" : `${placeOf(origin.file, origin.line)}: `;
      problems.push(place + error.message);
    }
  }
  if (problems.length > 0) throw new RenderError("BuildFailed", problems.join("\n"));
  return decrypted;
}

function stat(tree: FileTree, directory: string) {
  try {
    return tree.stat(directory);
  } catch (error) {
    throw new RenderError("ArtifactFailed", error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

function failedBuild(error: KustomizeError, root: string): RenderError {
  // Of a tree that is the machine's own, paths are those of the machine.
  const lead = root === "/" ? "/" : "";
  const at = (file: string, line: number | undefined) => lead + placeOf(file, line);
  const errors = error.errors.length > 0 ? error.errors : [error];
  const lines = errors.map((one) => {
    const rival =
      one.rival === undefined ? "" : ` (the first one is at ${at(one.rival.file, one.rival.line)})`;
    if (one.file === undefined) return one.message + rival;
    const place = `${at(one.file, one.line)}: `;
    return (one.message.startsWith(place) ? one.message : place + one.message) + rival;
  });
  return new RenderError("BuildFailed", `kustomize build failed: ${lines.join("\n")}`, { cause: error });
}

/** A place as people know it from their repository. */
function placeOf(file: string, line: number | undefined): string {
  const path = file.replace(/^\/+/, "");
  return line === undefined ? path : `${path}:${line}`;
}

function requireIdentity(object: KubeObject, origin: BuiltObject["origin"]): void {
  const { apiVersion, kind, metadata } = object;
  if (apiVersion && kind && metadata?.name) return;
  const place = origin === undefined ? "" : `${placeOf(origin.file, origin.line)}: `;
  const what = `${kind ?? "an object"} ${metadata?.name ?? ""}`.trim();
  throw new RenderError(
    "BuildFailed",
    `${place}failed to decode Kubernetes apiVersion, kind and name from: ${what}`,
  );
}
