import { Agent, type Dispatcher, ProxyAgent, RetryAgent, request } from "undici";
import type { OciLogin } from "./credentials.js";
import { OciError } from "./error.js";

export interface OciConnection {
  /** Plain HTTP; with a `https` registry that is not verified, see `skipVerify`. */
  readonly insecure?: boolean;
  /** Takes any certificate. */
  readonly skipVerify?: boolean;
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly proxy?: { readonly address: string; readonly username?: string; readonly password?: string };
  readonly login?: OciLogin;
  /** Sent with every request as it is, where there is no login. */
  readonly registryToken?: string;
  /** Milliseconds to wait for an answer to begin, and between its pieces; 30 s where left out. */
  readonly timeoutMs?: number;
}

export interface OciRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  /** Below `/v2/`, or absolute where the registry said so. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
}

export type OciResponse = Dispatcher.ResponseData;

const MAX_REDIRECTS = 5;
const MAX_TOKEN_BYTES = 1024 * 1024;

/**
 * Speaks to one registry on behalf of one repository: logs in when challenged, follows redirects, and
 * gives credentials to no other origin.
 */
export class OciSession {
  readonly origin: string;
  readonly #connection: OciConnection;
  readonly #dispatcher: Dispatcher;
  readonly #scope: string;
  #authorization: string | undefined;

  constructor(
    registry: string,
    repository: string,
    actions: "pull" | "pull,push",
    connection: OciConnection,
  ) {
    this.origin = `${connection.insecure === true ? "http" : "https"}://${registry}`;
    this.#connection = connection;
    if (connection.registryToken !== undefined) this.#authorization = `Bearer ${connection.registryToken}`;
    this.#scope = `repository:${repository}:${actions}`;
    this.#dispatcher = dispatcherOf(connection);
  }

  /** Sends a request and gives every answer but 401, 403, 429 and 5xx, which are thrown as `OciError`. */
  async send(order: OciRequest): Promise<OciResponse> {
    let response = await this.#follow(order);
    if (response.statusCode === 401) {
      const challenge = String(response.headers["www-authenticate"] ?? "");
      await response.body.dump();
      this.#authorization = await this.#login(challenge, order.signal);
      response = await this.#follow(order);
    }
    const { statusCode } = response;
    if (statusCode === 401 || statusCode === 403) {
      await response.body.dump();
      throw new OciError(
        "auth-failed",
        `${this.origin} refused the request: ${statusCode === 401 ? "UNAUTHORIZED" : "DENIED"}`,
      );
    }
    if (statusCode === 429 || statusCode >= 500) {
      await response.body.dump();
      throw new OciError("unreachable", `${this.origin} answered ${statusCode}`);
    }
    return response;
  }

  async close(): Promise<void> {
    await this.#dispatcher.close();
  }

  async #follow(order: OciRequest): Promise<OciResponse> {
    let url = new URL(order.path, `${this.origin}/v2/`);
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const own = url.origin === new URL(this.origin).origin;
      const headers: Record<string, string> = { "user-agent": "capstan", ...order.headers };
      if (own && this.#authorization !== undefined) headers["authorization"] = this.#authorization;
      const response = await this.#request(url, { ...order, headers });
      const location = response.headers["location"];
      const redirected = [301, 302, 303, 307, 308].includes(response.statusCode);
      if (!redirected || typeof location !== "string" || order.method === "POST") return response;
      await response.body.dump();
      url = new URL(location, url);
      const weaker = url.protocol !== "https:" && this.#connection.insecure !== true;
      if (weaker) throw new OciError("unreachable", `${this.origin} redirects to an unencrypted address`);
    }
    throw new OciError("unreachable", `${this.origin} redirects too often`);
  }

  async #request(url: URL, order: OciRequest): Promise<OciResponse> {
    try {
      return await request(url, {
        method: order.method,
        headers: { ...order.headers },
        dispatcher: this.#dispatcher,
        ...(order.body === undefined ? {} : { body: order.body }),
        ...(order.signal === undefined ? {} : { signal: order.signal }),
      });
    } catch (error) {
      order.signal?.throwIfAborted();
      const text = error instanceof Error ? error.message : String(error);
      throw new OciError("unreachable", `${url.origin} cannot be reached: ${text}`, { cause: error });
    }
  }

  async #login(challenge: string, signal: AbortSignal | undefined): Promise<string> {
    const { login } = this.#connection;
    const basic =
      login === undefined
        ? undefined
        : `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
    if (/^basic\b/i.test(challenge) && basic !== undefined) return basic;
    if (!/^bearer\b/i.test(challenge)) throw new OciError("auth-failed", `${this.origin} wants credentials`);
    const { realm, service } = challengeParameters(challenge);
    if (realm === undefined || !URL.canParse(realm)) {
      throw new OciError("invalid-response", `${this.origin} asks for a token from nowhere`);
    }
    const url = new URL(realm);
    if (url.protocol !== "https:" && this.#connection.insecure !== true) {
      throw new OciError("unreachable", `${this.origin} asks for a token over an unencrypted connection`);
    }
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set("scope", this.#scope);
    const { identityToken } = login ?? {};
    if (identityToken !== undefined)
      return `Bearer ${await this.#refresh(url, service, identityToken, signal)}`;
    return `Bearer ${await this.#token(url, basic, signal)}`;
  }

  async #token(url: URL, basic: string | undefined, signal: AbortSignal | undefined): Promise<string> {
    return this.#askToken(url, {
      method: "GET",
      path: "",
      headers: basic === undefined ? {} : { authorization: basic },
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** The token service's OAuth2 form: a refresh token for an access token. */
  async #refresh(
    url: URL,
    service: string | undefined,
    identityToken: string,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      service: service ?? "",
      client_id: "capstan",
      scope: this.#scope,
      refresh_token: identityToken,
    });
    return this.#askToken(new URL(url.pathname, url), {
      method: "POST",
      path: "",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: Buffer.from(form.toString()),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #askToken(url: URL, order: OciRequest): Promise<string> {
    const response = await this.#request(url, order);
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw new OciError("auth-failed", `${url.origin} gave no token: it answered ${response.statusCode}`);
    }
    const bytes = await readBounded(response.body, MAX_TOKEN_BYTES, `the token of ${url.origin}`);
    const answer = parseObject(bytes);
    const token = answer?.["token"] ?? answer?.["access_token"];
    if (typeof token === "string" && !/[\r\n]/.test(token)) return token;
    throw new OciError("invalid-response", `${url.origin} answered without a token`);
  }
}

/** What a registry under load answers now and then is asked again soon, where asking changes nothing. */
const RETRIES = {
  maxRetries: 2,
  minTimeout: 200,
  maxTimeout: 2_000,
  methods: ["GET", "HEAD"] as Dispatcher.HttpMethod[],
  statusCodes: [429, 500, 502, 503, 504],
  errorCodes: ["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"],
  throwOnError: false,
};

function dispatcherOf(connection: OciConnection): Dispatcher {
  const { ca, cert, key, skipVerify, proxy, timeoutMs = 30_000 } = connection;
  if ((cert === undefined) !== (key === undefined)) {
    throw new OciError(
      "invalid-credentials",
      "a client certificate needs its key, and a key its certificate",
    );
  }
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(skipVerify === true ? { rejectUnauthorized: false } : {}),
  };
  const timeouts = { headersTimeout: timeoutMs, bodyTimeout: timeoutMs, connectTimeout: timeoutMs };
  if (proxy === undefined) return new RetryAgent(new Agent({ ...timeouts, connect: tls }), RETRIES);
  const { username, password = "" } = proxy;
  const token =
    username === undefined
      ? {}
      : { token: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
  const agent = new ProxyAgent({ ...timeouts, uri: proxy.address, requestTls: tls, ...token });
  return new RetryAgent(agent, RETRIES);
}

function challengeParameters(challenge: string): { realm?: string; service?: string } {
  const parameters = new Map(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [
      name.toLowerCase(),
      value,
    ]),
  );
  const realm = parameters.get("realm");
  const service = parameters.get("service");
  return { ...(realm === undefined ? {} : { realm }), ...(service === undefined ? {} : { service }) };
}

/** All bytes of a body, or `OciError` `too-large`. */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
  what: string,
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes)
      throw new OciError("too-large", `${what} is larger than the ${maxBytes} bytes allowed`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** A JSON object, or `undefined` for anything else. */
export function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    // Whatever is no JSON is no object either.
    return undefined;
  }
}
