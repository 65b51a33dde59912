import type { Clock, KubeObject, Random, TypeMeta } from "@capstan/kube";
import { parseApiVersion } from "@capstan/kube";
import type { Reader } from "../client/client.js";
import type { Logger } from "../logger.js";
import { type Informer, InformerCache } from "./informer.js";
import { Reflector, type Selection } from "./reflector.js";

/** What a cache is asked to hold. */
export interface InformerOptions extends Selection {
  /** Keep `metadata.managedFields`; they are dropped otherwise, being most of an object's size. */
  readonly keepManagedFields?: boolean;
  /** What is kept of each object; caches with transforms of different names are not shared. */
  readonly transform?: { readonly name: string; readonly apply: (object: KubeObject) => KubeObject };
}

/** One user's hold on a shared informer; the informer stops when the last one lets go. */
export interface InformerLease<T extends KubeObject = KubeObject> {
  readonly informer: Informer<T>;
  release(): void;
}

export interface InformerSetOptions {
  readonly reader: Reader;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

interface Running {
  readonly cache: InformerCache<KubeObject>;
  readonly reflector: Reflector<KubeObject>;
  readonly abort: AbortController;
  readonly done: Promise<void>;
  readonly apiVersion: string;
  users: number;
  missing: boolean;
}

const CRD: TypeMeta = { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" };

/**
 * The caches of one process. Whoever asks for the same kind and selection gets the same cache; a
 * kind that is not served yet is tried again as soon as a CustomResourceDefinition of its group
 * appears.
 */
export class InformerSet {
  readonly #options: InformerSetOptions;
  readonly #running = new Map<string, Running>();
  readonly #stopping = new Set<Promise<void>>();
  #definitions: InformerLease | undefined;

  constructor(options: InformerSetOptions) {
    this.#options = options;
  }

  /** Number of caches that run. */
  get size(): number {
    return this.#running.size;
  }

  /** Shares (or starts) the cache of a kind. Release it when it is no longer needed. */
  acquire<T extends KubeObject = KubeObject>(
    type: TypeMeta,
    options: InformerOptions = {},
  ): InformerLease<T> {
    const id = identity(type, options);
    const running = this.#running.get(id) ?? this.#start(id, type, options);
    running.users += 1;
    let held = true;
    return {
      // The type parameter names what the API serves under `type`.
      informer: running.cache as unknown as Informer<T>,
      release: () => {
        if (!held) return;
        held = false;
        running.users -= 1;
        if (running.users === 0) this.#stop(id, running);
      },
    };
  }

  /** The cache of a kind where somebody runs it. */
  peek<T extends KubeObject = KubeObject>(
    type: TypeMeta,
    options: InformerOptions = {},
  ): Informer<T> | undefined {
    return this.#running.get(identity(type, options))?.cache as Informer<T> | undefined;
  }

  /** Stops every cache, whoever uses it, and waits until all have ended. */
  async stop(): Promise<void> {
    for (const [id, running] of this.#running) this.#stop(id, running);
    this.#definitions = undefined;
    await Promise.all(this.#stopping);
  }

  #start(id: string, type: TypeMeta, options: InformerOptions): Running {
    const { keepManagedFields, transform, ...selection } = options;
    const { logger } = this.#options;
    const cache = new InformerCache<KubeObject>(
      { apiVersion: type.apiVersion, kind: type.kind },
      transform?.apply ?? (keepManagedFields === true ? identityOf : withoutManagedFields),
      (error) => logger.error("informer handler failed", { kind: type.kind, error: String(error) }),
    );
    const abort = new AbortController();
    const reflector = new Reflector<KubeObject>(
      { ...this.#options, type, selection, onKindMissing: () => this.#noteMissing(running, type) },
      cache,
    );
    const running: Running = {
      cache,
      reflector,
      abort,
      done: reflector.run(abort.signal),
      apiVersion: type.apiVersion,
      users: 0,
      missing: false,
    };
    this.#running.set(id, running);
    return running;
  }

  #stop(id: string, running: Running): void {
    this.#running.delete(id);
    running.abort.abort();
    const done = running.done.finally(() => this.#stopping.delete(done));
    this.#stopping.add(done);
  }

  #noteMissing(running: Running, type: TypeMeta): void {
    if (isDefinition(type)) return;
    running.missing = true;
    if (this.#definitions !== undefined) return;
    this.#definitions = this.acquire(CRD, { transform: { name: "group", apply: groupOnly } });
    this.#definitions.informer.subscribe((event) => {
      if (event.type !== "deleted") this.#retryGroup(groupOfDefinition(event.object));
    });
  }

  #retryGroup(group: string): void {
    for (const running of this.#running.values()) {
      if (!running.missing || parseApiVersion(running.apiVersion).group !== group) continue;
      running.missing = false;
      running.reflector.wake();
    }
  }
}

function identity(type: TypeMeta, options: InformerOptions): string {
  return [
    type.apiVersion,
    type.kind,
    options.namespace ?? "",
    options.labelSelector ?? "",
    options.fieldSelector ?? "",
    options.metadataOnly === true ? "metadata" : "full",
    options.keepManagedFields === true ? "managed" : "",
    options.transform?.name ?? "",
  ].join("|");
}

function isDefinition(type: TypeMeta): boolean {
  return type.kind === CRD.kind && type.apiVersion === CRD.apiVersion;
}

function groupOfDefinition(object: KubeObject): string {
  const spec = object["spec"];
  return typeof spec === "object" && spec !== null && "group" in spec ? String(spec.group) : "";
}

/** Of definitions only their group matters here; their schemas can be megabytes. */
function groupOnly(object: KubeObject): KubeObject {
  const { name, uid = "", resourceVersion = "" } = object.metadata;
  const { apiVersion, kind } = object;
  return {
    apiVersion,
    kind,
    metadata: { name, uid, resourceVersion },
    spec: { group: groupOfDefinition(object) },
  };
}

function identityOf(object: KubeObject): KubeObject {
  return object;
}

function withoutManagedFields(object: KubeObject): KubeObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}
