import type { KubeObject } from "./object.js";
import type { Status } from "./status.js";

/** One request to a Kubernetes-compatible API, before any wire encoding. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Absolute, decoded segments percent-encoded: `/apis/apps/v1/namespaces/a/deployments/b/status`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  /** Lower-case names; `impersonate-user`, `accept` and the like. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Media type of `body`; decides which kind of patch a PATCH is. */
  readonly contentType?: string;
  /** Plain data, never mutated by the transport or the server. */
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** An answer that is one document: an object, a list, a `Status`, a discovery document, text. */
export interface ApiResponse {
  readonly status: number;
  /** Texts of `Warning` headers, unquoted. */
  readonly warnings: readonly string[];
  /** Parsed JSON where the answer was JSON, else a string. Shared: do not mutate. */
  readonly body: unknown;
  /** What names this version of a document, where the server tells; sent as `if-none-match`, 304 is "unchanged". */
  readonly etag?: string;
}

/** One line of a watch. A bookmark's object carries only kind and resourceVersion. */
export type WatchEvent<T extends KubeObject = KubeObject> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK"; readonly object: T }
  | { readonly type: "ERROR"; readonly object: Status };

/**
 * How requests reach an API server: over HTTP, or straight into the embedded control plane's
 * handler. Both answer the same to the same request.
 */
export interface Transport {
  /** Resolves for every answer, failed ones included; rejects when no answer came. */
  request(request: ApiRequest): Promise<ApiResponse>;
  /** Opens a watch; rejects with `ApiError` where the server refuses it. Ends when `signal` aborts. */
  watch(request: ApiRequest): Promise<AsyncIterable<WatchEvent>>;
  /** Opens a byte stream (`log`, `follow=true`); rejects with `ApiError` where refused. */
  stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
  close(): Promise<void>;
}
