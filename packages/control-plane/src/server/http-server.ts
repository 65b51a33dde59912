import { type IncomingMessage, STATUS_CODES } from "node:http";
import { createSecureServer, type Http2SecureServer, type Http2ServerRequest } from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { ApiError, Clock, Random, Status } from "@capstan/kube";
import type { TokenAuthenticator } from "../authentication/authenticator.js";
import { authenticate, type ClientCertificate } from "../authentication/authenticator.js";
import { impersonate } from "../authentication/impersonation.js";
import { encodeAnswer, encodeStatus } from "../handler/encode.js";
import {
  asApiError,
  badRequest,
  tooManyRequests,
  unauthorized,
  unexpectedCause,
  warningsOf,
} from "../handler/errors.js";
import type { Handler, HandlerAnswer, HandlerRequest, RequestOrigin } from "../handler/handler.js";
import type { AnswerShaper } from "../handler/shape.js";
import type { OnFailure } from "../registry/on-failure.js";
import type { Authorizer, User } from "../registry/ports.js";
import { AuditIds } from "./audit-ids.js";
import { FairQueue } from "./fair-queue.js";
import { type Response, sendReply } from "./http-answer.js";
import { mayHaveBody, RequestBodies } from "./request-bodies.js";
import type { RequestMetrics } from "./request-metrics.js";
import { eventEncoding, WatchWriter } from "./watch-writer.js";

type Request = IncomingMessage | Http2ServerRequest;

const HEALTH = /^\/(?:livez|readyz|healthz)(?:\/|$)/;
const HEADERS_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 60_000;
const DRAIN_MS = 2_000;

export interface ServerParts {
  readonly handler: Pick<Handler, "handle">;
  /** Told of requests that nobody was let in with. */
  readonly refused: ((request: Omit<HandlerRequest, "user">, status: Status) => void) | undefined;
  readonly shaper: AnswerShaper;
  readonly authorizer: Authorizer;
  readonly tokens: readonly TokenAuthenticator[];
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: RequestMetrics;
  readonly onFailure: OnFailure;
}

export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
  /** Authority that client certificates must come from. */
  readonly clientAuthority: string;
}

/** The API over HTTPS, HTTP/1.1 and HTTP/2 on one port. */
export class HttpServer {
  readonly #parts: ServerParts;
  readonly #server: Http2SecureServer;
  readonly #watches: WatchWriter;
  readonly #queue: FairQueue;
  readonly #bodies = new RequestBodies();
  readonly #ids: AuditIds;
  readonly #certificates = new WeakMap<object, ClientCertificate | null>();
  readonly #sockets = new Set<Socket>();
  #closing = false;

  constructor(parts: ServerParts, tls: ServerTls) {
    this.#parts = parts;
    this.#watches = new WatchWriter(parts.clock);
    this.#queue = new FairQueue(parts.clock);
    this.#ids = new AuditIds(parts.random);
    this.#server = createSecureServer({
      allowHTTP1: true,
      cert: tls.certificate,
      key: tls.key,
      ca: tls.clientAuthority,
      requestCert: true,
      rejectUnauthorized: false,
      minVersion: "TLSv1.2",
      settings: { maxConcurrentStreams: 10_000, initialWindowSize: 1024 * 1024 },
    });
    Object.assign(this.#server, {
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: 180_000,
    });
    this.#server.on("request", (request, response) => this.#serve(request, response));
    this.#server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
      socket.on("error", () => this.#parts.metrics.connectionError());
      void this.#upgrade(request, socket);
    });
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    // A handshake that fails, or a session that breaks, concerns its client alone.
    this.#server.on("tlsClientError", (_error, socket) => socket.destroy());
    this.#server.on("sessionError", () => this.#parts.metrics.connectionError());
  }

  /** Resolves with the port once connections are accepted. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Stops accepting, lets running requests finish for a moment, then ends what is left. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const cancel = this.#parts.clock.after(DRAIN_MS, () => this.#destroySockets());
    setImmediate(() => this.#closeIdle());
    await closed;
    cancel();
  }

  #closeIdle(): void {
    // HTTP/2 sessions and idle keep-alive connections would hold the server open for ever.
    for (const socket of this.#sockets) socket.end();
  }

  #destroySockets(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(request: Request, response: Response): void {
    const finish = this.#parts.metrics.begin();
    const auditId = this.#ids.next();
    if (this.#closing) response.setHeader("connection", "close");
    response.on("error", () => this.#parts.metrics.connectionError());
    void this.#settle(request, response, auditId, finish);
  }

  async #settle(
    request: Request,
    response: Response,
    auditId: string,
    finish: (method: string, status: number) => void,
  ): Promise<void> {
    try {
      await this.#answer(request, response, auditId);
    } catch (error) {
      await this.#fail(error, request, response, auditId);
    } finally {
      finish(request.method ?? "GET", response.statusCode);
    }
  }

  async #answer(request: Request, response: Response, auditId: string): Promise<void> {
    const { user, impersonator } = this.#user(request, auditId);
    const body = mayHaveBody(request) ? await this.#bodies.read(request) : undefined;
    try {
      const origin = originOf(request, auditId, impersonator);
      const asked = toHandlerRequest(
        request,
        user,
        body,
        () => abortedWith(response, isGone(response)),
        origin,
      );
      await this.#inTurn(asked, request.socket, async () => {
        const sending = this.#send(await this.#parts.handler.handle(asked), request, response, auditId);
        if (sending !== undefined) await sending;
      });
    } finally {
      this.#bodies.release(body);
    }
  }

  /** Works on a request when its turn comes; questions after the server's health do not wait. */
  #inTurn({ path, user }: HandlerRequest, connection: object, work: () => Promise<void>): Promise<void> {
    if (HEALTH.test(path)) return work();
    const done = this.#queue.run({ user: user.name, connection }, work);
    if (done === undefined) throw tooManyRequests("too many requests, please try again later", 1);
    return done;
  }

  #send(
    { answer, accept, warnings }: HandlerAnswer,
    request: Request,
    response: Response,
    auditId: string,
  ): Promise<void> | undefined {
    const acceptEncoding = header(request, "accept-encoding");
    switch (answer.type) {
      case "watch": {
        const shape = this.#parts.shaper.eventShaper(answer.kind, accept, queryOf(request.url ?? "/"));
        response.setHeader("audit-id", auditId);
        this.#watches.serve(answer.stream, response, eventEncoding(accept, shape));
        return undefined;
      }
      case "stream":
        response.writeHead(answer.status ?? 200, {
          ...answer.headers,
          "content-type": answer.contentType,
          "audit-id": auditId,
        });
        return pipe(answer.chunks, response);
      case "bytes": {
        const chunks = [typeof answer.bytes === "string" ? Buffer.from(answer.bytes) : answer.bytes];
        const { status, contentType, headers = {} } = answer;
        return sendReply(
          response,
          { status, contentType, chunks, headers, warnings },
          acceptEncoding,
          auditId,
        );
      }
      default: {
        const pretty = accept.pretty || wantsPretty(request);
        const { contentType, chunks } = encodeAnswer(answer, { ...accept, pretty }, this.#parts.shaper);
        const status = answer.type === "list" ? 200 : answer.status;
        return sendReply(response, { status, contentType, chunks, warnings }, acceptEncoding, auditId);
      }
    }
  }

  async #fail(error: unknown, request: Request, response: Response, auditId: string): Promise<void> {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const cause = unexpectedCause(error);
    if (cause !== undefined)
      this.#parts.onFailure("request", `${request.method} ${pathOf(request.url ?? "/")}`, cause);
    const { status } = asApiError(error);
    const { contentType, chunks } = encodeStatus(status, header(request, "accept"), wantsPretty(request));
    const retry = status.details?.retryAfterSeconds;
    const headers: Record<string, string> = {};
    if (retry !== undefined && retry > 0) headers["retry-after"] = String(retry);
    if (status.code === 413) headers["connection"] = "close";
    const warnings = warningsOf(error);
    const reply = { status: status.code, contentType, chunks, headers, warnings };
    await sendReply(response, reply, undefined, auditId);
  }

  /** Answers who asks for another protocol: none is spoken here, and the handler says why not. */
  async #upgrade(raw: IncomingMessage, socket: Duplex): Promise<void> {
    const { status } = await this.#refusalOf(raw, socket);
    const body = JSON.stringify(status);
    socket.end(
      `HTTP/1.1 ${status.code} ${STATUS_CODES[status.code] ?? ""}\r\ncontent-type: application/json\r\n` +
        `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    );
  }

  async #refusalOf(raw: IncomingMessage, socket: Duplex): Promise<ApiError> {
    try {
      const auditId = this.#ids.next();
      const { user, impersonator } = this.#user(raw, auditId);
      const origin = originOf(raw, auditId, impersonator);
      await this.#parts.handler.handle(
        toHandlerRequest(raw, user, undefined, () => abortedWith(socket, socket.destroyed), origin),
      );
      return badRequest(`${raw.url ?? "/"} speaks no protocol but HTTP`);
    } catch (error) {
      return asApiError(error);
    }
  }

  #user(request: Request, auditId: string): { readonly user: User; readonly impersonator?: User } {
    const certificate = this.#certificate(request.socket as TLSSocket);
    const authorization = header(request, "authorization");
    const user = authenticate({ certificate, authorization }, this.#parts.tokens);
    if (user === undefined) throw this.#refusal(request, auditId);
    if (!hasImpersonation(request)) return { user };
    return { user: impersonate(user, request.headers, this.#parts.authorizer), impersonator: user };
  }

  #refusal(request: Request, auditId: string): ApiError {
    const error = unauthorized();
    if (this.#parts.refused !== undefined) {
      const origin = originOf(request, auditId, undefined);
      const { user: _, ...asked } = toHandlerRequest(request, NOBODY, undefined, NEVER_ABORTED, origin);
      this.#parts.refused(asked, error.status);
    }
    return error;
  }

  #certificate(socket: TLSSocket): ClientCertificate | undefined {
    let known = this.#certificates.get(socket);
    if (known === undefined) {
      known = readCertificate(socket) ?? null;
      this.#certificates.set(socket, known);
    }
    return known ?? undefined;
  }
}

function hasImpersonation(request: Request): boolean {
  for (const name in request.headers) if (name.startsWith("impersonate-")) return true;
  return false;
}

function readCertificate(socket: TLSSocket): ClientCertificate | undefined {
  if (!socket.authorized) return undefined;
  const { subject, fingerprint256 } = socket.getPeerCertificate();
  if (subject === undefined) return undefined;
  // Node's types know one value per attribute; several arrive as an array.
  const { CN, O } = subject as { CN?: string | string[]; O?: string | string[] };
  const [commonName = ""] = [CN ?? ""].flat();
  return {
    commonName,
    organizations: O === undefined ? [] : [O].flat(),
    fingerprint: fingerprint256.replaceAll(":", "").toLowerCase(),
  };
}

function header(request: Request, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function wantsPretty(request: Request): boolean {
  const query = request.url?.includes("pretty=") === true ? queryOf(request.url).get("pretty") : undefined;
  if (query !== undefined) return query === "true" || query === "1";
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(header(request, "user-agent") ?? "");
}

const NO_QUERY: ReadonlyMap<string, string> = new Map();

function pathOf(url: string): string {
  const at = url.indexOf("?");
  return at < 0 ? url : url.slice(0, at);
}

function queryOf(url: string): ReadonlyMap<string, string> {
  const at = url.indexOf("?");
  if (at < 0) return NO_QUERY;
  const query = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(url.slice(at + 1))) {
    if (!query.has(name)) query.set(name, value);
  }
  return query;
}

const NOBODY: User = { name: "", groups: [] };
const NEVER_ABORTED = () => new AbortController().signal;

function originOf(request: Request, auditId: string, impersonator: User | undefined): RequestOrigin {
  const address = request.socket.remoteAddress ?? "";
  const uri = request.url ?? "/";
  return impersonator === undefined ? { auditId, uri, address } : { auditId, uri, address, impersonator };
}

function toHandlerRequest(
  request: Request,
  user: User,
  bytes: Uint8Array | undefined,
  abort: () => AbortSignal,
  origin: RequestOrigin,
): HandlerRequest {
  const url = request.url ?? "/";
  let signal: AbortSignal | undefined;
  const contentType = (header(request, "content-type") ?? "").split(";")[0] ?? "";
  return {
    method: request.method ?? "GET",
    path: pathOf(url),
    query: queryOf(url),
    headers: request.headers as Readonly<Record<string, string>>,
    body: {
      contentType: contentType.trim().toLowerCase(),
      ...(bytes === undefined ? {} : { bytes }),
    },
    user,
    origin,
    get signal() {
      signal ??= abort();
      return signal;
    },
  };
}

/**
 * A signal that fires when the connection goes away; made only for requests that look at it. Who is gone by
 * then does not go again.
 */
function abortedWith(
  source: { once(event: "close", listener: () => void): unknown },
  gone: boolean,
): AbortSignal {
  if (gone) return AbortSignal.abort();
  const abort = new AbortController();
  source.once("close", () => abort.abort());
  return abort.signal;
}

/** Whether nobody reads the response any more. */
function isGone(response: Response): boolean {
  return "stream" in response ? response.stream?.destroyed !== false : response.destroyed;
}

async function pipe(chunks: AsyncIterable<Uint8Array>, response: Response): Promise<void> {
  const out = response as import("node:http").ServerResponse;
  out.flushHeaders();
  for await (const chunk of chunks) {
    if (out.destroyed) return;
    if (!out.write(chunk)) {
      await new Promise<void>((resolve) => {
        out.once("drain", resolve);
        out.once("close", resolve);
      });
    }
  }
  out.end();
}
