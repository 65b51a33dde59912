import type { KubeObject } from "@capstan/kube";
import { diskTree, type FileTree, KustomizeError } from "@capstan/kustomize";
import { type BuildSpec, buildFile } from "./build-file.js";
import { RenderError, type Rendered } from "./desired-object.js";
import { type BuiltObject, type FinishOptions, finishObjects } from "./finish.js";
import { overlayTree } from "./overlay-tree.js";

/** Everything that a render depends on, as plain data that can be sent to a worker. */
export interface RenderRequest {
  /** Directory of the unpacked artifact. */
  readonly directory: string;
  /** `spec.path`; the build may read all of the artifact, and nothing outside. */
  readonly path: string | undefined;
  readonly spec: BuildSpec;
  readonly finish: FinishOptions;
}

/** Turns a directory with a build file into objects. */
export type Build = (tree: FileTree, directory: string) => Promise<readonly BuiltObject[]>;

/** Renders in this thread, from the tree that `open` makes of the request's directory. Throws `RenderError`. */
export async function render(
  request: RenderRequest,
  build: Build,
  open: (directory: string) => FileTree = diskTree,
): Promise<Rendered> {
  const tree = open(request.directory);
  const directory = resolve(request.path);
  if (stat(tree, directory)?.kind !== "directory") {
    throw new RenderError(
      "ArtifactFailed",
      `kustomization path not found: stat ${request.path ?? "./"}: no such file or directory`,
    );
  }
  try {
    const { path, content } = buildFile(tree, directory, request.spec);
    const built = await build(content === undefined ? tree : overlayTree(tree, path, content), directory);
    for (const { object, origin } of built) requireIdentity(object, origin);
    return finishObjects(built, request.finish);
  } catch (error) {
    if (error instanceof KustomizeError) throw failedBuild(error);
    throw error;
  }
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

/** `spec.path` as a path in the tree; `..` stops at its root. */
function resolve(path: string | undefined): string {
  const parts: string[] = [];
  for (const part of (path ?? "").split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return `/${parts.join("/")}`;
}

function failedBuild(error: KustomizeError): RenderError {
  const errors = error.errors.length > 0 ? error.errors : [error];
  const lines = errors.map((one) => {
    const rival =
      one.rival === undefined ? "" : ` (the first one is at ${placeOf(one.rival.file, one.rival.line)})`;
    if (one.file === undefined) return one.message + rival;
    const place = `${placeOf(one.file, one.line)}: `;
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
