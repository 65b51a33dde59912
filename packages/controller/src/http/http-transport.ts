import type { ApiRequest, ApiResponse, Clock, Transport, WatchEvent } from "@capstan/kube";
import { Agent, type Dispatcher, ProxyAgent } from "undici";
import { apiErrorOf } from "../client/api-error.js";
import { type Authorization, authorizationOf } from "./authorization.js";
import type { ClusterConfig } from "./cluster-config.js";
import { decodeWatch } from "./json-lines.js";

export interface HttpTransportOptions {
  readonly clock: Clock;
  readonly userAgent?: string;
  /** Run credential plugins that the config names. */
  readonly allowExec?: boolean;
  /** Environment for credential plugins. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Connections for requests; watches and streams have theirs beside them. Default 64. */
  readonly connections?: number;
  readonly headersTimeoutMs?: number;
  readonly bodyTimeoutMs?: number;
}

/** Largest answer that is one document: 100,000 small objects fit, a runaway server does not. */
const MAX_BODY = 512 * 1024 * 1024;
const MAX_ERROR_BODY = 1024 * 1024;

/**
 * Requests to an API server over HTTP/1.1 with keep-alive. A 401 makes credentials that can change be
 * fetched again, once. Rejects with an error that names the server when no answer came.
 */
export function httpTransport(config: ClusterConfig, options: HttpTransportOptions): Transport {
  return new HttpTransport(config, options);
}

/** Requests wait for a connection when there are many; a watch that never ends must not take theirs. */
interface Agents {
  readonly requests: Dispatcher;
  readonly streams: Dispatcher;
  readonly cert: string | undefined;
}

class HttpTransport implements Transport {
  readonly #config: ClusterConfig;
  readonly #options: HttpTransportOptions;
  readonly #authorization: Authorization;
  readonly #origin: string;
  readonly #prefix: string;
  #agents: Agents | undefined;

  constructor(config: ClusterConfig, options: HttpTransportOptions) {
    const url = new URL(config.server);
    this.#config = config;
    this.#options = options;
    this.#authorization = authorizationOf(config, options);
    this.#origin = url.origin;
    this.#prefix = url.pathname.replace(/\/+$/, "");
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    const response = await this.#send(request, false);
    const body = await readBody(response, MAX_BODY);
    const { etag } = response.headers;
    return {
      status: response.statusCode,
      warnings: warningsOf(response.headers["warning"]),
      body: isJson(response) && body !== "" ? JSON.parse(body) : body,
      ...(typeof etag === "string" ? { etag } : {}),
    };
  }

  async watch(request: ApiRequest): Promise<AsyncIterable<WatchEvent>> {
    return endWithSignal(decodeWatch(await this.#open(request)), request.signal);
  }

  async stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>> {
    return endWithSignal(await this.#open(request), request.signal);
  }

  async close(): Promise<void> {
    await Promise.all([this.#agents?.requests.destroy(), this.#agents?.streams.destroy()]);
  }

  async #open(request: ApiRequest): Promise<AsyncIterable<Uint8Array>> {
    const response = await this.#send(request, true);
    if (response.statusCode < 400) return response.body;
    const text = await readBody(response, MAX_ERROR_BODY);
    throw apiErrorOf(response.statusCode, isJson(response) ? JSON.parse(text) : text);
  }

  async #send(request: ApiRequest, open: boolean): Promise<Dispatcher.ResponseData> {
    const response = await this.#attempt(request, open);
    if (response.statusCode !== 401 || !this.#authorization.refresh()) return response;
    await response.body.dump();
    return this.#attempt(request, open);
  }

  async #attempt(request: ApiRequest, open: boolean): Promise<Dispatcher.ResponseData> {
    const { header, cert, key } = await this.#authorization.current();
    const agents = this.#agentsFor(cert, key);
    const agent = open ? agents.streams : agents.requests;
    const { headersTimeoutMs = 70_000, bodyTimeoutMs = 120_000 } = this.#options;
    try {
      return await agent.request({
        origin: this.#origin,
        path: this.#prefix + request.path + queryOf(request.query),
        method: request.method,
        headers: this.#headers(request, header),
        headersTimeout: headersTimeoutMs,
        // A watch may be silent for as long as nothing changes.
        bodyTimeout: open ? 0 : bodyTimeoutMs,
        ...(request.body === undefined ? {} : { body: encode(request.body) }),
        ...(request.signal === undefined ? {} : { signal: request.signal }),
      });
    } catch (error) {
      request.signal?.throwIfAborted();
      throw new Error(`${request.method} ${this.#origin}${request.path} got no answer: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  }

  #headers(request: ApiRequest, authorization: string | undefined): Record<string, string | string[]> {
    const { impersonate } = this.#config;
    const headers: Record<string, string | string[]> = {
      accept: "application/json",
      "user-agent": this.#options.userAgent ?? "capstan",
    };
    if (authorization !== undefined) headers["authorization"] = authorization;
    if (request.body !== undefined) headers["content-type"] = request.contentType ?? "application/json";
    if (impersonate !== undefined) {
      headers["impersonate-user"] = impersonate.user;
      if (impersonate.groups !== undefined) headers["impersonate-group"] = [...impersonate.groups];
      if (impersonate.uid !== undefined) headers["impersonate-uid"] = impersonate.uid;
    }
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      headers[name] = value.includes("\n") ? value.split("\n") : value;
    }
    return headers;
  }

  /** Made anew when a credential plugin changes the client certificate. */
  #agentsFor(cert: string | undefined, key: string | undefined): Agents {
    if (this.#agents !== undefined && this.#agents.cert === cert) return this.#agents;
    const previous = this.#agents;
    const requests = createAgent(this.#config, this.#options.connections ?? 64, cert, key);
    const streams = createAgent(this.#config, null, cert, key);
    this.#agents = { requests, streams, cert };
    // What runs on the old ones may finish.
    void previous?.requests.close();
    void previous?.streams.close();
    return this.#agents;
  }
}

function createAgent(
  config: ClusterConfig,
  connections: number | null,
  cert: string | undefined,
  key: string | undefined,
): Dispatcher {
  const { tls = {}, proxyUrl } = config;
  const certificate = cert ?? tls.cert;
  const privateKey = cert === undefined ? tls.key : key;
  const connect = {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(certificate === undefined ? {} : { cert: certificate }),
    ...(privateKey === undefined ? {} : { key: privateKey }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    ...(tls.insecure === true ? { rejectUnauthorized: false } : {}),
  };
  const common = { connections, keepAliveTimeout: 30_000, keepAliveMaxTimeout: 120_000 };
  return proxyUrl === undefined
    ? new Agent({ ...common, connect: { ...connect, timeout: 15_000 } })
    : new ProxyAgent({ ...common, uri: proxyUrl, requestTls: connect });
}

/** Ends quietly, instead of throwing, when the reader's own signal aborts. */
async function* endWithSignal<T>(
  items: AsyncIterable<T>,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  try {
    yield* items;
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

async function readBody(response: Dispatcher.ResponseData, limit: number): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > limit) throw new Error(`the server's answer is longer than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function isJson(response: Dispatcher.ResponseData): boolean {
  return String(response.headers["content-type"] ?? "").includes("json");
}

function encode(body: unknown): string | Uint8Array {
  return typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
}

function queryOf(query: ApiRequest["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.append(name, value);
  }
  const text = parameters.toString();
  return text === "" ? "" : `?${text}`;
}

/** The texts of `Warning` headers: `299 - "text"` (RFC 7234, section 5.5). */
function warningsOf(header: string | string[] | undefined): string[] {
  const lines = header === undefined ? [] : Array.isArray(header) ? header : [header];
  return lines.flatMap((line) =>
    [...line.matchAll(/\b\d{3} \S+ "((?:[^"\\]|\\.)*)"/g)].map((match) =>
      (match[1] ?? "").replace(/\\(.)/g, "$1"),
    ),
  );
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
