import { type Clock, formatTime, type KubeObject, type Random, type Transport } from "@capstan/kube";
import type { WebhookCaller } from "../admission/webhook-call.js";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import { pathOf, sendUnless } from "../lifecycle/api-calls.js";
import type { PartOptions } from "../lifecycle/part.js";
import { WorkQueue } from "../lifecycle/work-queue.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import { CLEANUP_FINALIZER, isEmptying, nextStatus, setCondition } from "./conditions.js";
import type { ConversionClient } from "./conversion-review.js";
import type { CustomResourceDefinition, DefinitionCondition, DefinitionStatus } from "./definition.js";
import { deleteInstances, IN_PROGRESS } from "./instance-deletion.js";
import { crdToServedKinds, storedKind } from "./served-kinds.js";
import type { TerminatingDefinitions } from "./terminating-definitions.js";
import { WebhookConversion } from "./webhook-conversion.js";

/** Objects that wait for their own finalizers are looked at again after this, beside being watched. */
const RETRY_MS = 5_000;

/** What is served because of one definition, and of which state of it. */
interface Serving {
  readonly state: string;
  readonly kinds: readonly ServedKind[];
}

/**
 * Serves the kinds of stored CustomResourceDefinitions: accepts their names, establishes them, follows
 * their changes, and empties those that are being deleted before it lets them go.
 */
export class DefinitionController {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #prefix: string;
  readonly #serving = new Map<string, Serving>();
  readonly #terminating: TerminatingDefinitions;
  readonly #connect: (client: ConversionClient) => WebhookConversion;
  #unsubscribe: (() => void) | undefined;

  constructor(
    parts: PartOptions & {
      readonly terminating: TerminatingDefinitions;
      readonly random: Random;
      readonly callWebhook: WebhookCaller;
    },
  ) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#terminating = parts.terminating;
    const { random, callWebhook: call } = parts;
    this.#connect = (client) => new WebhookConversion(client, { call, random });
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (name) => this.#process(name),
      onFailure: (name, error) => parts.onFailure("CustomResourceDefinition", name, error),
    });
    this.#prefix = keyRange(this.#kind()).start;
  }

  /** Serves what is stored, then follows changes. */
  start(): void {
    for (const { key } of this.#objects.range(keyRange(this.#kind())).entries)
      this.#changed(this.#nameOf(key));
    this.#unsubscribe = this.#objects.store.subscribe((changes) => {
      for (const { key, value } of changes) this.#observe(key, value === undefined);
    });
  }

  async close(): Promise<void> {
    this.#unsubscribe?.();
    await this.#queue.close();
  }

  /** Resolves when every definition seen so far has the status it deserves. */
  idle(): Promise<void> {
    return this.#queue.idle();
  }

  #observe(key: string, deleted: boolean): void {
    if (key.startsWith(this.#prefix)) {
      this.#changed(this.#nameOf(key));
      return;
    }
    if (!deleted || this.#terminating.size === 0) return;
    const owner = this.#terminating.ownerOf(key);
    if (owner !== undefined) this.#queue.add(owner);
  }

  /** Serves a definition as it is now, at once; what it deserves besides follows. */
  #changed(name: string): void {
    const crd = this.#definition(name);
    const former = this.#serving.get(name);
    const state = crd ? stateOf(crd) : "";
    if (former?.state !== state) {
      const kinds = crd
        ? crdToServedKinds(crd, this.#connect).filter((kind) => this.#isFree(kind, former))
        : [];
      this.#registry.change(kinds, former?.kinds ?? []);
      if (crd) this.#serving.set(name, { state, kinds });
      else this.#serving.delete(name);
    }
    const waiting = former?.state === state && this.#terminating.has(name);
    this.#terminating.remove(name);
    if (crd?.metadata.deletionTimestamp !== undefined) {
      this.#terminating.add(`${crd.spec.group}/${crd.spec.names.plural}`, name);
    }
    // What is written while it waits is what this reports, which may say something else every time.
    if (!waiting) this.#queue.add(name);
    if (!crd) this.#reconsiderConflicts();
  }

  /** Kinds built in, or served by another definition, stay as they are. */
  #isFree(kind: ServedKind, former: Serving | undefined): boolean {
    const present = this.#registry.find(kind.group, kind.version, kind.resource);
    return present === undefined || former?.kinds.includes(present) === true;
  }

  /** Names may have become free. */
  #reconsiderConflicts(): void {
    for (const crd of this.#definitions()) {
      const accepted = crd.status?.conditions?.find(({ type }) => type === "NamesAccepted");
      if (accepted?.status === "False") this.#queue.add(crd.metadata.name);
    }
  }

  async #process(name: string): Promise<number | undefined> {
    const crd = this.#definition(name);
    if (!crd) return undefined;
    if (crd.metadata.deletionTimestamp !== undefined) return this.#empty(crd);
    const others = this.#definitions().filter(({ metadata }) => metadata.name !== name);
    const status = nextStatus(crd, others, formatTime(this.#clock.now()));
    if (status !== crd.status) await this.#report(crd, status);
    return undefined;
  }

  async #empty(crd: CustomResourceDefinition): Promise<number | undefined> {
    if (!crd.metadata.finalizers?.includes(CLEANUP_FINALIZER)) return undefined;
    const kind = this.#storedKind(crd);
    if (kind !== undefined && this.#count(kind) > 0) {
      if (!isEmptying(crd)) await this.#show(crd, IN_PROGRESS);
      const left = await deleteInstances(crd, kind, { objects: this.#objects, now: this.#clock.now() });
      if (left !== undefined) {
        await this.#show(crd, left);
        return RETRY_MS;
      }
    }
    await this.#release(crd.metadata.name);
    return undefined;
  }

  /** What its objects are stored as; undefined where it has none, as what is stored there is of others. */
  #storedKind(crd: CustomResourceDefinition): ServedKind | undefined {
    const kind = storedKind(crd, this.#connect);
    const present = kind && this.#registry.kindOfKey(`${kind.storage.prefix}/`);
    const own = this.#serving.get(crd.metadata.name)?.kinds ?? [];
    return present === undefined || own.includes(present) ? kind : undefined;
  }

  /** Takes the finalizer away from the definition as it is now. */
  async #release(name: string): Promise<void> {
    const crd = this.#definition(name);
    if (crd === undefined) return;
    const { resourceVersion, uid, finalizers = [] } = crd.metadata;
    const others = finalizers.filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
    await sendUnless(
      this.#transport,
      {
        method: "PATCH",
        path: pathOf(this.#kind(), undefined, name),
        contentType: "application/merge-patch+json",
        body: { metadata: { resourceVersion, uid, finalizers: others } },
      },
      "NotFound",
    );
  }

  async #show({ metadata }: CustomResourceDefinition, condition: DefinitionCondition): Promise<void> {
    const crd = this.#definition(metadata.name);
    if (crd === undefined) return;
    const former = crd.status?.conditions ?? [];
    const conditions = setCondition(former, condition, formatTime(this.#clock.now()));
    if (conditions !== former) await this.#report(crd, { ...crd.status, conditions });
  }

  #count(kind: ServedKind): number {
    const { start, end } = keyRange(kind);
    return this.#objects.store.count(start, end);
  }

  async #report(crd: CustomResourceDefinition, status: DefinitionStatus): Promise<void> {
    const path = `${pathOf(this.#kind(), undefined, crd.metadata.name)}/status`;
    const contentType = "application/merge-patch+json";
    await sendUnless(this.#transport, { method: "PATCH", path, contentType, body: { status } }, "NotFound");
  }

  #definition(name: string): CustomResourceDefinition | undefined {
    return this.#objects.get(this.#kind(), undefined, name)?.object as CustomResourceDefinition | undefined;
  }

  #definitions(): CustomResourceDefinition[] {
    const kind = this.#kind();
    const { entries } = this.#objects.range(keyRange(kind));
    return entries.map(
      (entry) => this.#objects.wrap(kind, entry).object as KubeObject as CustomResourceDefinition,
    );
  }

  #nameOf(key: string): string {
    return key.slice(this.#prefix.length);
  }

  #kind(): ServedKind {
    const kind = this.#registry.find("apiextensions.k8s.io", "v1", "customresourcedefinitions");
    if (kind === undefined) throw new Error("custom resource definitions are not served");
    return kind;
  }
}

/** Everything about a definition that decides what is served. */
function stateOf({ metadata, spec, status }: CustomResourceDefinition): string {
  const conditions = (status?.conditions ?? []).map(({ type, status }) => `${type}=${status}`);
  return JSON.stringify([metadata.uid, spec, status?.acceptedNames, conditions]);
}
