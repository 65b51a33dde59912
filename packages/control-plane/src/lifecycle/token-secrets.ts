import { type Clock, formatTime, type KubeObject, type Transport } from "@capstan/kube";
import type { ServiceAccountTokens } from "../authentication/service-account-tokens.js";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import type { Change } from "../store/store.js";
import { pathOf, sendUnless } from "./api-calls.js";
import type { PartOptions } from "./part.js";
import { WorkQueue } from "./work-queue.js";

const TYPE = "kubernetes.io/service-account-token";
const ACCOUNT = "kubernetes.io/service-account.name";
const ACCOUNT_UID = "kubernetes.io/service-account.uid";
const LAST_USED = "kubernetes.io/legacy-token-last-used";
const MANAGER = "kube-controller-manager";

/**
 * Fills Secrets of type `kubernetes.io/service-account-token` with a token of their account, the authority
 * and the namespace; deletes those whose account is gone; notes the day on which a token was last used.
 */
export class TokenSecrets {
  readonly #objects: ObjectStorage;
  readonly #registry: KindRegistry;
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #authority: string;
  readonly #tokens: ServiceAccountTokens;
  readonly #queue: WorkQueue;
  readonly #release: () => void;

  constructor(
    parts: PartOptions & {
      /** PEM. */
      readonly authority: string;
      readonly tokens: ServiceAccountTokens;
    },
  ) {
    this.#objects = parts.objects;
    this.#registry = parts.registry;
    this.#transport = parts.transport;
    this.#clock = parts.clock;
    this.#authority = parts.authority;
    this.#tokens = parts.tokens;
    this.#queue = new WorkQueue({
      clock: parts.clock,
      work: (name) => this.#process(name),
      onFailure: (name, error) => parts.onFailure("token Secrets", name, error),
    });
    const secrets = keyRange(this.#kind("secrets")).start;
    const accounts = keyRange(this.#kind("serviceaccounts")).start;
    this.#release = this.#objects.store.subscribe((changes) => {
      for (const change of changes) this.#observe(change, secrets, accounts);
    });
  }

  /** Looks at the Secrets that are there. */
  start(): void {
    const { start, end } = keyRange(this.#kind("secrets"));
    for (const { key, value } of this.#objects.range({ start, end }).entries) {
      if (holdsToken(value)) this.#queue.add(key.slice(start.length));
    }
  }

  async close(): Promise<void> {
    this.#release();
    await this.#queue.close();
  }

  /** Notes that a Secret's token was used today. */
  used(namespace: string, name: string): void {
    const labels = this.#objects.get(this.#kind("secrets"), namespace, name)?.object.metadata.labels ?? {};
    if (labels[LAST_USED] !== this.#today()) this.#queue.add(`${namespace}/${name}/used`);
  }

  #observe({ key, value }: Change, secrets: string, accounts: string): void {
    if (key.startsWith(secrets)) {
      if (value !== undefined && holdsToken(value)) this.#queue.add(key.slice(secrets.length));
    } else if (value === undefined && key.startsWith(accounts)) {
      const namespace = key.slice(accounts.length).split("/")[0] ?? "";
      const range = keyRange(this.#kind("secrets"), namespace);
      for (const entry of this.#objects.range(range).entries) {
        if (holdsToken(entry.value)) this.#queue.add(entry.key.slice(secrets.length));
      }
    }
  }

  async #process(key: string): Promise<undefined> {
    const [namespace = "", name = "", used] = key.split("/");
    const secret = this.#objects.get(this.#kind("secrets"), namespace, name)?.object;
    if (secret === undefined || secret["type"] !== TYPE) return undefined;
    if (secret.metadata.deletionTimestamp !== undefined) return undefined;
    if (used !== undefined) {
      await this.#patch(secret, { metadata: { labels: { [LAST_USED]: this.#today() } } });
      return undefined;
    }
    const uid = this.#accountUid(secret);
    if (uid === undefined) await this.#delete(secret);
    else await this.#fill(secret, uid);
    return undefined;
  }

  /** The uid of the account that the Secret is for, if it is still the one it was made for. */
  #accountUid({ metadata }: KubeObject): string | undefined {
    const { annotations = {}, namespace } = metadata;
    const account = this.#objects.get(
      this.#kind("serviceaccounts"),
      namespace,
      annotations[ACCOUNT] ?? "",
    )?.object;
    const uid = account?.metadata.uid;
    const recorded = annotations[ACCOUNT_UID] ?? "";
    return recorded === "" || recorded === uid ? uid : undefined;
  }

  async #delete(secret: KubeObject): Promise<void> {
    const { namespace, name, uid } = secret.metadata;
    const path = pathOf(this.#kind("secrets"), namespace, name);
    await sendUnless(
      this.#transport,
      { method: "DELETE", path, body: { preconditions: { uid } } },
      "NotFound",
      "Conflict",
    );
  }

  async #fill(secret: KubeObject, uid: string): Promise<void> {
    const { namespace = "", name, annotations = {} } = secret.metadata;
    const data = (secret["data"] ?? {}) as Readonly<Record<string, string>>;
    const account = annotations[ACCOUNT] ?? "";
    const authority = base64(this.#authority);
    const filled = {
      ...(data["ca.crt"] === authority || authority === "" ? {} : { "ca.crt": authority }),
      ...(data["namespace"] ? {} : { namespace: base64(namespace) }),
      ...(data["token"]
        ? {}
        : { token: base64(this.#tokens.issueForSecret({ namespace, name: account, uid }, name)) }),
    };
    const known = annotations[ACCOUNT_UID] === uid;
    if (known && Object.keys(filled).length === 0) return;
    await this.#patch(secret, { metadata: { annotations: { [ACCOUNT_UID]: uid } }, data: filled });
  }

  async #patch(
    secret: KubeObject,
    patch: { readonly metadata: object; readonly data?: object },
  ): Promise<void> {
    const { namespace, name, resourceVersion, uid } = secret.metadata;
    const metadata = { ...patch.metadata, uid, resourceVersion };
    await sendUnless(
      this.#transport,
      {
        method: "PATCH",
        path: pathOf(this.#kind("secrets"), namespace, name),
        query: { fieldManager: MANAGER },
        contentType: "application/merge-patch+json",
        body: { ...patch, metadata },
      },
      // Written meanwhile: the change itself brings it back here.
      "NotFound",
      "Conflict",
    );
  }

  #today(): string {
    return formatTime(this.#clock.now()).slice(0, "2006-01-02".length);
  }

  #kind(resource: "secrets" | "serviceaccounts"): ServedKind {
    const kind = this.#registry.find("", "v1", resource);
    if (kind === undefined) throw new Error(`${resource} are not served`);
    return kind;
  }
}

/** Whether a stored Secret may be one of these: most are not, and not worth decoding. */
function holdsToken(value: Uint8Array): boolean {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength).includes(TYPE);
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
