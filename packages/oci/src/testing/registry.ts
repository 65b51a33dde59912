import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach } from "vitest";

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a server on a free port of the loopback interface; gives `host:port`. */
export async function listen(
  handler: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer(handler);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface TestRegistry {
  readonly host: string;
  readonly blobs: Map<string, Buffer>;
  readonly manifests: Map<string, { bytes: Buffer; type: string }>;
  readonly requests: string[];
  /** Answers instead of the registry where it returns true. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** A registry in memory. With `login` it hands out tokens to that account and wants them everywhere. */
export async function testRegistry(
  options: {
    login?: { username: string; password: string };
    scheme?: "bearer" | "basic";
    pageSize?: number;
  } = {},
): Promise<TestRegistry> {
  const blobs = new Map<string, Buffer>();
  const manifests = new Map<string, { bytes: Buffer; type: string }>();
  const requests: string[] = [];
  const registry = { host: "", blobs, manifests, requests, intercept: () => false } as TestRegistry;
  const basic =
    options.login &&
    `Basic ${Buffer.from(`${options.login.username}:${options.login.password}`).toString("base64")}`;
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", `http://${registry.host}`);
    requests.push(`${request.method} ${url.pathname}`);
    if (registry.intercept(request, response)) return;
    const { authorization } = request.headers;
    if (url.pathname === "/token") {
      if (authorization !== basic) return void response.writeHead(401).end();
      const token = `for ${url.searchParams.get("scope")}`.replaceAll(" ", "_");
      return void response.end(JSON.stringify({ token }));
    }
    if (basic !== undefined) {
      const bearer = options.scheme !== "basic";
      const allowed = bearer ? authorization?.startsWith("Bearer for_repository:") : authorization === basic;
      if (allowed !== true) {
        const challenge = bearer
          ? `Bearer realm="http://${registry.host}/token",service="test"`
          : 'Basic realm="test"';
        return void response.setHeader("WWW-Authenticate", challenge).writeHead(401).end();
      }
    }
    const body: Buffer[] = [];
    for await (const chunk of request) body.push(chunk as Buffer);
    route(registry, url, request, response, Buffer.concat(body), options.pageSize ?? 1000);
  };
  const host = await listen((request, response) => void handle(request, response));
  return Object.assign(registry, { host });
}

function route(
  registry: TestRegistry,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  pageSize: number,
): void {
  const [, name = "", kind = "", reference = ""] =
    /^\/v2\/(.+)\/(manifests|blobs|tags)\/(.*)$/.exec(url.pathname) ?? [];
  const key = `${name}@${reference}`;
  if (kind === "tags") {
    const tags = [...registry.manifests.keys()].filter(
      (tag) => tag.startsWith(`${name}@`) && !tag.includes("sha256:"),
    );
    const from = Number(url.searchParams.get("last") ?? 0);
    if (from + pageSize < tags.length) {
      response.setHeader("Link", `</v2/${name}/tags/list?last=${from + pageSize}>; rel="next"`);
    }
    const page = tags.slice(from, from + pageSize).map((tag) => tag.slice(name.length + 1));
    response.end(JSON.stringify({ name, tags: page }));
  } else if (request.method === "PUT" && kind === "manifests") {
    const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
    const entry = { bytes: body, type: String(request.headers["content-type"]) };
    registry.manifests.set(key, entry).set(`${name}@${digest}`, entry);
    response.writeHead(201).end();
  } else if (request.method === "POST" && kind === "blobs") {
    response.setHeader("Location", `/v2/${name}/blobs/uploads/one?state=x`).writeHead(202).end();
  } else if (request.method === "PUT" && kind === "blobs") {
    registry.blobs.set(url.searchParams.get("digest") ?? "", body);
    response.writeHead(201).end();
  } else {
    const manifest = registry.manifests.get(key);
    const bytes = kind === "manifests" ? manifest?.bytes : registry.blobs.get(reference);
    if (bytes === undefined) return void response.writeHead(404).end();
    if (manifest !== undefined) {
      response.setHeader("Content-Type", manifest.type);
      response.setHeader(
        "Docker-Content-Digest",
        `sha256:${createHash("sha256").update(bytes).digest("hex")}`,
      );
    }
    response.end(request.method === "HEAD" ? undefined : bytes);
  }
}
