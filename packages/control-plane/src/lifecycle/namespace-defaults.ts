import type { Transport } from "@capstan/kube";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import { sendUnless } from "./api-calls.js";
import type { PartOptions } from "./part.js";
import { WorkQueue } from "./work-queue.js";

const ACCOUNT = "default";
const ROOT_CA = "kube-root-ca.crt";
const DESCRIPTION =
  "Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.";

/** Gives every namespace its `default` service account and the authority's certificate, and gives them back. */
export class NamespaceDefaults {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #authority: string;
  readonly #queue: WorkQueue;
  readonly #namespaces: { readonly start: string; readonly end: string };
  readonly #release: () => void;

  constructor(
    parts: PartOptions & {
      /** PEM. */
      readonly authority: string;
    },
  ) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#authority = parts.authority;
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (name) => this.#process(name),
      onFailure: (name, error) => parts.onFailure("namespace defaults", name, error),
    });
    this.#namespaces = this.#range("namespaces");
    const accounts = this.#range("serviceaccounts").start;
    const configs = this.#range("configmaps").start;
    this.#release = this.#objects.store.subscribe((changes) => {
      for (const { key, value, previous } of changes) {
        if (key.startsWith(this.#namespaces.start)) {
          if (previous === undefined) this.#queue.add(key.slice(this.#namespaces.start.length));
        } else if (key.startsWith(accounts)) {
          if (value === undefined && key.endsWith(`/${ACCOUNT}`)) this.#queue.add(namespaceIn(key, accounts));
        } else if (key.startsWith(configs) && key.endsWith(`/${ROOT_CA}`)) {
          this.#queue.add(namespaceIn(key, configs));
        }
      }
    });
  }

  /** Resolves when every namespace there is has what it needs. */
  async start(): Promise<void> {
    for (const { key } of this.#objects.range(this.#namespaces).entries) {
      this.#queue.add(key.slice(this.#namespaces.start.length));
    }
    await this.#queue.idle();
  }

  async close(): Promise<void> {
    this.#release();
    await this.#queue.close();
  }

  #range(resource: string): { readonly start: string; readonly end: string } {
    const kind = this.#registry.find("", "v1", resource);
    if (kind === undefined) throw new Error(`${resource} are not served`);
    return keyRange(kind);
  }

  async #process(namespace: string): Promise<undefined> {
    const kind = this.#registry.find("", "v1", "namespaces");
    const found = kind && this.#objects.get(kind, undefined, namespace)?.object;
    if (found === undefined || found.metadata.deletionTimestamp !== undefined) return;
    await this.#ensureAccount(namespace);
    await this.#ensureAuthority(namespace);
  }

  async #ensureAccount(namespace: string): Promise<void> {
    const kind = this.#registry.find("", "v1", "serviceaccounts");
    if (kind === undefined || this.#objects.get(kind, namespace, ACCOUNT) !== undefined) return;
    const body = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: ACCOUNT, namespace } };
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts`;
    await sendUnless(
      this.#transport,
      { method: "POST", path, body },
      "AlreadyExists",
      "NotFound",
      "Forbidden",
    );
  }

  async #ensureAuthority(namespace: string): Promise<void> {
    const kind = this.#registry.find("", "v1", "configmaps");
    const found = kind && this.#objects.get(kind, namespace, ROOT_CA)?.object;
    const data = { "ca.crt": this.#authority };
    const path = `/api/v1/namespaces/${namespace}/configmaps`;
    if (found === undefined) {
      const metadata = {
        name: ROOT_CA,
        namespace,
        annotations: { "kubernetes.io/description": DESCRIPTION },
      };
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
      await sendUnless(
        this.#transport,
        { method: "POST", path, body },
        "AlreadyExists",
        "NotFound",
        "Forbidden",
      );
      return;
    }
    if ((found["data"] as Record<string, unknown> | undefined)?.["ca.crt"] === this.#authority) return;
    const patch = { contentType: "application/merge-patch+json", body: { data } };
    await sendUnless(this.#transport, { method: "PATCH", path: `${path}/${ROOT_CA}`, ...patch }, "NotFound");
  }
}

function namespaceIn(key: string, start: string): string {
  return key.slice(start.length).split("/")[0] ?? "";
}
