import { type Hook, type Manifest, sortManifests } from "@capstan/helm";
import { type KubeObject, parseYamlDocuments, stringifyYaml, YamlError } from "@capstan/kube";
import { build, KustomizeError, memoryTree, printYaml, type YamlValue } from "@capstan/kustomize";
import { ChartProblem, type PostRendering } from "./chart-request.js";

export interface Rendering {
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Hook[];
}

type Document = Pick<Manifest, "path" | "text">;

/** What goes through the renderers together, as messages name it. */
interface Stream {
  readonly name: "files" | "hooks" | "manifests";
  readonly documents: readonly Document[];
}

/** Remembers through a kustomization which template a document comes from. */
const FILE_ANNOTATION = "postrenderer.helm.sh/postrender-filename";

/**
 * What a chart rendered, after the post-renderers: in one stream with its hooks (`combined`), in two
 * (`separate`), or without them (`nohooks`). Throws `ChartProblem`.
 */
export async function postRender(rendering: Rendering, post: PostRendering): Promise<Rendering> {
  const { hooks, manifests } = rendering;
  const streams: readonly Stream[] =
    post.strategy === "combined"
      ? [{ name: "files", documents: [...hooks, ...manifests] }]
      : [
          { name: "hooks", documents: hooks },
          { name: "manifests", documents: manifests },
        ];
  const files = new Map<string, string>();
  for (const stream of streams) {
    const untouched = post.strategy === "nohooks" && stream.name === "hooks";
    const changed = untouched
      ? byFile(stream.documents, "\n---\n")
      : byFile(await runRenderers(stream, post), "---\n");
    for (const [path, text] of changed) {
      const known = files.get(path);
      files.set(path, known === undefined ? text : `${known}\n---\n${text}`);
    }
  }
  return sortManifests(files);
}

function byFile(documents: readonly Document[], separator: string): ReadonlyMap<string, string> {
  const files = new Map<string, string[]>();
  for (const { path, text } of documents) files.set(path, [...(files.get(path) ?? []), text]);
  return new Map([...files].map(([path, texts]) => [path, texts.join(separator)]));
}

async function runRenderers(stream: Stream, post: PostRendering): Promise<readonly Document[]> {
  if (stream.documents.length === 0) return [];
  let objects = stream.documents.flatMap((document) => objectsOf(document, stream));
  requireDistinct(objects, stream);
  for (const { kustomize } of post.renderers) {
    if (kustomize !== undefined) objects = await runKustomize(objects, kustomize, stream);
  }
  return objects.map((object) => {
    const labelled = withMetadata(
      withMetadata(object, post.common?.labels ?? {}, post.common?.annotations ?? {}),
      post.labels,
      {},
    );
    const { path, object: bare } = withoutFile(labelled);
    // What was read from YAML, and strings.
    return { path, text: printYaml(bare as unknown as YamlValue, { fold: false }) };
  });
}

function objectsOf({ path, text }: Document, stream: Stream): KubeObject[] {
  try {
    const documents = parseYamlDocuments(text, { dialect: "kustomize", file: path });
    return documents
      .map(({ value }) => value)
      .flatMap(flattened)
      .map((value) => withMetadata(identified(value, path, stream), {}, { [FILE_ANNOTATION]: path }));
  } catch (error) {
    if (error instanceof YamlError)
      throw failed(
        `error merging ${stream.name === "files" ? "manifests" : stream.name}: parsing ${path}: ${error.message}`,
      );
    throw error;
  }
}

/** Lists become what is in them; documents of comments alone become nothing. */
function flattened(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (!isFields(value)) return [value];
  const { kind, items } = value;
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items)
    ? items.flatMap(flattened)
    : [value];
}

function identified(value: unknown, path: string, stream: Stream): KubeObject {
  if (isFields(value) && typeof value["kind"] === "string" && isFields(value["metadata"])) {
    const { name, generateName } = value["metadata"];
    // Checked above; what else an object has does not matter here.
    if (typeof name === "string" || typeof generateName === "string") return value as unknown as KubeObject;
  }
  throw renderFailed(stream, `missing metadata.name in object of ${path}`);
}

/** Kustomize takes no object twice, though a hook and a template may be of one name. */
function requireDistinct(objects: readonly KubeObject[], stream: Stream): void {
  const seen = new Set<string>();
  for (const { apiVersion = "", kind, metadata } of objects) {
    const [version = "", group = ""] = apiVersion.split("/").reverse();
    const type = `${kind}.${version}.${group === "" ? "[noGrp]" : group}`;
    const id = `${type}/${metadata.name}.${metadata.namespace ?? "[noNs]"}`;
    if (metadata.name !== undefined && seen.has(id)) {
      throw renderFailed(stream, `may not add resource with an already registered id: ${id}`);
    }
    seen.add(id);
  }
}

async function runKustomize(
  objects: readonly KubeObject[],
  { patches, images }: NonNullable<PostRendering["renderers"][number]["kustomize"]>,
  stream: Stream,
): Promise<KubeObject[]> {
  const kustomization = {
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    kind: "Kustomization",
    resources: ["helm-output.yaml"],
    ...(patches === undefined ? {} : { patches }),
    ...(images === undefined ? {} : { images }),
  };
  const tree = memoryTree({
    "/kustomization.yaml": stringifyYaml(kustomization),
    "/helm-output.yaml": objects.map((object) => stringifyYaml(object)).join("---\n"),
  });
  try {
    const { resources } = await build(tree, "/", { loadRestrictor: "none", reorder: "none" });
    return resources.map((resource) => resource.object);
  } catch (error) {
    if (!(error instanceof KustomizeError)) throw error;
    throw renderFailed(stream, error.message);
  }
}

function withMetadata(
  object: KubeObject,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
): KubeObject {
  const { metadata } = object;
  const added = (known: unknown, more: Readonly<Record<string, string>>) =>
    Object.keys(more).length === 0 ? known : { ...(isFields(known) ? known : {}), ...more };
  return {
    ...object,
    metadata: {
      ...metadata,
      ...definedOnly({
        labels: added(metadata.labels, labels),
        annotations: added(metadata.annotations, annotations),
      }),
    } as KubeObject["metadata"],
  };
}

function definedOnly(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function withoutFile(object: KubeObject): { path: string; object: KubeObject } {
  const { annotations = {}, ...metadata } = object.metadata;
  const { [FILE_ANNOTATION]: path = "generated-by-postrender-0.yaml", ...kept } = annotations;
  const bare = Object.keys(kept).length === 0 ? metadata : { ...metadata, annotations: kept };
  return { path, object: { ...object, metadata: bare } };
}

function renderFailed(stream: Stream, message: string): ChartProblem {
  return failed(`error while running post render on ${stream.name}: ${message}`);
}

function failed(message: string): ChartProblem {
  return new ChartProblem("render", message);
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
