import type { Clock, KubeObject, Transport } from "@capstan/kube";
import { formatTime } from "@capstan/kube";
import { groupResource } from "../handler/errors.js";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import { member, text } from "../handler/special/review-body.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import { pathOf, send, sendUnless } from "./api-calls.js";
import { namespaceConditions, type Remaining } from "./namespace-conditions.js";
import type { PartOptions } from "./part.js";
import { WorkQueue } from "./work-queue.js";

/** Content that waits for its own finalizers is looked at again after this, beside being watched. */
const RETRY_MS = 5_000;

/** Empties namespaces that are being deleted, pods first, and lets them go once nothing is left. */
export class NamespaceController {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #terminating = new Set<string>();
  readonly #namespacePrefix: string;
  readonly #release: () => void;

  constructor(parts: PartOptions) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (name) => this.#process(name),
      onFailure: (name, error) => parts.onFailure("namespace", name, error),
    });
    this.#namespacePrefix = keyRange(this.#namespaces()).start;
    this.#release = this.#objects.store.subscribe((changes) => {
      for (const { key, value } of changes) this.#observe(key, value === undefined);
    });
  }

  start(): void {
    for (const { key } of this.#objects.range(keyRange(this.#namespaces())).entries) {
      this.#queue.add(key.slice(this.#namespacePrefix.length));
    }
  }

  async close(): Promise<void> {
    this.#release();
    await this.#queue.close();
  }

  #observe(key: string, deleted: boolean): void {
    if (key.startsWith(this.#namespacePrefix)) {
      this.#queue.add(key.slice(this.#namespacePrefix.length));
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
    const failures = await this.#deleteContent(name);
    const remaining = this.#remaining(name);
    await this.#report(namespace, remaining, failures);
    if (remaining.length > 0 || failures.length > 0) return RETRY_MS;
    await this.#finalize(namespace);
    return undefined;
  }

  /** Asks for the deletion of everything in the namespace; of pods alone while any is still running. */
  async #deleteContent(namespace: string): Promise<readonly string[]> {
    const kinds = this.#contentKinds(namespace);
    const pods = kinds.find((kind) => kind.group === "" && kind.resource === "pods");
    if (pods !== undefined && this.#hasUnfinishedPods(pods, namespace)) {
      const failures = await this.#deleteKind(pods, namespace);
      if (this.#hasUnfinishedPods(pods, namespace)) return failures;
    }
    const failures: string[] = [];
    for (const kind of this.#contentKinds(namespace))
      failures.push(...(await this.#deleteKind(kind, namespace)));
    return failures;
  }

  async #deleteKind(kind: ServedKind, namespace: string): Promise<readonly string[]> {
    const body = { propagationPolicy: "Background" };
    const response = await this.#transport.request({ method: "DELETE", path: pathOf(kind, namespace), body });
    if (response.status < 400) return [];
    return [`${groupResource(kind)}: ${text(response.body as Record<string, unknown>, "message")}`];
  }

  #hasUnfinishedPods(kind: ServedKind, namespace: string): boolean {
    return this.#objects.range(keyRange(kind, namespace)).entries.some((entry) => {
      const phase = text(member(this.#objects.wrap(kind, entry).object, "status"), "phase");
      return phase !== "Succeeded" && phase !== "Failed";
    });
  }

  /** Kinds with something in the namespace, each place of storage once. */
  #contentKinds(namespace: string): readonly ServedKind[] {
    const seen = new Set<string>();
    return this.#registry.all().filter((kind) => {
      const deletable = kind.namespaced && kind.verbs.includes("deletecollection");
      if (!deletable || seen.has(kind.storage.prefix)) return false;
      seen.add(kind.storage.prefix);
      const { start, end } = keyRange(kind, namespace);
      return this.#objects.store.count(start, end) > 0;
    });
  }

  #remaining(namespace: string): readonly Remaining[] {
    return this.#contentKinds(namespace).map((kind) => {
      const { entries } = this.#objects.range(keyRange(kind, namespace));
      const finalizers = entries.flatMap(
        (entry) => this.#objects.wrap(kind, entry).object.metadata.finalizers ?? [],
      );
      return { resource: groupResource(kind), count: entries.length, finalizers };
    });
  }

  async #report(
    namespace: KubeObject,
    remaining: readonly Remaining[],
    failures: readonly string[],
  ): Promise<void> {
    const previous = member(namespace, "status")["conditions"];
    const conditions = namespaceConditions(
      Array.isArray(previous) ? previous : [],
      remaining,
      failures,
      formatTime(this.#clock.now()),
    );
    if (JSON.stringify(conditions) === JSON.stringify(previous)) return;
    const path = `${pathOf(this.#namespaces(), undefined, namespace.metadata.name)}/status`;
    const body = { status: { conditions } };
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
