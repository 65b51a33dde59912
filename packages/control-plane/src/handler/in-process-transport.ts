import type {
  ApiRequest,
  ApiResponse,
  KubeObject,
  ObjectList,
  Status,
  Transport,
  WatchEvent,
} from "@capstan/kube";
import type { OnFailure } from "../registry/on-failure.js";
import type { User } from "../registry/ports.js";
import { type EventStream, iterate } from "../watch/event-stream.js";
import type { WatchedEvent } from "../watch/watched-event.js";
import type { Answer, ListAnswer } from "./call.js";
import { asApiError, internal, unexpectedCause, untyped, warningsOf } from "./errors.js";
import type { Handler, HandlerAnswer, HandlerRequest } from "./handler.js";
import type { Accept } from "./negotiation.js";
import { servedVersion } from "./object-storage.js";
import type { AnswerShaper } from "./shape.js";
import { listMetadata, plainObject } from "./views.js";

const decoder = new TextDecoder();

/** Requests as one user straight into the handler: no HTTP, no encoding, objects shared with the store. */
export class InProcessTransport implements Transport {
  readonly #handler: Pick<Handler, "handle">;
  readonly #shaper: AnswerShaper;
  readonly #resolveUser: (request: ApiRequest) => User;
  readonly #onFailure: OnFailure;
  readonly #streams = new Set<EventStream>();

  /** `resolveUser` turns the caller and the request's impersonation headers into a user. */
  constructor(
    handler: Pick<Handler, "handle">,
    shaper: AnswerShaper,
    resolveUser: (request: ApiRequest) => User,
    onFailure: OnFailure,
  ) {
    this.#onFailure = onFailure;
    this.#handler = handler;
    this.#shaper = shaper;
    this.#resolveUser = resolveUser;
  }

  async request(request: ApiRequest): Promise<ApiResponse> {
    request.signal?.throwIfAborted();
    try {
      const handled = await this.#handler.handle(this.#toHandler(request));
      const { answer, warnings } = handled;
      if (answer.type === "stream" && answer.document === true) {
        return { status: answer.status ?? 200, warnings, body: await documentOf(answer) };
      }
      return this.#response(handled);
    } catch (error) {
      const cause = unexpectedCause(error);
      if (cause !== undefined) this.#onFailure("request", `${request.method} ${request.path}`, cause);
      const { status } = asApiError(error);
      return { status: status.code, warnings: warningsOf(error), body: status };
    }
  }

  async watch(request: ApiRequest): Promise<AsyncIterable<WatchEvent>> {
    const query = { ...request.query, watch: "true" };
    const { answer, accept } = await this.#handler.handle(this.#toHandler({ ...request, query }));
    if (answer.type !== "watch") throw internal("the path does not name a collection");
    const { stream, kind } = answer;
    this.#streams.add(stream);
    stream.onEnd(() => this.#streams.delete(stream));
    const shape = this.#shaper.eventShaper(kind, accept, new Map(Object.entries(query)) as never);
    return iterate(stream, (event) => asWatchEvent(event, shape));
  }

  async stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>> {
    const { answer } = await this.#handler.handle(this.#toHandler(request));
    if (answer.type === "stream") return answer.chunks;
    if (answer.type === "bytes" && answer.status < 400) return once(answer.bytes);
    throw internal("the path does not name a stream");
  }

  async close(): Promise<void> {
    for (const stream of [...this.#streams]) stream.end();
  }

  #toHandler(request: ApiRequest): HandlerRequest {
    const query = new Map<string, string>();
    for (const [name, value] of Object.entries(request.query ?? {})) {
      if (value !== undefined) query.set(name, value);
    }
    return {
      method: request.method,
      path: request.path,
      query,
      headers: request.headers ?? {},
      body: { contentType: request.contentType ?? "", value: request.body },
      user: this.#resolveUser(request),
      signal: request.signal,
    };
  }

  #response({ answer, accept, warnings }: HandlerAnswer): ApiResponse {
    if (answer.type === "watch") {
      answer.stream.end();
      throw internal("a watch is opened with watch()");
    }
    if (answer.type === "stream") throw internal("a stream is opened with stream()");
    const etag = answer.type === "bytes" ? answer.headers?.["etag"] : undefined;
    const body = this.#body(answer, accept);
    return { status: statusOf(answer), warnings, body, ...(etag === undefined ? {} : { etag }) };
  }

  #body(answer: Exclude<Answer, { type: "stream" }>, accept: Accept): unknown {
    switch (answer.type) {
      case "value":
        return answer.value;
      case "bytes":
        return textOrJson(answer.bytes, answer.contentType);
      case "object":
        return accept.as === undefined ? plainObject(answer.object) : this.#shaper.object(answer, accept);
      case "list":
        return accept.as === undefined ? typedList(answer.list) : this.#shaper.list(answer.list, accept);
    }
  }
}

function statusOf(answer: Exclude<Answer, { type: "stream" }>): number {
  return answer.type === "list" ? 200 : answer.status;
}

/** In process, list items keep their type, so that they are the very objects that watches deliver. */
function typedList(list: ListAnswer): ObjectList {
  return {
    kind: list.kind.listKind,
    apiVersion: servedVersion(list.kind),
    metadata: listMetadata(list),
    items: list.items.map((item) => item.object),
  };
}

function asWatchEvent(
  event: WatchedEvent,
  shape: ((event: WatchedEvent) => unknown) | undefined,
): WatchEvent {
  if (event.type === "ERROR") return { type: "ERROR", object: event.object as Status };
  const object = shape === undefined ? event.object : shape(event);
  return { type: event.type, object: object as KubeObject };
}

/** What another server answered, as a whole. Throws 500 where it breaks off or has no end. */
async function documentOf({ chunks, contentType }: Extract<Answer, { type: "stream" }>): Promise<unknown> {
  const collected: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > MAX_DOCUMENT) throw new Error(`the answer is longer than ${MAX_DOCUMENT} bytes`);
      collected.push(chunk);
    }
  } catch (error) {
    throw untyped(error instanceof Error ? error.message : String(error));
  }
  const bytes = Buffer.concat(collected);
  try {
    return textOrJson(bytes, contentType);
  } catch {
    // It says that it is JSON and is not: whoever asked gets what there is.
    return decoder.decode(bytes);
  }
}

/** A longer answer of another server is not held in memory. */
const MAX_DOCUMENT = 64 * 1024 * 1024;

function textOrJson(bytes: Uint8Array | string, contentType: string): unknown {
  const text = typeof bytes === "string" ? bytes : decoder.decode(bytes);
  return contentType.includes("json") && text !== "" ? JSON.parse(text) : text;
}

async function* once(bytes: Uint8Array | string): AsyncGenerator<Uint8Array> {
  yield typeof bytes === "string" ? Buffer.from(bytes) : bytes;
}
