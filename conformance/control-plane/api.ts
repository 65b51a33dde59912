import { readFileSync } from "node:fs";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Agent, request } from "node:https";
import { parseYaml } from "@capstan/kube";
import { Stream } from "./stream.js";

/** Any JSON that an API answers with; checks look into objects of every kind. */
// biome-ignore lint/suspicious/noExplicitAny: checks look into objects of every kind
export type Json = any;

/** What came back, whatever its code. */
export interface Answer {
  readonly code: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body, where it is JSON. */
  readonly json: Json;
  /** Texts of the `Warning` headers. */
  readonly warnings: readonly string[];
}

/** How one request differs from the plain one of the administrator. */
export interface Options {
  readonly headers?: Readonly<Record<string, string | string[]>>;
  /** A user to act as, by impersonation. */
  readonly as?: string;
  readonly groups?: readonly string[];
  /** A bearer token in place of the kubeconfig's credentials; `""`: none at all. */
  readonly token?: string;
}

export const JSON_PATCH = "application/json-patch+json";
export const MERGE_PATCH = "application/merge-patch+json";
export const STRATEGIC_PATCH = "application/strategic-merge-patch+json";
export const APPLY_PATCH = "application/apply-patch+yaml";
export const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
export const PROTOBUF = "application/vnd.kubernetes.protobuf";

interface Credentials {
  readonly server: string;
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly token: string | undefined;
}

/** Raw HTTP to an API server, as the user of a kubeconfig. */
export class Api {
  readonly #credentials: Credentials;
  readonly #agent: Agent;
  readonly #anonymous: Agent;

  constructor(kubeconfig: string) {
    this.#credentials = readCredentials(kubeconfig);
    const { ca, cert, key } = this.#credentials;
    const common = { keepAlive: true, maxSockets: 64, rejectUnauthorized: ca !== undefined, ca };
    this.#agent = new Agent({ ...common, cert, key });
    this.#anonymous = new Agent(common);
  }

  get server(): string {
    return this.#credentials.server;
  }

  get(path: string, options?: Options): Promise<Answer> {
    return this.send("GET", path, undefined, options);
  }

  post(path: string, body: unknown, options?: Options): Promise<Answer> {
    return this.send("POST", path, body, options);
  }

  put(path: string, body: unknown, options?: Options): Promise<Answer> {
    return this.send("PUT", path, body, options);
  }

  delete(path: string, body?: unknown, options?: Options): Promise<Answer> {
    return this.send("DELETE", path, body, options);
  }

  patch(path: string, type: string, body: unknown, options: Options = {}): Promise<Answer> {
    return this.send("PATCH", path, body, {
      ...options,
      headers: { "content-type": type, ...options.headers },
    });
  }

  /** Server-side apply by a manager. */
  apply(path: string, manager: string, body: unknown, query = "", options?: Options): Promise<Answer> {
    return this.patch(`${path}?fieldManager=${manager}${query}`, APPLY_PATCH, body, options);
  }

  /** One request; a string or bytes go as they are, anything else as JSON. */
  async send(method: string, path: string, body?: unknown, options: Options = {}): Promise<Answer> {
    const message = await this.#open(method, path, body, options);
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    const text = bytes.toString("utf8");
    return {
      code: message.statusCode ?? 0,
      headers: message.headers,
      bytes,
      text,
      json: parsed(text),
      warnings: warningsOf(message),
    };
  }

  /** Opens a stream of watch events. */
  async watch(path: string, options: Options = {}): Promise<Stream> {
    return new Stream(await this.#open("GET", path, undefined, options));
  }

  close(): void {
    this.#agent.destroy();
    this.#anonymous.destroy();
  }

  #open(method: string, path: string, body: unknown, options: Options): Promise<IncomingMessage> {
    const payload =
      body === undefined || typeof body === "string" || body instanceof Uint8Array
        ? body
        : JSON.stringify(body);
    const bearer = options.token ?? this.#credentials.token;
    const headers: Record<string, string | string[]> = {
      accept: "application/json",
      "user-agent": "conformance/v1",
      ...(payload === undefined
        ? {}
        : { "content-type": "application/json", "content-length": String(Buffer.byteLength(payload)) }),
      ...(bearer === undefined || bearer === "" ? {} : { authorization: `Bearer ${bearer}` }),
      ...(options.as === undefined ? {} : { "impersonate-user": options.as }),
      ...(options.groups === undefined ? {} : { "impersonate-group": [...options.groups] }),
      ...options.headers,
    };
    const agent = options.token === undefined ? this.#agent : this.#anonymous;
    return new Promise((resolve, reject) => {
      const call = request(`${this.server}${path}`, { method, headers, agent }, resolve);
      call.setTimeout(60_000, () => call.destroy(new Error(`no answer to ${method} ${path}`)));
      call.on("error", reject);
      call.end(payload);
    });
  }
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    // Plain text and protobuf are answers too; checks that want JSON then find nothing.
    return undefined;
  }
}

function warningsOf(message: IncomingMessage): string[] {
  const found: string[] = [];
  for (let at = 0; at < message.rawHeaders.length; at += 2) {
    if (message.rawHeaders[at]?.toLowerCase() !== "warning") continue;
    const quoted = /^299 - "((?:[^"\\]|\\.)*)"/.exec(message.rawHeaders[at + 1] ?? "");
    found.push((quoted?.[1] ?? message.rawHeaders[at + 1] ?? "").replace(/\\(.)/g, "$1"));
  }
  return found;
}

function readCredentials(path: string): Credentials {
  const config = parseYaml(readFileSync(path, "utf8")) as Json;
  const context = config.contexts.find((each: Json) => each.name === config["current-context"]).context;
  const cluster = config.clusters.find((each: Json) => each.name === context.cluster).cluster;
  const user = config.users.find((each: Json) => each.name === context.user).user;
  return {
    server: String(cluster.server).replace(/\/$/, ""),
    ca: decoded(cluster["certificate-authority-data"]),
    cert: decoded(user["client-certificate-data"]),
    key: decoded(user["client-key-data"]),
    token: user.token,
  };
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString("utf8");
}
