import type { Client } from "@capstan/controller";
import { ApiError, formatApiVersion, type KubeObject, type TypeMeta } from "@capstan/kube";
import { formatObjectId, idOf } from "../plan/object-id.js";
import type { Doomed } from "../plan/prune.js";

const PAGE = 100;
/** What every namespace gets by itself, and what holds nothing. */
const IGNORED_KINDS = new Set(["Event", "Lease", "EndpointSlice", "Endpoints", "PodMetrics"]);

/**
 * The doomed namespaces, definitions and volume claims that hold something besides what is doomed with
 * them, by inventory id. Only asked when such an object is about to be deleted.
 */
export async function holdingContainers(
  doomed: readonly Doomed[],
  client: Client,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const ids = new Set(doomed.map((object) => object.id));
  const holding = new Set<string>();
  for (const object of doomed) if (await holds(object, ids, client, signal)) holding.add(object.id);
  return holding;
}

async function holds(
  object: Doomed,
  doomed: ReadonlySet<string>,
  client: Client,
  signal: AbortSignal,
): Promise<boolean> {
  switch (`${object.group}/${object.kind}`) {
    case "/Namespace":
      return namespaceHolds(object.name, doomed, client, signal);
    case "apiextensions.k8s.io/CustomResourceDefinition":
      return definitionHolds(object, doomed, client, signal);
    case "/PersistentVolumeClaim":
      return claimHolds(object, client, signal);
    default:
      return false;
  }
}

async function namespaceHolds(
  name: string,
  doomed: ReadonlySet<string>,
  client: Client,
  signal: AbortSignal,
): Promise<boolean> {
  for (const info of await client.resources({ signal })) {
    if (!info.namespaced || !info.verbs.includes("list") || IGNORED_KINDS.has(info.kind)) continue;
    const type = { apiVersion: formatApiVersion(info.group, info.version), kind: info.kind };
    if (await anyBesides(type, name, doomed, client, signal)) return true;
  }
  return false;
}

async function definitionHolds(
  object: Doomed,
  doomed: ReadonlySet<string>,
  client: Client,
  signal: AbortSignal,
): Promise<boolean> {
  const definition = await client.tryGet(
    { apiVersion: object.apiVersion, kind: object.kind, name: object.name },
    { signal },
  );
  const spec = fieldsOf(definition?.["spec"]);
  const version = (Array.isArray(spec["versions"]) ? spec["versions"] : [])
    .map(fieldsOf)
    .find((one) => one["served"] === true);
  const kind = fieldsOf(spec["names"])["kind"];
  if (version === undefined || typeof kind !== "string") return false;
  const type = { apiVersion: `${String(spec["group"])}/${String(version["name"])}`, kind };
  return anyBesides(type, undefined, doomed, client, signal);
}

async function claimHolds(object: Doomed, client: Client, signal: AbortSignal): Promise<boolean> {
  const ref = {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    namespace: object.namespace,
    name: object.name,
  };
  const claim = await client.tryGet(ref, { signal });
  return fieldsOf(claim?.["status"])["phase"] === "Bound";
}

async function anyBesides(
  type: TypeMeta,
  namespace: string | undefined,
  doomed: ReadonlySet<string>,
  client: Client,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const selection = {
      limit: PAGE,
      metadataOnly: true,
      signal,
      ...(namespace === undefined ? {} : { namespace }),
    };
    for await (const object of client.listAll(type, selection)) {
      if (!isAutomatic(object) && !doomed.has(formatObjectId(idOf(object)))) return true;
    }
    return false;
  } catch (error) {
    signal.throwIfAborted();
    if (ApiError.is(error, "NotFound", "MethodNotAllowed")) return false;
    throw error;
  }
}

/** Made by the cluster itself, or going with what made it. */
function isAutomatic(object: KubeObject): boolean {
  const { name, ownerReferences } = object.metadata;
  if ((ownerReferences ?? []).length > 0) return true;
  return (
    (object.kind === "ConfigMap" && name === "kube-root-ca.crt") ||
    (object.kind === "ServiceAccount" && name === "default")
  );
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
