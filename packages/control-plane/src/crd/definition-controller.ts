import { type Clock, formatTime, type KubeObject, type Random, type Transport } from "@capstan/kube";
import type { WebhookCaller } from "../admission/webhook-call.js";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import { pathOf, send, sendUnless } from "../lifecycle/api-calls.js";
import type { PartOptions } from "../lifecycle/part.js";
import { WorkQueue } from "../lifecycle/work-queue.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import { CLEANUP_FINALIZER, nextStatus, setCondition, terminatingCondition } from "./conditions.js";
import type { ConversionClient } from "./conversion-review.js";
import type { CustomResourceDefinition, DefinitionStatus } from "./definition.js";
import { crdToServedKinds } from "./served-kinds.js";
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
  #release: (() => void) | undefined;

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
    this.#release = this.#objects.store.subscribe((changes) => {
      for (const { key, value } of changes) this.#observe(key, value === undefined);
    });
  }

  async close(): Promise<void> {
    this.#release?.();
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
    this.#terminating.remove(name);
    if (crd?.metadata.deletionTimestamp !== undefined) {
      this.#terminating.add(`${crd.spec.group}/${crd.spec.names.plural}`, name);
    }
    this.#queue.add(name);
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
    const { finalizers = [], name } = crd.metadata;
    if (!finalizers.includes(CLEANUP_FINALIZER)) return undefined;
    const [kind] = this.#serving.get(name)?.kinds ?? [];
    if (kind && !(await this.#deleteInstances(crd, kind))) return RETRY_MS;
    await sendUnless(
      this.#transport,
      {
        method: "PATCH",
        path: pathOf(this.#kind(), undefined, name),
        contentType: "application/merge-patch+json",
        body: { metadata: { finalizers: finalizers.filter((finalizer) => finalizer !== CLEANUP_FINALIZER) } },
      },
      "NotFound",
    );
    return undefined;
  }

  /** Whether no object of the kind is left. */
  async #deleteInstances(crd: CustomResourceDefinition, kind: ServedKind): Promise<boolean> {
    if (this.#count(kind) === 0) return true;
    const progress = terminatingCondition(
      "InstanceDeletionInProgress",
      "CustomResource deletion is in progress",
    );
    const conditions = setCondition(crd.status?.conditions ?? [], progress, formatTime(this.#clock.now()));
    if (conditions !== crd.status?.conditions) await this.#report(crd, { ...crd.status, conditions });
    for (const namespace of this.#namespacesOf(kind)) {
      const body = { propagationPolicy: "Background" };
      await send(this.#transport, { method: "DELETE", path: pathOf(kind, namespace), body });
    }
    return this.#count(kind) === 0;
  }

  #count(kind: ServedKind): number {
    const { start, end } = keyRange(kind);
    return this.#objects.store.count(start, end);
  }

  #namespacesOf(kind: ServedKind): readonly (string | undefined)[] {
    if (!kind.namespaced) return [undefined];
    const { entries } = this.#objects.range(keyRange(kind));
    return [...new Set(entries.map(({ key }) => key.slice(kind.storage.prefix.length + 1).split("/")[0]))];
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
