import { type KubeObject, parseYamlDocuments, YamlError } from "@capstan/kube";
import type { RepositoryTree } from "./repository-tree.js";
import { directoryOf, treePath } from "./tree-path.js";

const MAX_BYTES = 32 * 1024 * 1024;
const BUILD_FILES = new Set(["kustomization.yaml", "kustomization.yml", "Kustomization"]);

/** An object as a file of the repository says it, before any build. */
export interface RawObject {
  readonly object: KubeObject;
  readonly file: string;
  readonly line: number;
}

/** A kustomize build file. */
export interface BuildFile {
  readonly file: string;
  readonly component: boolean;
  /** Directories and files that it takes in. */
  readonly references: readonly string[];
}

/** What a look through all files of a repository finds. */
export interface Scan {
  /** `kustomize.toolkit.fluxcd.io` Kustomizations. */
  readonly kustomizations: readonly RawObject[];
  /** Sources that Kustomizations may name: GitRepositories, OCIRepositories, Buckets, ExternalArtifacts. */
  readonly sources: readonly RawObject[];
  /** Directories that a FluxInstance synchronises. */
  readonly synced: readonly string[];
  /** Build files by their directory. */
  readonly buildFiles: ReadonlyMap<string, BuildFile>;
  /** Admission policies and their bindings. */
  readonly policies: readonly RawObject[];
  /** The definition of a kind anywhere in the repository, whether or not something applies it. */
  definitionOf(group: string, kind: string): KubeObject | undefined;
}

/** Looks through every YAML file of a repository. Files that are no YAML (templates) are passed over. */
export function scanRepository(tree: RepositoryTree): Scan {
  const kustomizations: RawObject[] = [];
  const sources: RawObject[] = [];
  const policies: RawObject[] = [];
  const synced: string[] = [];
  const definitions: string[] = [];
  const buildFiles = new Map<string, BuildFile>();
  for (const file of tree.files) {
    const name = file.slice(file.lastIndexOf("/") + 1);
    if (!BUILD_FILES.has(name) && !/\.ya?ml$/.test(name)) continue;
    if ((tree.stat(file)?.size ?? MAX_BYTES + 1) > MAX_BYTES) continue;
    const content = Buffer.from(tree.readFile(file));
    if (BUILD_FILES.has(name)) addBuildFile(buildFiles, file, content);
    if (content.includes("kind: CustomResourceDefinition")) definitions.push(file);
    if (isHidden(file)) continue;
    if (content.includes("kustomize.toolkit.fluxcd.io/")) {
      kustomizations.push(
        ...objectsIn(file, content).filter(isKind("kustomize.toolkit.fluxcd.io", "Kustomization")),
      );
    }
    if (content.includes("source.toolkit.fluxcd.io/")) {
      sources.push(...objectsIn(file, content).filter(isSource));
    }
    if (content.includes("kind: FluxInstance")) {
      const instances = objectsIn(file, content).filter(isKind("fluxcd.controlplane.io", "FluxInstance"));
      synced.push(...instances.flatMap(({ object }) => syncedBy(object)));
    }
    if (content.includes("kind: ValidatingAdmissionPolicy")) {
      policies.push(...objectsIn(file, content).filter(({ object }) => isPolicy(object)));
    }
  }
  return {
    kustomizations,
    sources,
    synced,
    buildFiles,
    policies,
    definitionOf: definitionIndex(tree, definitions),
  };
}

/** Hidden directories (`.github`, `.archive`) are read where something refers to them, and start nothing. */
function isHidden(file: string): boolean {
  return file.includes("/.");
}

/** Whether an object is a ValidatingAdmissionPolicy or a binding of one. */
export function isPolicy(object: KubeObject): boolean {
  return (
    object.apiVersion.startsWith("admissionregistration.k8s.io/") &&
    object.kind.startsWith("ValidatingAdmissionPolicy")
  );
}

function isSource({ object }: RawObject): boolean {
  return object.apiVersion.startsWith("source.toolkit.fluxcd.io/") && object.kind !== "HelmRepository";
}

function isKind(group: string, kind: string): (raw: RawObject) => boolean {
  return ({ object }) => object.kind === kind && object.apiVersion.startsWith(`${group}/`);
}

function addBuildFile(found: Map<string, BuildFile>, file: string, content: Buffer): void {
  const directory = directoryOf(file);
  const [first] = valuesIn(file, content);
  if (!isFields(first?.value)) return;
  const value = first.value;
  const references = ["resources", "bases", "components", "generators", "transformers", "crds"]
    .flatMap((field) => (Array.isArray(value[field]) ? value[field] : []))
    .filter((entry): entry is string => typeof entry === "string" && !entry.includes("\n"))
    .map((entry) => treePath(entry, directory));
  found.set(directory, { file, component: value["kind"] === "Component", references });
}

function valuesIn(file: string, content: Uint8Array) {
  try {
    return parseYamlDocuments(new TextDecoder().decode(content), { file });
  } catch (error) {
    // Templates and drafts are no YAML; where a build takes the file in, the build says so.
    if (error instanceof YamlError) return [];
    throw error;
  }
}

function objectsIn(file: string, content: Uint8Array): readonly RawObject[] {
  return valuesIn(file, content).flatMap(({ value, line }) =>
    isKubeObject(value) ? [{ object: value, file, line }] : [],
  );
}

function syncedBy(instance: KubeObject): readonly string[] {
  const spec = instance["spec"];
  const sync = isFields(spec) ? spec["sync"] : undefined;
  const path = isFields(sync) ? sync["path"] : undefined;
  return typeof path === "string" ? [treePath(path)] : [];
}

function definitionIndex(tree: RepositoryTree, files: readonly string[]): Scan["definitionOf"] {
  let index: Map<string, KubeObject> | undefined;
  return (group, kind) => {
    index ??= new Map(
      files
        .flatMap((file) => objectsIn(file, tree.readFile(file)))
        .filter(isKind("apiextensions.k8s.io", "CustomResourceDefinition"))
        .map(({ object }) => [definedKind(object), object]),
    );
    return index.get(`${group}/${kind}`);
  };
}

/** `group/Kind` that a definition defines. */
export function definedKind(definition: KubeObject): string {
  const spec = definition["spec"];
  if (!isFields(spec)) return "";
  const names = spec["names"];
  return `${String(spec["group"])}/${isFields(names) ? String(names["kind"]) : ""}`;
}

export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value has what every object has: a kind and a name. */
export function isKubeObject(value: unknown): value is KubeObject {
  return (
    isFields(value) &&
    typeof value["apiVersion"] === "string" &&
    typeof value["kind"] === "string" &&
    isFields(value["metadata"]) &&
    typeof value["metadata"]["name"] === "string"
  );
}
