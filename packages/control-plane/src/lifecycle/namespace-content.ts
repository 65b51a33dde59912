import type { ApiRequest, ApiResponse, Clock, KubeObject, Transport } from "@capstan/kube";
import { listOf, membersOf, textOf } from "../admission/members.js";
import type { NamespacedResource } from "../discovery/namespaced-resources.js";
import { failureOf } from "../handler/answer-failure.js";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import type { Remaining } from "./namespace-conditions.js";

/** How long one resource of a namespace may take to be deleted: another server may never answer. */
const PATIENCE_MS = 30_000;
/** Lists of what other servers hold come as metadata alone where they know of that. */
const METADATA_ALONE = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json";
const BACKGROUND = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" };

/** What became of one resource in a namespace that is being deleted. */
export interface Emptied {
  /** What is still there; absent where nothing is, or where nobody can tell. */
  readonly remaining?: Remaining;
  /** Why it could not be deleted, as it is told to people. */
  readonly failure?: string;
}

export interface ContentParts {
  readonly objects: ObjectStorage;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Aborted when the control plane closes. */
  readonly closing: AbortSignal;
}

/** Deletes what is in namespaces, resource by resource: stored here, or served by others. */
export class NamespaceContent {
  readonly #parts: ContentParts;

  constructor(parts: ContentParts) {
    this.#parts = parts;
  }

  /**
   * Deletes the objects of one resource and looks what is left. Objects that stay though nothing holds
   * them are a failure, unless they are `awaited`: they end by themselves, as pods do.
   */
  async empty(resource: NamespacedResource, namespace: string, awaited = false): Promise<Emptied> {
    if (resource.kind !== undefined && this.stored(resource, namespace).length === 0) return {};
    const patience = this.#patience();
    try {
      await this.#delete(resource, namespace, patience.signal);
      const left = await this.#left(resource, namespace, patience.signal);
      if (left.length === 0) return {};
      const finalizers = left.flatMap(({ metadata }) => metadata?.finalizers ?? []);
      const remaining = { resource: qualified(resource), count: left.length, finalizers };
      if (awaited || finalizers.length > 0) return { remaining };
      const failure = `unexpected items still remain in namespace: ${namespace} for gvr: ${described(resource)}`;
      return { remaining, failure };
    } catch (error) {
      if (patience.signal.aborted) return { failure: TIMED_OUT };
      return { failure: error instanceof Error ? error.message : String(error) };
    } finally {
      patience.end();
    }
  }

  /** The stored objects of a resource, at the version that each of them was stored at. */
  stored({ kind }: NamespacedResource, namespace: string): readonly KubeObject[] {
    if (kind === undefined) return [];
    const { objects } = this.#parts;
    const { start, end } = keyRange(kind, namespace);
    if (objects.store.count(start, end) === 0) return [];
    return objects.range({ start, end }).entries.map(({ value }) => objects.codec.decode(value));
  }

  async #delete(resource: NamespacedResource, namespace: string, signal: AbortSignal): Promise<void> {
    if (resource.verbs.includes("deletecollection")) {
      const path = collectionPath(resource, namespace);
      const answer = await this.#send({ method: "DELETE", path, body: BACKGROUND, signal });
      if (answer !== undefined) return;
    }
    for (const { metadata } of await this.#left(resource, namespace, signal)) {
      const name = textOf(metadata?.name);
      if (name === "") continue;
      const path = `${collectionPath(resource, namespace)}/${encodeURIComponent(name)}`;
      await this.#send({ method: "DELETE", path, body: BACKGROUND, signal });
    }
  }

  async #left(
    resource: NamespacedResource,
    namespace: string,
    signal: AbortSignal,
  ): Promise<readonly Partial<KubeObject>[]> {
    if (resource.kind !== undefined) return this.stored(resource, namespace);
    if (!resource.verbs.includes("list")) return [];
    const path = collectionPath(resource, namespace);
    const headers = { accept: METADATA_ALONE };
    const answer = await this.#send({ method: "GET", path, headers, signal });
    if (typeof answer?.body === "string") throw new Error(NO_LIST);
    return listOf(membersOf(answer?.body)["items"]) as readonly Partial<KubeObject>[];
  }

  /** Sends a request; undefined where the server has no such thing, or does not do that with it. */
  async #send(request: ApiRequest & { readonly signal: AbortSignal }): Promise<ApiResponse | undefined> {
    request.signal.throwIfAborted();
    const answer = await this.#parts.transport.request({ ...request, contentType: "application/json" });
    request.signal.throwIfAborted();
    if (answer.status < 400) return answer;
    if (answer.status === 404 || answer.status === 405) return undefined;
    throw new Error(failureOf(answer));
  }

  #patience(): { readonly signal: AbortSignal; readonly end: () => void } {
    const timer = new AbortController();
    const end = this.#parts.clock.after(PATIENCE_MS, () => timer.abort());
    return { signal: AbortSignal.any([timer.signal, this.#parts.closing]), end };
  }
}

const NO_LIST = "couldn't get version/kind; json parse error: the answer is no JSON";
const TIMED_OUT = "Timeout: request did not complete within the allotted timeout";

function collectionPath({ group, version, resource }: NamespacedResource, namespace: string): string {
  const root = group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
  return `${root}/namespaces/${encodeURIComponent(namespace)}/${encodeURIComponent(resource)}`;
}

/** `deployments.apps`, `pods.` */
function qualified({ resource, group }: NamespacedResource): string {
  return `${resource}.${group}`;
}

/** `apps/v1, Resource=deployments` */
function described({ group, version, resource }: NamespacedResource): string {
  return `${group}/${version}, Resource=${resource}`;
}
