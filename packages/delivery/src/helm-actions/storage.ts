import type { Client } from "@capstan/controller";
import {
  compressRelease,
  decodeRelease,
  type ReleaseRecord,
  ReleaseRecordError,
  releaseSecretName,
} from "@capstan/helm";
import { ApiError, type Clock, type KubeObject } from "@capstan/kube";

const SECRET = { apiVersion: "v1", kind: "Secret" } as const;
const SECRET_TYPE = "helm.sh/release.v1";

/** A revision as it is stored. */
export interface StoredRelease {
  readonly record: ReleaseRecord;
  /** Labels of its Secret, as read; they are carried into later revisions as Helm does. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A storage that cannot do what it is asked; the message is Helm's. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  readonly code: "not-found" | "exists" | "failed";

  constructor(code: StorageError["code"], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** What is known of stored revisions without asking the API. */
export interface RevisionIndex {
  /** The revisions of a release, in any order; `undefined` where nothing is known for sure. */
  revisions(namespace: string, name: string): readonly Revision[] | undefined;
  /** Takes in a Secret as a write returned it. */
  note(secret: KubeObject): void;
}

export interface Revision {
  readonly version: number;
  readonly status: string;
}

export interface ReleaseStorageOptions {
  readonly client: Client;
  readonly namespace: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly fieldManager: string;
  readonly index?: RevisionIndex | undefined;
  /** Told of every revision that was written. */
  readonly observe?: (record: ReleaseRecord) => void;
}

/** The revisions of releases in a namespace, as Secrets that the real helm reads and writes as well. */
export class ReleaseStorage {
  readonly #options: ReleaseStorageOptions;

  constructor(options: ReleaseStorageOptions) {
    this.#options = options;
  }

  /** The same storage, telling somebody else of what is written. */
  observedBy(observe: (record: ReleaseRecord) => void): ReleaseStorage {
    return new ReleaseStorage({ ...this.#options, observe });
  }

  /** Every revision of a release, oldest first. */
  async history(name: string): Promise<readonly StoredRelease[]> {
    return (await this.#secrets(name)).map(storedOf).sort((a, b) => a.record.version - b.record.version);
  }

  /** The newest revision; `undefined` where there is none. Only that one is read and decoded. */
  async last(name: string): Promise<StoredRelease | undefined> {
    const known = this.#known(name);
    if (known?.length === 0) return undefined;
    if (known !== undefined) {
      const found = await this.get(name, Math.max(...known.map(({ version }) => version)));
      // What was just deleted may be known still.
      if (found !== undefined) return found;
    }
    const secrets = await this.#secrets(name);
    const newest = secrets.reduce<KubeObject | undefined>(
      (found, secret) => (found === undefined || versionOf(secret) > versionOf(found) ? secret : found),
      undefined,
    );
    return newest === undefined ? undefined : storedOf(newest);
  }

  async get(name: string, version: number): Promise<StoredRelease | undefined> {
    const { client, namespace, signal } = this.#options;
    const ref = { ...SECRET, namespace, name: releaseSecretName(name, version) };
    const secret = await client.tryGet(ref, { signal });
    return secret === undefined ? undefined : storedOf(secret);
  }

  /** The deployed revisions, oldest first. */
  async deployed(name: string): Promise<readonly StoredRelease[]> {
    const known = this.#known(name);
    const found =
      known === undefined
        ? (await this.#secrets(name, ",status=deployed")).map(storedOf)
        : await this.#read(
            name,
            known.filter(({ status }) => status === "deployed"),
          );
    return [...found].sort((a, b) => a.record.version - b.record.version);
  }

  async #read(name: string, revisions: readonly Revision[]): Promise<readonly StoredRelease[]> {
    const found: StoredRelease[] = [];
    for (const { version } of revisions) {
      const one = await this.get(name, version);
      if (one?.record.info.status === "deployed") found.push(one);
    }
    return found;
  }

  #known(name: string): readonly Revision[] | undefined {
    return this.#options.index?.revisions(this.#options.namespace, name);
  }

  /**
   * Stores a new revision, after making room for it: at most `maxHistory` are kept (0: all), the one
   * deployed always. Throws `StorageError` `exists` where the revision is there already.
   */
  async create(release: StoredRelease, maxHistory = 0): Promise<void> {
    const { client, clock, signal, fieldManager, observe, index } = this.#options;
    if (maxHistory > 0) await this.#makeRoom(release.record.name, maxHistory - 1);
    const createdAt = String(Math.floor(clock.now() / 1000));
    const secret = await this.#secretOf(release, { createdAt });
    try {
      index?.note(await client.create(secret, { signal, fieldManager }));
    } catch (error) {
      if (ApiError.is(error, "AlreadyExists")) {
        throw new StorageError("exists", "release: already exists", { cause: error });
      }
      throw failure("create: failed to create", error);
    }
    observe?.(release.record);
  }

  /** Replaces a stored revision. */
  async update(release: StoredRelease): Promise<void> {
    const { client, clock, signal, fieldManager, observe, index } = this.#options;
    const modifiedAt = String(Math.floor(clock.now() / 1000));
    const secret = await this.#secretOf(release, { modifiedAt });
    try {
      index?.note(await client.update(secret, { signal, fieldManager }));
    } catch (error) {
      throw failure("update: failed to update", error);
    }
    observe?.(release.record);
  }

  async delete(name: string, version: number): Promise<void> {
    const { client, namespace, signal } = this.#options;
    try {
      await client.delete({ ...SECRET, namespace, name: releaseSecretName(name, version) }, { signal });
    } catch (error) {
      if (!ApiError.is(error, "NotFound")) throw error;
    }
  }

  async #secrets(name: string, more = ""): Promise<readonly KubeObject[]> {
    const { client, namespace, signal } = this.#options;
    const secrets: KubeObject[] = [];
    const labelSelector = `name=${name},owner=helm${more}`;
    try {
      for await (const secret of client.listAll(SECRET, { namespace, labelSelector, signal })) {
        secrets.push(secret);
      }
    } catch (error) {
      throw failure("query: failed to query with labels", error);
    }
    return secrets;
  }

  async #makeRoom(name: string, keep: number): Promise<void> {
    const known = this.#known(name) ?? (await this.#secrets(name)).map(revisionOf);
    const revisions = [...known].sort((a, b) => a.version - b.version);
    const deployed = revisions.findLast(({ status }) => status === "deployed");
    let surplus = revisions.length - keep;
    for (const revision of revisions) {
      if (surplus <= 0) break;
      if (revision === deployed) continue;
      await this.delete(name, revision.version);
      surplus -= 1;
    }
  }

  async #secretOf(
    { record, labels }: StoredRelease,
    times: Readonly<Record<string, string>>,
  ): Promise<KubeObject> {
    const text = await compressRelease(record);
    return {
      ...SECRET,
      metadata: {
        name: releaseSecretName(record.name, record.version),
        namespace: this.#options.namespace,
        labels: {
          ...times,
          ...labels,
          name: record.name,
          owner: "helm",
          status: record.info.status ?? "unknown",
          version: String(record.version),
        },
      },
      type: SECRET_TYPE,
      data: { release: Buffer.from(text).toString("base64") },
    };
  }
}

/** What the labels of a Secret say of the revision in it. */
export function revisionOf(secret: KubeObject): Revision {
  return { version: versionOf(secret), status: secret.metadata.labels?.["status"] ?? "unknown" };
}

function versionOf(secret: KubeObject): number {
  return Number(secret.metadata.labels?.["version"] ?? 0);
}

function storedOf(secret: KubeObject): StoredRelease {
  const data = secret["data"];
  const text = typeof data === "object" && data !== null && "release" in data ? data.release : undefined;
  if (typeof text !== "string") throw new StorageError("failed", "the stored release holds no release");
  try {
    const record = decodeRelease(Buffer.from(text, "base64").toString("utf8"));
    return { record, labels: secret.metadata.labels ?? {} };
  } catch (error) {
    if (error instanceof ReleaseRecordError)
      throw new StorageError("failed", error.message, { cause: error });
    throw error;
  }
}

function failure(what: string, error: unknown): unknown {
  return error instanceof ApiError
    ? new StorageError("failed", `${what}: ${error.message}`, { cause: error })
    : error;
}
