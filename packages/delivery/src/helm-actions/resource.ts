import type { Client, ResourceInfo } from "@capstan/controller";
import { splitDocuments } from "@capstan/helm";
import { type KubeObject, parseApiVersion, parseYamlDocuments, YamlError } from "@capstan/kube";

/** An object of a release, in the namespace that it goes to. */
export interface ReleaseObject {
  readonly object: KubeObject;
  readonly namespaced: boolean;
}

/** A manifest that does not make objects; the message is Helm's. */
export class ManifestError extends Error {
  override readonly name = "ManifestError";
}

/**
 * The objects of a manifest. Those of kinds with a namespace get the release's where they have none.
 * Throws `ManifestError` for what is no object, or of a kind that is not served.
 */
export async function buildObjects(
  manifest: string,
  namespace: string,
  client: Client,
  signal: AbortSignal,
): Promise<readonly ReleaseObject[]> {
  const built: ReleaseObject[] = [];
  const missing: string[] = [];
  for (const object of parseObjects(manifest)) {
    const { apiVersion, kind, metadata } = object;
    const info = await client.resourceFor({ apiVersion, kind }, { signal });
    if (info === undefined) missing.push(noMatch(object));
    else built.push(placed(object, info, namespace));
    if (metadata.name === undefined && metadata.generateName === undefined) {
      throw new ManifestError(`error validating data: ${kind} has neither name nor generateName`);
    }
  }
  if (missing.length > 0) throw new ManifestError(`${missing.join("\n")}\nensure CRDs are installed first`);
  return built;
}

/** Manifests parsed last: a run reads the same one several times, and others run meanwhile. */
const parsed = new Map<string, readonly KubeObject[]>();
const MAX_PARSED = 256;

/**
 * The objects that a manifest's documents hold, lists taken apart, nothing known of their kinds. They are
 * shared: never change them.
 */
export function parseObjects(manifest: string): readonly KubeObject[] {
  const known = parsed.get(manifest);
  if (known !== undefined) return known;
  const objects = readObjects(manifest);
  rememberObjects(manifest, objects);
  return objects;
}

/** Keeps what somebody else parsed: `parseObjects` will not do it again soon. */
export function rememberObjects(manifest: string, objects: readonly KubeObject[]): void {
  const [oldest] = parsed.keys();
  if (parsed.size >= MAX_PARSED && oldest !== undefined) parsed.delete(oldest);
  parsed.set(manifest, objects);
}

/** As `parseObjects`, for who keeps the objects. */
export function readObjects(manifest: string): readonly KubeObject[] {
  return splitDocuments(manifest).flatMap((text) => {
    try {
      return parseYamlDocuments(`${text}\n`, { dialect: "helm" }).flatMap(({ value }) => objectsIn(value));
    } catch (error) {
      if (!(error instanceof YamlError)) throw error;
      throw new ManifestError(`error parsing : ${error.message}`, { cause: error });
    }
  });
}

function objectsIn(value: unknown): readonly KubeObject[] {
  if (value === null || value === undefined) return [];
  if (!isFields(value)) throw new ManifestError("error parsing : the document is not an object");
  const { kind, apiVersion, items, metadata } = value;
  if (typeof kind !== "string" || kind === "") {
    throw new ManifestError("unable to decode \"\": Object 'Kind' is missing");
  }
  if (typeof apiVersion !== "string") {
    throw new ManifestError("unable to decode \"\": Object 'apiVersion' is missing");
  }
  if (kind.endsWith("List") && Array.isArray(items)) return items.flatMap(objectsIn);
  // Its type is checked above; an object without metadata has an empty one.
  return [{ ...value, metadata: isFields(metadata) ? metadata : {} } as unknown as KubeObject];
}

function placed(object: KubeObject, info: ResourceInfo, namespace: string): ReleaseObject {
  const { namespace: own, ...metadata } = object.metadata;
  if (!info.namespaced) return { object: { ...object, metadata }, namespaced: false };
  const wanted = own === undefined || own === "" ? namespace : own;
  return { object: { ...object, metadata: { ...metadata, namespace: wanted } }, namespaced: true };
}

function noMatch({ apiVersion, kind, metadata }: KubeObject): string {
  const { group, version } = parseApiVersion(apiVersion);
  return `resource mapping not found for name: "${metadata.name ?? ""}" namespace: "${metadata.namespace ?? ""}" from "": no matches for kind "${kind}" in version "${group === "" ? version : apiVersion}"`;
}

/** By which an object of one manifest is found in another. */
export function objectKey({ apiVersion, kind, metadata }: KubeObject): string {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ""}/${metadata.name}`;
}

/** `Kind "name" in namespace "ns"` */
export function describeObject({ kind, metadata }: KubeObject): string {
  return `${kind} "${metadata.name}" in namespace "${metadata.namespace ?? ""}"`;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
