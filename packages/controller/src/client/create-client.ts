import type {
  ApiRequest,
  ApiResponse,
  KubeObject,
  ObjectList,
  ObjectRef,
  Transport,
  TypeMeta,
  WatchEvent,
} from "@capstan/kube";
import { ApiError, parseApiVersion } from "@capstan/kube";
import { apiErrorOf, failure, isStatus, noKindMatch } from "./api-error.js";
import type {
  ApplyOptions,
  CallOptions,
  Client,
  DeleteOptions,
  Impersonation,
  ListOptions,
  Patch,
  ResourceInfo,
  WatchOptions,
  WriteOptions,
} from "./client.js";
import { Discovery } from "./discovery.js";
import { resourcePath } from "./path.js";

const PATCH_TYPES = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
} as const;
/** JSON is YAML, and costs the server less to read. */
const APPLY_TYPE = "application/apply-patch+yaml";
const PAGE_SIZE = 500;

/** What a client may be told beside its transport. */
export interface ClientOptions {
  /** Called with every `Warning` that the API sends. */
  readonly onWarning?: (text: string, request: ApiRequest) => void;
  /** Called after every answered request: for metrics. A watch counts when it was opened. */
  readonly onResponse?: (request: ApiRequest, status: number) => void;
}

/**
 * A client over a transport. Kinds are mapped to URLs by discovery, cached and read again on a miss.
 * Closing the client closes the transport.
 */
export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  return new TransportClient(transport, options, {});
}

class TransportClient implements Client {
  readonly #transport: Transport;
  readonly #options: ClientOptions;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #discovery: Discovery;

  constructor(
    transport: Transport,
    options: ClientOptions,
    headers: Readonly<Record<string, string>>,
    discovery?: Discovery,
  ) {
    this.#transport = transport;
    this.#options = options;
    this.#headers = headers;
    this.#discovery = discovery ?? new Discovery((request) => this.raw(request));
  }

  async get<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    options: CallOptions & { subresource?: string } = {},
  ): Promise<T> {
    const path = await this.#objectPath(ref, options.subresource, options.signal);
    return this.#send<T>({ method: "GET", path, ...signalOf(options) });
  }

  async tryGet<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    options: CallOptions = {},
  ): Promise<T | undefined> {
    try {
      return await this.get<T>(ref, options);
    } catch (error) {
      if (ApiError.is(error, "NotFound")) return undefined;
      throw error;
    }
  }

  async list<T extends KubeObject = KubeObject>(
    type: TypeMeta,
    options: ListOptions = {},
  ): Promise<ObjectList<T>> {
    const info = await this.#resource(type, options.signal);
    const accept = options.metadataOnly
      ? { headers: { accept: metadataAccept("PartialObjectMetadataList") } }
      : {};
    const list = await this.#send<ObjectList<T>>({
      method: "GET",
      path: resourcePath(info, options.namespace),
      query: listQuery(options),
      ...accept,
      ...signalOf(options),
    });
    const items = (list.items ?? []).map((item) => withType<T>(type, item, options.metadataOnly));
    return { ...list, items };
  }

  async *listAll<T extends KubeObject = KubeObject>(
    type: TypeMeta,
    options: ListOptions = {},
  ): AsyncGenerator<T> {
    let page = await this.list<T>(type, { limit: PAGE_SIZE, ...options });
    yield* page.items;
    const { resourceVersion: _, resourceVersionMatch: __, ...rest } = options;
    while (page.metadata.continue !== undefined && page.metadata.continue !== "") {
      page = await this.list<T>(type, { limit: PAGE_SIZE, ...rest, continue: page.metadata.continue });
      yield* page.items;
    }
  }

  async *watch<T extends KubeObject = KubeObject>(
    type: TypeMeta,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    const info = await this.#resource(type, options.signal);
    const accept = options.metadataOnly ? { accept: metadataAccept("PartialObjectMetadata") } : {};
    const request = this.#prepare({
      method: "GET",
      path: resourcePath(info, options.namespace),
      query: watchQuery(options),
      headers: accept,
      ...signalOf(options),
    });
    for await (const event of await this.#opened(request, () => this.#transport.watch(request))) {
      if (event.type === "ERROR") throw new ApiError(event.object);
      yield { type: event.type, object: withType<T>(type, event.object, options.metadataOnly) };
    }
  }

  async resourceFor(type: TypeMeta, options: CallOptions = {}): Promise<ResourceInfo | undefined> {
    return this.#discovery.find(type, options.signal);
  }

  async resources(options: CallOptions = {}): Promise<readonly ResourceInfo[]> {
    return this.#discovery.all(options.signal);
  }

  async create<T extends KubeObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const info = await this.#resource(object, options.signal);
    const namespace = namespaceOf(info, object.metadata.namespace, "during creation");
    const named = options.subresource === undefined ? undefined : object.metadata.name;
    const path = resourcePath(info, namespace, named, options.subresource);
    const created = await this.#send<T>({ method: "POST", path, ...writeOf(options), ...json(object) });
    this.#noteWrite(object);
    return created;
  }

  async update<T extends KubeObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const path = await this.#objectPath(refOf(object), options.subresource, options.signal);
    const updated = await this.#send<T>({ method: "PUT", path, ...writeOf(options), ...json(object) });
    this.#noteWrite(object);
    return updated;
  }

  async patch<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    patch: Patch,
    options: WriteOptions = {},
  ): Promise<T> {
    const path = await this.#objectPath(ref, options.subresource, options.signal);
    const body = patch.type === "json" ? patch.operations : patch.body;
    const patched = await this.#send<T>({
      method: "PATCH",
      path,
      ...writeOf(options),
      contentType: PATCH_TYPES[patch.type],
      body,
    });
    this.#noteWrite(ref);
    return patched;
  }

  async apply<T extends KubeObject = KubeObject>(object: KubeObject, options: ApplyOptions): Promise<T> {
    const path = await this.#objectPath(refOf(object), options.subresource, options.signal);
    const write = writeOf(options);
    const applied = await this.#send<T>({
      method: "PATCH",
      path,
      ...write,
      query: { ...write.query, ...(options.force === true ? { force: "true" } : {}) },
      contentType: APPLY_TYPE,
      body: object,
    });
    this.#noteWrite(object);
    return applied;
  }

  async delete(ref: ObjectRef, options: DeleteOptions = {}): Promise<KubeObject> {
    const path = await this.#objectPath(ref, undefined, options.signal);
    const deleted = await this.#send<KubeObject>({
      method: "DELETE",
      path,
      ...signalOf(options),
      ...json(deleteBody(options)),
    });
    this.#noteWrite(ref);
    return deleted;
  }

  async deleteCollection(
    type: TypeMeta,
    options: DeleteOptions & Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector">,
  ): Promise<void> {
    const info = await this.#resource(type, options.signal);
    await this.#send({
      method: "DELETE",
      path: resourcePath(info, options.namespace),
      query: listQuery(options),
      ...signalOf(options),
      ...json(deleteBody(options)),
    });
  }

  impersonate(as: Impersonation): Client {
    const headers = {
      "impersonate-user": as.user,
      ...(as.groups === undefined || as.groups.length === 0
        ? {}
        : { "impersonate-group": as.groups.join("\n") }),
      ...(as.uid === undefined ? {} : { "impersonate-uid": as.uid }),
    };
    return new TransportClient(this.#transport, this.#options, headers, this.#discovery);
  }

  async raw(request: ApiRequest): Promise<ApiResponse> {
    const prepared = this.#prepare(request);
    const response = await this.#transport.request(prepared);
    this.#options.onResponse?.(prepared, response.status);
    for (const warning of response.warnings) this.#options.onWarning?.(warning, prepared);
    return response;
  }

  async stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>> {
    const prepared = this.#prepare(request);
    return this.#opened(prepared, () => this.#transport.stream(prepared));
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  #prepare(request: ApiRequest): ApiRequest {
    return { ...request, headers: { ...request.headers, ...this.#headers } };
  }

  async #opened<R>(request: ApiRequest, open: () => Promise<R>): Promise<R> {
    try {
      const opened = await open();
      this.#options.onResponse?.(request, 200);
      return opened;
    } catch (error) {
      if (error instanceof ApiError) this.#options.onResponse?.(request, error.code);
      throw error;
    }
  }

  async #send<R>(request: ApiRequest): Promise<R> {
    const response = await this.raw(request);
    if (response.status >= 400) {
      const error = apiErrorOf(response.status, response.body);
      // A 404 that names no object means that the path itself is gone: the mapping is out of date.
      if (error.code === 404 && error.status.details?.name === undefined) this.#discovery.invalidate();
      throw error;
    }
    if (isStatus(response.body) && response.body.status === "Failure") throw new ApiError(response.body);
    // The server decides the shape; callers name the type that they asked for.
    return response.body as R;
  }

  async #resource(type: TypeMeta, signal: AbortSignal | undefined): Promise<ResourceInfo> {
    const info = await this.#discovery.find(type, signal);
    if (info === undefined) throw noKindMatch(type);
    return info;
  }

  async #objectPath(
    ref: ObjectRef,
    subresource: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const info = await this.#resource(ref, signal);
    if (ref.name === "") throw failure(400, "BadRequest", "resource name may not be empty");
    const namespace = namespaceOf(info, ref.namespace, "when a resource name is provided");
    return resourcePath(info, namespace, ref.name, subresource);
  }

  #noteWrite(type: TypeMeta): void {
    const { group } = parseApiVersion(type.apiVersion);
    if (group === "apiextensions.k8s.io" || group === "apiregistration.k8s.io") this.#discovery.invalidate();
  }
}

function namespaceOf(info: ResourceInfo, namespace: string | undefined, when: string): string | undefined {
  if (!info.namespaced) return undefined;
  if (namespace === undefined || namespace === "") {
    throw failure(400, "BadRequest", `an empty namespace may not be set ${when}`);
  }
  return namespace;
}

function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Items of built-in lists carry no type of their own. */
function withType<T extends KubeObject>(type: TypeMeta, item: KubeObject, metadataOnly = false): T {
  if (metadataOnly) return { apiVersion: type.apiVersion, kind: type.kind, metadata: item.metadata } as T;
  if (item.apiVersion !== undefined && item.kind !== undefined) return item as T;
  return { ...item, apiVersion: type.apiVersion, kind: type.kind } as T;
}

function metadataAccept(kind: string): string {
  return `application/json;as=${kind};g=meta.k8s.io;v=v1,application/json`;
}

function signalOf(options: CallOptions): { signal?: AbortSignal } {
  return options.signal === undefined ? {} : { signal: options.signal };
}

function json(body: unknown): { contentType: string; body: unknown } {
  return { contentType: "application/json", body };
}

function listQuery(options: ListOptions): Record<string, string | undefined> {
  return defined({
    labelSelector: options.labelSelector,
    fieldSelector: options.fieldSelector,
    limit: options.limit?.toString(),
    continue: options.continue,
    resourceVersion: options.resourceVersion,
    resourceVersionMatch: options.resourceVersionMatch,
  });
}

function watchQuery(options: WatchOptions): Record<string, string | undefined> {
  return {
    ...listQuery(options),
    watch: "true",
    ...defined({
      allowWatchBookmarks: options.allowBookmarks?.toString(),
      sendInitialEvents: options.sendInitialEvents?.toString(),
      timeoutSeconds: options.timeoutSeconds?.toString(),
    }),
  };
}

function writeOf(options: WriteOptions): { query: Record<string, string | undefined>; signal?: AbortSignal } {
  return {
    query: defined({
      fieldManager: options.fieldManager,
      dryRun: options.dryRun === true ? "All" : undefined,
      fieldValidation: options.fieldValidation,
    }),
    ...signalOf(options),
  };
}

function deleteBody(options: DeleteOptions): Record<string, unknown> {
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    ...(options.propagationPolicy === undefined ? {} : { propagationPolicy: options.propagationPolicy }),
    ...(options.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: options.gracePeriodSeconds }),
    ...(options.preconditions === undefined ? {} : { preconditions: options.preconditions }),
    ...(options.dryRun === true ? { dryRun: ["All"] } : {}),
  };
}

function defined(query: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined));
}
