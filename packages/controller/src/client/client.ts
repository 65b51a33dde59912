import type {
  ApiRequest,
  ApiResponse,
  GroupVersionKind,
  KubeObject,
  ObjectList,
  ObjectRef,
  TypeMeta,
  WatchEvent,
} from "@capstan/kube";

/** What every call may carry. */
export interface CallOptions {
  readonly signal?: AbortSignal;
}

export interface ListOptions extends CallOptions {
  /** Left out: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: "Exact" | "NotOlderThan";
  /** Ask for `apiVersion`, `kind` and `metadata` only. */
  readonly metadataOnly?: boolean;
}

export interface WatchOptions extends Omit<ListOptions, "limit" | "continue"> {
  readonly allowBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
  readonly timeoutSeconds?: number;
}

export interface WriteOptions extends CallOptions {
  readonly fieldManager?: string;
  readonly dryRun?: boolean;
  readonly fieldValidation?: "Ignore" | "Warn" | "Strict";
  readonly subresource?: string;
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  readonly force?: boolean;
}

export interface DeleteOptions extends CallOptions {
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan";
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly dryRun?: boolean;
}

/** JSON patch (RFC 6902), merge patch (RFC 7386) or Kubernetes' strategic merge patch. */
export type Patch =
  | { readonly type: "json"; readonly operations: readonly Record<string, unknown>[] }
  | { readonly type: "merge"; readonly body: unknown }
  | { readonly type: "strategic"; readonly body: unknown };

/** How a kind is served: what `kubectl api-resources` shows of it. */
export interface ResourceInfo extends GroupVersionKind {
  /** The plural in URLs. */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Names of the subresources served under an object, e.g. `status`, `scale`. */
  readonly subresources: readonly string[];
}

/** The half of a client that cannot write. Every failure of the API is an `ApiError`. */
export interface Reader {
  get<T extends KubeObject = KubeObject>(
    ref: ObjectRef,
    options?: CallOptions & { subresource?: string },
  ): Promise<T>;
  /** Like `get`, with `undefined` for an object (or a kind) that does not exist. */
  tryGet<T extends KubeObject = KubeObject>(ref: ObjectRef, options?: CallOptions): Promise<T | undefined>;
  /** One page; follow `metadata.continue`, or use `listAll`. */
  list<T extends KubeObject = KubeObject>(type: TypeMeta, options?: ListOptions): Promise<ObjectList<T>>;
  /** Every page of a list, in order. */
  listAll<T extends KubeObject = KubeObject>(type: TypeMeta, options?: ListOptions): AsyncIterable<T>;
  /** Ends when the server or `signal` ends it; an ERROR event is thrown as `ApiError`. */
  watch<T extends KubeObject = KubeObject>(
    type: TypeMeta,
    options?: WatchOptions,
  ): AsyncIterable<WatchEvent<T>>;
  /** How a kind is served, from cached discovery (read again once on a miss); `undefined` if it is not. */
  resourceFor(type: TypeMeta, options?: CallOptions): Promise<ResourceInfo | undefined>;
  /** Everything that discovery lists. */
  resources(options?: CallOptions): Promise<readonly ResourceInfo[]>;
}

/** The half of a client that writes. Every call returns what the server stored. */
export interface Writer {
  create<T extends KubeObject>(object: T, options?: WriteOptions): Promise<T>;
  update<T extends KubeObject>(object: T, options?: WriteOptions): Promise<T>;
  patch<T extends KubeObject = KubeObject>(ref: ObjectRef, patch: Patch, options?: WriteOptions): Promise<T>;
  /** Server-side apply. `object` holds exactly the fields that the manager wants to own. */
  apply<T extends KubeObject = KubeObject>(object: KubeObject, options: ApplyOptions): Promise<T>;
  /** The object as it was last, or a `Status`; deleting what does not exist is an `ApiError` NotFound. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<KubeObject>;
  deleteCollection(
    type: TypeMeta,
    options: DeleteOptions & Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector">,
  ): Promise<void>;
}

/** Who the API should take the caller for (`Impersonate-*` headers). */
export interface Impersonation {
  readonly user: string;
  readonly groups?: readonly string[];
  readonly uid?: string;
}

/** A Kubernetes API, whichever home it is. Controllers hold nothing else. */
export interface Client extends Reader, Writer {
  /** The same API as somebody else. */
  impersonate(as: Impersonation): Client;
  /** A request that no method above covers (`/version`, `/openapi/v3`, …). */
  raw(request: ApiRequest): Promise<ApiResponse>;
  /** A byte stream, such as a pod's log. */
  stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}
