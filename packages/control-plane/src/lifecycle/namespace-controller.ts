import { type Clock, deepEqual, formatTime, type KubeObject, parseTime, type Transport } from "@capstan/kube";
import type { RemoteVersion } from "../discovery/group-order.js";
import { type NamespacedResource, namespacedResources } from "../discovery/namespaced-resources.js";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import { member, text } from "../handler/special/review-body.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import { pathOf, send, sendUnless } from "./api-calls.js";
import { type DeletionFindings, namespaceConditions } from "./namespace-conditions.js";
import { type Emptied, NamespaceContent } from "./namespace-content.js";
import type { PartOptions } from "./part.js";
import { WorkQueue } from "./work-queue.js";

/** Content that is still there, or could not be deleted, is looked at again after this, beside being watched. */
const RETRY_MS = 5_000;

/** What other servers serve right now. */
interface Remotes {
  all(): readonly RemoteVersion[];
  onChange(listener: () => void): () => void;
}

/**
 * Empties namespaces that are being deleted, pods first, of what is stored here and of what the servers
 * behind APIServices hold, and lets them go once nothing is left. What is in the way is in their conditions.
 */
export class NamespaceController {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #remotes: Remotes;
  readonly #content: NamespaceContent;
  readonly #closing = new AbortController();
  readonly #terminating = new Set<string>();
  readonly #namespacePrefix: string;
  readonly #release: readonly (() => void)[];

  constructor(parts: PartOptions & { readonly remotes: Remotes }) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#remotes = parts.remotes;
    this.#content = new NamespaceContent({ ...parts, closing: this.#closing.signal });
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (name) => this.#process(name),
      onFailure: (name, error) => parts.onFailure("namespace", name, error),
    });
    this.#namespacePrefix = keyRange(this.#namespaces()).start;
    this.#release = [
      this.#objects.store.subscribe((changes) => {
        for (const { key, value } of changes) this.#observe(key, value === undefined);
      }),
      this.#remotes.onChange(() => {
        for (const name of this.#terminating) this.#queue.add(name);
      }),
    ];
  }

  start(): void {
    for (const { key } of this.#objects.range(keyRange(this.#namespaces())).entries) {
      this.#queue.add(key.slice(this.#namespacePrefix.length));
    }
  }

  async close(): Promise<void> {
    for (const release of this.#release) release();
    this.#closing.abort();
    await this.#queue.close();
  }

  #observe(key: string, deleted: boolean): void {
    if (key.startsWith(this.#namespacePrefix)) {
      const name = key.slice(this.#namespacePrefix.length);
      // What is written while it terminates is what this reports, which may say something else every time.
      if (deleted || !this.#terminating.has(name)) this.#queue.add(name);
      return;
    }
    if (!deleted || this.#terminating.size === 0) return;
    const kind = this.#registry.kindOfKey(key);
    const namespace = kind?.namespaced ? key.slice(kind.storage.prefix.length + 1).split("/")[0] : undefined;
    if (namespace !== undefined && this.#terminating.has(namespace)) this.#queue.add(namespace);
  }

  async #process(name: string): Promise<number | undefined> {
    const namespace = this.#objects.get(this.#namespaces(), undefined, name)?.object;
    const finalizers = member(namespace, "spec")["finalizers"];
    const held = Array.isArray(finalizers) && finalizers.includes("kubernetes");
    if (namespace?.metadata.deletionTimestamp === undefined || !held) {
      this.#terminating.delete(name);
      return undefined;
    }
    this.#terminating.add(name);
    const found = await this.#empty(namespace);
    if (this.#closing.signal.aborted) return undefined;
    await this.#report(namespace, found);
    if (Object.values(found).some((each: readonly unknown[]) => each.length > 0)) return RETRY_MS;
    await this.#finalize(namespace);
    this.#terminating.delete(name);
    return undefined;
  }

  /** Asks for the deletion of everything in the namespace; of pods alone while any is there. */
  async #empty(namespace: KubeObject): Promise<DeletionFindings> {
    const { resources, stale } = namespacedResources(this.#registry.all(), this.#remotes.all());
    const isPods = ({ group, resource }: NamespacedResource) => group === "" && resource === "pods";
    const pods = resources.find(isPods);
    const first = pods === undefined ? {} : await this.#emptyPods(pods, namespace);
    const emptied: Emptied[] = [first];
    const others = resources.filter((each) => !isPods(each));
    if (first.remaining === undefined) {
      for (const each of others) emptied.push(await this.#content.empty(each, namespace.metadata.name));
    }
    return {
      stale,
      failures: emptied.flatMap(({ failure }) => failure ?? []),
      remaining: emptied.flatMap(({ remaining }) => remaining ?? []),
    };
  }

  /** Pods may take the longest of their grace periods. */
  #emptyPods(pods: NamespacedResource, { metadata }: KubeObject): Promise<Emptied> {
    const periods = this.#content.stored(pods, metadata.name).map((pod) => {
      const phase = text(member(pod, "status"), "phase");
      const seconds = member(pod, "spec")["terminationGracePeriodSeconds"];
      return phase === "Succeeded" || phase === "Failed" || typeof seconds !== "number" ? 0 : seconds;
    });
    const since = metadata.deletionTimestamp === undefined ? 0 : parseTime(metadata.deletionTimestamp);
    const awaited = this.#clock.now() - since < Math.max(0, ...periods) * 1000;
    return this.#content.empty(pods, metadata.name, awaited);
  }

  async #report(namespace: KubeObject, found: DeletionFindings): Promise<void> {
    const previous = member(namespace, "status")["conditions"];
    const conditions = namespaceConditions(
      Array.isArray(previous) ? previous : [],
      found,
      formatTime(this.#clock.now()),
    );
    if (deepEqual(conditions, previous)) return;
    const path = `${pathOf(this.#namespaces(), undefined, namespace.metadata.name)}/status`;
    const body = { metadata: { uid: namespace.metadata.uid }, status: { conditions } };
    await sendUnless(
      this.#transport,
      { method: "PATCH", path, contentType: "application/merge-patch+json", body },
      "NotFound",
    );
  }

  async #finalize(namespace: KubeObject): Promise<void> {
    const spec = member(namespace, "spec");
    const finalizers = (spec["finalizers"] as readonly string[]).filter((other) => other !== "kubernetes");
    const { resourceVersion: _version, ...metadata } = namespace.metadata;
    await send(this.#transport, {
      method: "PUT",
      path: `${pathOf(this.#namespaces(), undefined, metadata.name)}/finalize`,
      body: { ...namespace, metadata, spec: { ...spec, finalizers } },
    });
  }

  #namespaces(): ServedKind {
    const kind = this.#registry.find("", "v1", "namespaces");
    if (kind === undefined) throw new Error("namespaces are not served");
    return kind;
  }
}
