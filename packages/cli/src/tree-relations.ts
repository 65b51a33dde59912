import type { Client, ResourceInfo } from "@capstan/controller";
import { type InventoryEntry, parseObjectId } from "@capstan/delivery";
import { ApiError, formatApiVersion, type KubeObject, type ObjectRef } from "@capstan/kube";
import { field } from "./output/reconciled-columns.js";

/** Kinds that tell of the past, or of everything: a tree of what is there has no use for them. */
const LEFT_OUT = new Set(["Event", "ControllerRevision", "Lease"]);
const PARALLEL = 8;

/** What came of an object, as far as the API tells. */
export interface Related {
  readonly object: KubeObject;
  /** Undefined for an object that is listed and not there. */
  readonly found: boolean;
}

/**
 * Finds what came of objects: what an inventory lists, what is delivered from a source, what names an object
 * as its owner, in every kind that is served, and what is known to belong together without saying so.
 * Namespaces are listed once, when they are first needed.
 */
export class Relations {
  readonly #client: Client;
  readonly #signal: AbortSignal;
  readonly #scopes = new Map<string, Promise<readonly KubeObject[]>>();

  constructor(client: Client, signal: AbortSignal) {
    this.#client = client;
    this.#signal = signal;
  }

  /** Children in the order of the inventory, else of kind and name. */
  async childrenOf(object: KubeObject): Promise<readonly Related[]> {
    const listed = await this.#listed(object);
    const known = new Set(listed.map(({ object: each }) => each.metadata.uid));
    const scope = await this.#scope(object.metadata.namespace);
    const others = scope.filter(
      (each) =>
        !known.has(each.metadata.uid) &&
        (isOwned(each, object) || isDelivered(each, object) || belongs(each, object)),
    );
    return [...listed, ...others.sort(byKindAndName).map((each) => ({ object: each, found: true }))];
  }

  async #listed(object: KubeObject): Promise<readonly Related[]> {
    const entries = field(object, "status", "inventory", "entries");
    if (!Array.isArray(entries)) return [];
    const refs = (entries as readonly InventoryEntry[]).flatMap(refOf);
    return inTurns(refs, async (ref) => {
      const found = await this.#client.tryGet(ref, { signal: this.#signal });
      return found === undefined ? { object: absent(ref), found: false } : { object: found, found: true };
    });
  }

  #scope(namespace: string | undefined): Promise<readonly KubeObject[]> {
    const key = namespace ?? "";
    const known = this.#scopes.get(key) ?? this.#list(namespace);
    this.#scopes.set(key, known);
    return known;
  }

  async #list(namespace: string | undefined): Promise<readonly KubeObject[]> {
    const resources = await this.#client.resources({ signal: this.#signal });
    const wanted = preferred(resources).filter(
      ({ namespaced, verbs, kind }) =>
        namespaced === (namespace !== undefined) && verbs.includes("list") && !LEFT_OUT.has(kind),
    );
    const lists = await inTurns(wanted, (resource) => this.#listKind(resource, namespace));
    return lists.flat();
  }

  async #listKind(resource: ResourceInfo, namespace: string | undefined): Promise<readonly KubeObject[]> {
    const { group, version, kind } = resource;
    const type = { apiVersion: formatApiVersion(group, version), kind };
    const objects: KubeObject[] = [];
    try {
      const scope = namespace === undefined ? {} : { namespace };
      for await (const object of this.#client.listAll(type, { ...scope, signal: this.#signal })) {
        objects.push({ ...object, ...type });
      }
    } catch (error) {
      // What one may not see is no part of one's tree; an aggregated API may be away.
      if (ApiError.is(error, "Forbidden", "NotFound", "MethodNotAllowed", "ServiceUnavailable")) return [];
      throw error;
    }
    return objects;
  }
}

/** One version of each kind, the first that discovery lists; Endpoints and events have two groups. */
function preferred(resources: readonly ResourceInfo[]): readonly ResourceInfo[] {
  const seen = new Set<string>();
  return resources.filter(({ group, kind }) => {
    const key = `${group}/${kind}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

function refOf(entry: InventoryEntry): readonly ObjectRef[] {
  const id = parseObjectId(entry.id);
  if (id === undefined) return [];
  const { kind, name, namespace } = id;
  const apiVersion = formatApiVersion(id.group, entry.v);
  return [{ apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) }];
}

function absent({ apiVersion, kind, name, namespace }: ObjectRef): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } };
}

function isOwned(object: KubeObject, owner: KubeObject): boolean {
  // Replica sets that were scaled away tell only of the past.
  if (object.kind === "ReplicaSet" && field(object, "spec", "replicas") === 0) return false;
  const { uid } = owner.metadata;
  return uid !== undefined && (object.metadata.ownerReferences?.some((each) => each.uid === uid) ?? false);
}

/** Whether an object takes what a source offers. */
function isDelivered(object: KubeObject, source: KubeObject): boolean {
  if (!source.apiVersion.startsWith("source.toolkit.fluxcd.io/")) return false;
  const references = [
    field(object, "spec", "sourceRef"),
    field(object, "spec", "chartRef"),
    field(object, "spec", "chart", "spec", "sourceRef"),
  ];
  return references.some(
    (reference) =>
      field(reference, "kind") === source.kind &&
      field(reference, "name") === source.metadata.name &&
      (field(reference, "namespace") ?? object.metadata.namespace) === source.metadata.namespace,
  );
}

/** What Kubernetes makes for an object without naming it as the owner. */
function belongs(object: KubeObject, owner: KubeObject): boolean {
  const { name } = object.metadata;
  if (owner.apiVersion === "v1" && owner.kind === "Service") {
    return object.apiVersion === "v1" && object.kind === "Endpoints" && name === owner.metadata.name;
  }
  if (owner.kind !== "StatefulSet" || object.kind !== "PersistentVolumeClaim") return false;
  const templates = field(owner, "spec", "volumeClaimTemplates");
  if (!Array.isArray(templates)) return false;
  return templates.some((template) => {
    const prefix = `${String(field(template, "metadata", "name"))}-${owner.metadata.name}-`;
    return name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length));
  });
}

function byKindAndName(a: KubeObject, b: KubeObject): number {
  return a.kind.localeCompare(b.kind) || a.metadata.name.localeCompare(b.metadata.name);
}

/** `work` on every item, a few at a time; results in the order of the items. */
async function inTurns<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  for (let start = 0; start < items.length; start += PARALLEL) {
    results.push(...(await Promise.all(items.slice(start, start + PARALLEL).map(work))));
  }
  return results;
}
