import { deepEqual, type KubeObject, type Transport } from "@capstan/kube";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import { pathOf, sendUnless } from "../lifecycle/api-calls.js";
import type { PartOptions } from "../lifecycle/part.js";
import { WorkQueue } from "../lifecycle/work-queue.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import { aggregatedRules } from "./aggregation.js";
import { defaultPolicy } from "./default-policy.js";
import { RBAC_GROUP, type Role } from "./policy.js";
import type { RbacAuthorizer } from "./rbac-authorizer.js";

const RESOURCES = ["clusterroles", "clusterrolebindings", "roles", "rolebindings"] as const;

/**
 * Keeps an authorizer in step with the stored roles and bindings, makes the default policy where it is
 * missing, and fills aggregated ClusterRoles with the rules of those they select.
 */
export class PolicyController {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #authorizer: RbacAuthorizer;
  readonly #queue: WorkQueue;
  /** Objects as the authorizer knows them, by key, so that deletions can be undone there. */
  readonly #known = new Map<string, KubeObject>();
  #release: (() => void) | undefined;

  constructor(
    parts: PartOptions & {
      readonly authorizer: RbacAuthorizer;
    },
  ) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#authorizer = parts.authorizer;
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (name) => this.#aggregate(name),
      onFailure: (name, error) => parts.onFailure("aggregated roles", name, error),
    });
  }

  async start(): Promise<void> {
    for (const resource of RESOURCES) {
      const kind = this.#kind(resource);
      for (const entry of this.#objects.range(keyRange(kind)).entries) {
        this.#put(entry.key, this.#objects.wrap(kind, entry).object);
      }
    }
    this.#release = this.#objects.store.subscribe((changes) => {
      for (const { key, value } of changes) {
        const kind = key.startsWith(`${RBAC_GROUP}/`) ? this.#registry.kindOfKey(key) : undefined;
        if (kind) this.#observe(kind, key, value === undefined);
      }
    });
    await Promise.all(defaultPolicy().map((object) => this.#create(object)));
  }

  async close(): Promise<void> {
    this.#release?.();
    await this.#queue.close();
  }

  #observe(kind: ServedKind, key: string, deleted: boolean): void {
    const { start } = keyRange(kind);
    const [first = "", second] = key.slice(start.length).split("/");
    const [namespace, name] = second === undefined ? [undefined, first] : [first, second];
    const object = deleted ? undefined : this.#objects.latest(kind, namespace, name)?.object;
    if (object) this.#put(key, object);
    else this.#forget(key);
  }

  #put(key: string, object: KubeObject): void {
    this.#known.set(key, object);
    this.#authorizer.put(object);
    if (object.kind === "ClusterRole") this.#queueAggregates();
  }

  #forget(key: string): void {
    const former = this.#known.get(key);
    this.#known.delete(key);
    if (!former) return;
    this.#authorizer.remove(former);
    if (former.kind === "ClusterRole") this.#queueAggregates();
  }

  #queueAggregates(): void {
    for (const role of this.#clusterRoles()) if (role.aggregationRule) this.#queue.add(role.metadata.name);
  }

  #clusterRoles(): Role[] {
    return [...this.#known.values()].filter((object): object is Role => object.kind === "ClusterRole");
  }

  async #aggregate(name: string): Promise<undefined> {
    const roles = this.#clusterRoles();
    const role = roles.find(({ metadata }) => metadata.name === name);
    const rules = role && aggregatedRules(role, roles);
    if (!role || !rules || deepEqual(rules, role.rules ?? [])) return undefined;
    await sendUnless(
      this.#transport,
      {
        method: "PATCH",
        path: pathOf(this.#kind("clusterroles"), undefined, name),
        query: { fieldManager: "clusterrole-aggregation-controller" },
        contentType: "application/merge-patch+json",
        body: { rules },
      },
      "NotFound",
    );
    return undefined;
  }

  async #create(object: KubeObject): Promise<void> {
    const { namespace, name } = object.metadata;
    const kind = this.#kind(`${object.kind.toLowerCase()}s` as (typeof RESOURCES)[number]);
    if (this.#objects.get(kind, namespace, name)) return;
    const path = pathOf(kind, namespace);
    await sendUnless(this.#transport, { method: "POST", path, body: object }, "AlreadyExists");
  }

  #kind(resource: (typeof RESOURCES)[number]): ServedKind {
    const kind = this.#registry.find(RBAC_GROUP, "v1", resource);
    if (kind === undefined) throw new Error(`${resource} are not served`);
    return kind;
  }
}
