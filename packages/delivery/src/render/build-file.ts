import { parseYaml, stringifyYaml } from "@capstan/kube";
import type { FileTree } from "@capstan/kustomize";
import type { KustomizationSpec } from "../kustomization/resource.js";
import { RenderError } from "./desired-object.js";

/** File names that kustomize knows, in its order. */
export const KUSTOMIZATION_FILES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const MAX_FILES = 100_000;

/** The parts of a spec that change how a directory is built. */
export type BuildSpec = Pick<
  KustomizationSpec,
  | "targetNamespace"
  | "namePrefix"
  | "nameSuffix"
  | "patches"
  | "images"
  | "components"
  | "ignoreMissingComponents"
  | "buildMetadata"
>;

type Fields = Record<string, unknown>;

/**
 * The build file of a directory: the one that is there, or one that lists every manifest under it,
 * with what the spec adds.
 *
 * @returns its path, and its content where that differs from what the tree holds
 */
export function buildFile(
  tree: FileTree,
  directory: string,
  spec: BuildSpec,
): { readonly path: string; readonly content?: Uint8Array } {
  const existing = KUSTOMIZATION_FILES.map((name) => join(directory, name)).find(
    (path) => tree.stat(path)?.kind === "file",
  );
  const path = existing ?? join(directory, "kustomization.yaml");
  const before = existing === undefined ? generated(tree, directory) : read(tree, existing);
  const after = withSpec(before, existing !== undefined, tree, directory, spec);
  if (existing !== undefined && after === before) return { path };
  return { path, content: new TextEncoder().encode(stringifyYaml(after)) };
}

function read(tree: FileTree, path: string): Fields {
  let parsed: unknown;
  try {
    parsed = parseYaml(new TextDecoder().decode(tree.readFile(path)), { file: path });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new RenderError("BuildFailed", `kustomize build failed: ${message}`, { cause: error });
  }
  if (parsed === null || parsed === undefined) return {};
  if (!isFields(parsed))
    throw new RenderError("BuildFailed", `kustomize build failed: ${path} is not a mapping`);
  return parsed;
}

function generated(tree: FileTree, directory: string): Fields {
  const resources = [...manifestsUnder(tree, directory)].map(
    (path) => `.${path.slice(directory === "/" ? 0 : directory.length)}`,
  );
  return {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    // A build file that says nothing is an error; this one builds nothing.
    ...(resources.length === 0 ? { namespace: "_placeholder" } : { resources }),
  };
}

/** Manifests in lexical order; a directory with a build file of its own stands for what is in it. */
function* manifestsUnder(tree: FileTree, directory: string, count = { files: 0 }): Iterable<string> {
  for (const name of tree.readDir(directory)) {
    const path = join(directory, name);
    const stat = tree.stat(path);
    count.files += 1;
    if (count.files > MAX_FILES)
      throw new RenderError("BuildFailed", `more than ${MAX_FILES} files under the path`);
    if (stat?.kind === "directory") {
      const own = KUSTOMIZATION_FILES.some((file) => tree.stat(join(path, file))?.kind === "file");
      // A link to a directory could lead back to where we are.
      if (own) yield path;
      else if (stat.path === path) yield* manifestsUnder(tree, path, count);
    } else if (stat !== undefined && /\.ya?ml$/.test(name)) yield path;
  }
}

function withSpec(
  before: Fields,
  existing: boolean,
  tree: FileTree,
  directory: string,
  spec: BuildSpec,
): Fields {
  const after: Fields = { ...before };
  if (existing && listOf(before["resources"]).length === 0) after["buildMetadata"] = ["originAnnotations"];
  if (spec.targetNamespace !== undefined) after["namespace"] = spec.targetNamespace;
  if (spec.namePrefix !== undefined) after["namePrefix"] = spec.namePrefix;
  if (spec.nameSuffix !== undefined) after["nameSuffix"] = spec.nameSuffix;
  if (spec.patches !== undefined && spec.patches.length > 0) {
    after["patches"] = [...listOf(before["patches"]), ...spec.patches];
  }
  const components = componentsOf(tree, directory, spec);
  if (components.length > 0) after["components"] = [...listOf(before["components"]), ...components];
  if (spec.images !== undefined && spec.images.length > 0) {
    after["images"] = mergeImages(listOf(before["images"]), spec.images);
  }
  if (spec.buildMetadata !== undefined && spec.buildMetadata.length > 0)
    after["buildMetadata"] = [...spec.buildMetadata];
  return Object.keys(after).some((field) => after[field] !== before[field]) ? after : before;
}

function componentsOf(tree: FileTree, directory: string, spec: BuildSpec): readonly string[] {
  const components = spec.components ?? [];
  for (const component of components) {
    if (!isLocalPath(component)) {
      throw new RenderError("BuildFailed", `component path '${component}' must be local and relative`);
    }
  }
  if (spec.ignoreMissingComponents !== true) return components;
  return components.filter((component) => tree.stat(join(directory, component)) !== undefined);
}

function isLocalPath(path: string): boolean {
  return (
    !path.startsWith("/") &&
    !path.includes("://") &&
    !/^[^/]*@[^/]*:/.test(path) &&
    !path.startsWith("github.com/")
  );
}

/** Fields are merged by image name; a tag and a digest replace each other. */
function mergeImages(
  existing: readonly unknown[],
  wanted: NonNullable<BuildSpec["images"]>,
): readonly unknown[] {
  const images = [...existing];
  for (const image of wanted) {
    const at = images.findIndex((candidate) => isFields(candidate) && candidate["name"] === image.name);
    const before = images[at];
    if (!isFields(before)) {
      images.push({ ...image });
      continue;
    }
    const { newTag, digest, ...rest } = before;
    const versioned = (image.newTag ?? "") !== "" || (image.digest ?? "") !== "";
    images[at] = {
      ...rest,
      ...(versioned
        ? { ...present("newTag", image.newTag), ...present("digest", image.digest) }
        : { ...present("newTag", newTag), ...present("digest", digest) }),
      ...present("newName", image.newName),
    };
  }
  return images;
}

function present(field: string, value: unknown): Fields {
  return value === undefined || value === "" ? {} : { [field]: value };
}

function join(directory: string, name: string): string {
  return directory === "/" ? `/${name}` : `${directory}/${name}`;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
