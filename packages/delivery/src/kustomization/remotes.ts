import {
  type Client,
  createClient,
  httpTransport,
  InformerSet,
  parseKubeconfig,
  type RunContext,
} from "@capstan/controller";
import { ApiError, type KubeObject, type ObjectMeta, sha256Hex } from "@capstan/kube";
import { LiveObjects, type LiveObjectsOptions } from "../live/live-objects.js";
import type { LiveRecord } from "../live/live-record.js";
import type { Problem } from "./problem.js";
import type { KustomizationSpec } from "./resource.js";
import { identity } from "./target.js";

/** An object that may name another cluster. */
export interface Targeting {
  readonly metadata: ObjectMeta;
  readonly spec: Pick<KustomizationSpec, "kubeConfig" | "serviceAccountName">;
}

/** A cluster that objects are applied to, and what is known of it. */
export interface RemoteTarget<R extends KubeObject> {
  readonly client: Client;
  readonly live: LiveObjects<R>;
}

interface Remote<R extends KubeObject> extends RemoteTarget<R> {
  readonly informers: InformerSet;
  readonly owners: Set<string>;
}

/** Names under which a Secret may hold a kubeconfig. */
const KEYS = ["value", "value.yaml"];

/** Other clusters, by the kubeconfig that leads to them; shared while anybody applies to them. */
export class Remotes<R extends KubeObject = LiveRecord> {
  readonly #live: Omit<LiveObjectsOptions<R>, "informers">;
  readonly #remotes = new Map<string, Remote<R>>();
  readonly #byOwner = new Map<string, string>();

  constructor(live: Omit<LiveObjectsOptions<R>, "informers">) {
    this.#live = live;
  }

  /** The cluster that `spec.kubeConfig` names. Programs that it wants run, and insecure TLS, are refused. */
  async target(object: Targeting, context: RunContext): Promise<RemoteTarget<R> | Problem> {
    const text = await readKubeconfig(object, context);
    if (typeof text !== "string") return text;
    const owner = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    try {
      const remote = await this.#remote(owner, text, context);
      const account = object.spec.serviceAccountName;
      const client =
        account === undefined || account === ""
          ? remote.client
          : remote.client.impersonate(identity(object, account));
      return { client, live: remote.live };
    } catch (error) {
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

  async #remote(owner: string, text: string, context: RunContext): Promise<Remote<R>> {
    const key = sha256Hex(text);
    if (this.#byOwner.get(owner) !== key) await this.forget(owner);
    let remote = this.#remotes.get(key);
    if (remote === undefined) {
      const config = await parseKubeconfig(text);
      if (config.tls?.insecure === true) throw new Error("insecure TLS is not allowed in a kubeConfig");
      const { clock, random, logger } = context;
      const client = createClient(httpTransport(config, { clock, userAgent: "capstan" }));
      const informers = new InformerSet({ reader: client, clock, random, logger });
      remote = { client, informers, live: new LiveObjects({ ...this.#live, informers }), owners: new Set() };
      this.#remotes.set(key, remote);
    }
    remote.owners.add(owner);
    this.#byOwner.set(owner, key);
    return remote;
  }
}

async function readKubeconfig(object: Targeting, context: RunContext): Promise<string | Problem> {
  const secretRef = object.spec.kubeConfig?.secretRef;
  if (secretRef === undefined) {
    return failed("kubeConfig.configMapRef needs a cloud provider's identity, which is not available");
  }
  const { name, key } = secretRef;
  const ref = { apiVersion: "v1", kind: "Secret", namespace: object.metadata.namespace ?? "", name };
  try {
    const secret = await context.reader.get(ref, { signal: context.signal });
    const data = secret["data"];
    const values =
      typeof data === "object" && data !== null ? new Map(Object.entries(data)) : new Map<string, unknown>();
    for (const candidate of key === undefined ? KEYS : [key]) {
      const value = values.get(candidate);
      if (typeof value === "string") return Buffer.from(value, "base64").toString("utf8");
    }
    const wanted = key === undefined ? "a 'value' nor 'value.yaml' key" : `a '${key}' key`;
    return failed(`secret '${ref.namespace}/${name}' does not contain ${wanted} with kubeconfig data`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return failed(`unable to read KubeConfig secret '${ref.namespace}/${name}' error: ${error.message}`);
  }
}

function failed(message: string): Problem {
  return { reason: "ReconciliationFailed", message, wait: "retry", event: { type: "Warning", message } };
}
