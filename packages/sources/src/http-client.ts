import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { Agent, type Dispatcher, ProxyAgent, request } from "undici";
import type { Connection } from "./connection.js";

/** What a server answered, read whole. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface HttpOrder {
  readonly url: string;
  readonly method?: "GET" | "HEAD" | "POST" | "PUT";
  readonly headers?: Readonly<Record<string, string>>;
  /** Not sent again to where a redirect leads. */
  readonly body?: string | undefined;
  /** Whether the answer may come compressed; `maxBytes` bounds what it unpacks to. */
  readonly compressed?: boolean;
  /** Left out once a redirect leads to another origin. */
  readonly authorization?: string | undefined;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
}

/** A request that got no whole answer; `message` shows no query and no credentials. */
export class HttpFailure extends Error {
  override readonly name = "HttpFailure";
}

const MAX_REDIRECTS = 10;

/** Requests over one connection's TLS material and proxy. Close it when done. */
export class HttpClient {
  readonly #dispatcher: Dispatcher;

  constructor(connection: Connection) {
    const { ca, cert, key, proxy } = connection;
    const tls = {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    };
    this.#dispatcher =
      proxy === undefined
        ? new Agent({ connect: tls })
        : new ProxyAgent({ uri: proxy.address, requestTls: tls, ...proxyToken(proxy) });
  }

  /** Sends a request and reads its answer; redirects are followed. Throws `HttpFailure`. */
  async send(order: HttpOrder): Promise<HttpAnswer> {
    let url = new URL(order.url);
    const { origin } = url;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const headers: Record<string, string> = {
        "user-agent": "capstan",
        ...(order.compressed === true ? { "accept-encoding": "gzip" } : {}),
        ...order.headers,
      };
      if (order.authorization !== undefined && url.origin === origin)
        headers["authorization"] = order.authorization;
      const answer = await this.#sendOnce(url, headers, order);
      const { location } = answer.headers;
      const redirected = answer.status >= 301 && answer.status <= 308 && typeof location === "string";
      if (!redirected || (order.method ?? "GET") === "POST" || order.method === "PUT") return answer;
      url = new URL(location, url);
      if (url.protocol !== "https:" && origin.startsWith("https:")) {
        throw new HttpFailure(`${origin} redirects to an unencrypted address`);
      }
    }
    throw new HttpFailure(`${origin} redirects too often`);
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
  }

  async #sendOnce(url: URL, headers: Record<string, string>, order: HttpOrder): Promise<HttpAnswer> {
    const shown = `${url.origin}${url.pathname}`;
    try {
      const { method = "GET", signal, body } = order;
      const response = await request(url, {
        method,
        headers,
        signal,
        dispatcher: this.#dispatcher,
        ...(body === undefined ? {} : { body }),
      });
      const chunks: Uint8Array[] = [];
      let bytes = 0;
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        bytes += chunk.byteLength;
        if (bytes > order.maxBytes)
          throw new HttpFailure(`${shown} is larger than the ${order.maxBytes} bytes allowed`);
        chunks.push(chunk);
      }
      const { headers: answered, statusCode: status } = response;
      const packed = order.compressed === true && answered["content-encoding"] === "gzip";
      const whole = Buffer.concat(chunks);
      return { status, headers: answered, body: packed ? await unpack(whole, order.maxBytes, shown) : whole };
    } catch (error) {
      order.signal.throwIfAborted();
      if (error instanceof HttpFailure) throw error;
      const text = error instanceof Error ? error.message : String(error);
      throw new HttpFailure(`${shown} cannot be reached: ${text}`, { cause: error });
    }
  }
}

const gunzipAsync = promisify(gunzip);

async function unpack(bytes: Buffer, maxBytes: number, shown: string): Promise<Buffer> {
  try {
    return await gunzipAsync(bytes, { maxOutputLength: maxBytes });
  } catch (error) {
    const large = error instanceof RangeError;
    throw new HttpFailure(
      large
        ? `${shown} is larger than the ${maxBytes} bytes allowed`
        : `${shown} is not compressed as it says`,
      { cause: error },
    );
  }
}

function proxyToken({ username, password = "" }: NonNullable<Connection["proxy"]>): { token?: string } {
  if (username === undefined) return {};
  return { token: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}
