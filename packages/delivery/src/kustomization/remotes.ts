import { type Client, createClient, httpTransport, InformerSet, type RunContext } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { LiveObjects, type LiveObjectsOptions } from "../live/live-objects.js";
import type { LiveRecord } from "../live/live-record.js";
import type { Problem } from "./problem.js";
import { type RemoteCluster, remoteCluster } from "./remote-cluster.js";
import { RemoteClusterError } from "./remote-cluster-error.js";
import { type RemotePolicy, STRICT_REMOTES } from "./remote-policy.js";
import { identity } from "./target.js";
import type { Targeting } from "./targeting.js";

/** A cluster that objects are applied to, and what is known of it. */
export interface RemoteTarget<R extends KubeObject> {
  readonly client: Client;
  readonly live: LiveObjects<R>;
}

interface Remote<R extends KubeObject> extends RemoteTarget<R> {
  readonly informers: InformerSet;
  readonly owners: Set<string>;
}

/** Other clusters, by the kubeconfig that leads to them; shared while anybody applies to them. */
export class Remotes<R extends KubeObject = LiveRecord> {
  readonly #live: Omit<LiveObjectsOptions<R>, "informers">;
  readonly #policy: RemotePolicy;
  readonly #remotes = new Map<string, Remote<R>>();
  readonly #byOwner = new Map<string, string>();

  constructor(live: Omit<LiveObjectsOptions<R>, "informers">, policy: RemotePolicy = STRICT_REMOTES) {
    this.#live = live;
    this.#policy = policy;
  }

  /** The cluster that `spec.kubeConfig` names, as the service account that applies there. */
  async target(object: Targeting, context: RunContext): Promise<RemoteTarget<R> | Problem> {
    const owner = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    try {
      const cluster = await remoteCluster(object, this.#policy, context);
      const remote = await this.#remote(owner, cluster, context);
      const account = object.spec.serviceAccountName ?? this.#policy.defaultServiceAccount;
      const client =
        account === undefined || account === ""
          ? remote.client
          : remote.client.impersonate(identity(object, account));
      return { client, live: remote.live };
    } catch (error) {
      if (error instanceof RemoteClusterError) return failed(error.message);
      return failed(`failed to build kube client: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Lets go of an owner's cluster. */
  async forget(owner: string): Promise<void> {
    const key = this.#byOwner.get(owner);
    this.#byOwner.delete(owner);
    const remote = key === undefined ? undefined : this.#remotes.get(key);
    if (key === undefined || remote === undefined) return;
    remote.live.forget(owner);
    remote.owners.delete(owner);
    if (remote.owners.size > 0) return;
    this.#remotes.delete(key);
    await remote.informers.stop();
    await remote.client.close();
  }

  async #remote(owner: string, cluster: RemoteCluster, context: RunContext): Promise<Remote<R>> {
    const { key, config } = cluster;
    if (this.#byOwner.get(owner) !== key) await this.forget(owner);
    let remote = this.#remotes.get(key);
    if (remote === undefined) {
      const { clock, random, logger } = context;
      const allowExec = this.#policy.insecureKubeConfigExec;
      const client = createClient(httpTransport(config, { clock, userAgent: "capstan", allowExec }));
      const informers = new InformerSet({ reader: client, clock, random, logger });
      remote = { client, informers, live: new LiveObjects({ ...this.#live, informers }), owners: new Set() };
      this.#remotes.set(key, remote);
    }
    remote.owners.add(owner);
    this.#byOwner.set(owner, key);
    return remote;
  }
}

function failed(message: string): Problem {
  return { reason: "ReconciliationFailed", message, wait: "retry", event: { type: "Warning", message } };
}
