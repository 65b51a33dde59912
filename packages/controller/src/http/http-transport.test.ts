import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { WatchEvent } from "@capstan/kube";
import { ApiError } from "@capstan/kube";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeClock } from "../testing/fake-clock.js";
import type { ClusterConfig } from "./cluster-config.js";
import { type HttpTransportOptions, httpTransport } from "./http-transport.js";

let server: Server;
let url: string;
let handle: (request: IncomingMessage, response: ServerResponse) => void;
let directory: string;
const closing: (() => Promise<void>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "capstan-http-"));
  server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(directory, { recursive: true });
});

function transport(config: Partial<ClusterConfig> = {}, options: Partial<HttpTransportOptions> = {}) {
  const made = httpTransport({ server: url, ...config }, { clock: new FakeClock(), ...options });
  closing.push(() => made.close());
  return made;
}

function answer(
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string | string[]> = {},
) {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

describe("httpTransport", () => {
  it("sends method, path, query, body and media type, and reads warnings", async () => {
    let body = "";
    let seen: IncomingMessage | undefined;
    handle = (request, response) => {
      seen = request;
      request.on("data", (chunk) => (body += chunk));
      request.on("end", () =>
        answer(response, { ok: true }, 201, { warning: ['299 - "old \\"field\\""', '299 - "b"'] }),
      );
    };
    const got = await transport({ server: `${url}/prefix/` }).request({
      method: "PATCH",
      path: "/api/v1/x",
      query: { a: "1 2", b: undefined },
      contentType: "application/merge-patch+json",
      body: { k: "v" },
    });
    expect(got).toEqual({ status: 201, warnings: ['old "field"', "b"], body: { ok: true } });
    expect(seen?.url).toBe("/prefix/api/v1/x?a=1+2");
    expect(seen?.headers["content-type"]).toBe("application/merge-patch+json");
    expect(JSON.parse(body)).toEqual({ k: "v" });
  });

  it("repeats headers that have several values", async () => {
    let groups: unknown;
    handle = (request, response) => {
      groups = request.headersDistinct["impersonate-group"];
      answer(response, {});
    };
    await transport().request({ method: "GET", path: "/", headers: { "impersonate-group": "a\nb" } });
    expect(groups).toEqual(["a", "b"]);
  });

  it("decodes a watch line by line, wherever its chunks are cut", async () => {
    const events = [1, 2, 3].map((n) => ({ type: "ADDED", object: { metadata: { name: `é${n}` } } }));
    handle = (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const bytes = Buffer.from(`${events.map((event) => JSON.stringify(event)).join("\n")}\n`);
      for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
      response.end();
    };
    const got: WatchEvent[] = [];
    for await (const event of await transport().watch({ method: "GET", path: "/w" })) got.push(event);
    expect(got).toEqual(events);
  });

  it("ends a watch quietly when its signal aborts, and loudly when the connection breaks", async () => {
    handle = (request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.write('{"type":"ADDED","object":{}}\n');
      if (request.url === "/broken") setImmediate(() => response.destroy());
    };
    const abort = new AbortController();
    const count = async (path: string, signal?: AbortSignal) => {
      let events = 0;
      for await (const _ of await transport().watch({ method: "GET", path, ...(signal ? { signal } : {}) })) {
        events += 1;
        abort.abort();
      }
      return events;
    };
    expect(await count("/w", abort.signal)).toBe(1);
    await expect(count("/broken")).rejects.toThrow();
  });

  it("keeps connections for requests, however many watches there are", async () => {
    handle = (request, response) => {
      if (request.url === "/get") return answer(response, {});
      response.writeHead(200, { "content-type": "application/json" });
      response.flushHeaders();
    };
    const client = transport({}, { connections: 1 });
    const abort = new AbortController();
    const { signal } = abort;
    await Promise.all([1, 2, 3].map((n) => client.watch({ method: "GET", path: `/w${n}`, signal })));
    expect((await client.request({ method: "GET", path: "/get" })).status).toBe(200);
    abort.abort();
  });

  it("throws the Status that refuses a watch", async () => {
    handle = (_, response) =>
      answer(
        response,
        { kind: "Status", status: "Failure", reason: "Forbidden", message: "no", code: 403 },
        403,
      );
    const error = await transport()
      .watch({ method: "GET", path: "/w" })
      .catch((caught: unknown) => caught);
    expect(ApiError.is(error, "Forbidden")).toBe(true);
  });

  it("names the server when no answer came, and gives the signal's reason when it was stopped", async () => {
    const dead = transport({ server: "http://127.0.0.1:1" });
    await expect(dead.request({ method: "GET", path: "/x" })).rejects.toThrow(
      "GET http://127.0.0.1:1/x got no answer",
    );
    handle = () => undefined;
    const abort = new AbortController();
    const stopped = transport().request({ method: "GET", path: "/x", signal: abort.signal });
    abort.abort(new Error("shutdown"));
    await expect(stopped).rejects.toThrow("shutdown");
  });

  it("reads a token file again when its time is over, and at once when it is refused", async () => {
    const path = join(directory, "token");
    await writeFile(path, "one\n");
    const tokens: unknown[] = [];
    handle = (request, response) => {
      tokens.push(request.headers.authorization);
      answer(response, {}, request.headers.authorization === "Bearer two" ? 401 : 200);
    };
    const clock = new FakeClock();
    const client = transport({ credentials: { kind: "tokenFile", path } }, { clock });
    const get = () => client.request({ method: "GET", path: "/" });
    await get();
    await writeFile(path, "two");
    await get();
    await clock.advance(61_000);
    await writeFile(path, "two");
    const third = get();
    await third;
    await writeFile(path, "three");
    expect((await get()).status).toBe(200);
    expect(tokens).toEqual([
      "Bearer one",
      "Bearer one",
      "Bearer two",
      "Bearer two",
      "Bearer two",
      "Bearer three",
    ]);
  });

  it("asks for a token again when its time is over, and at once when it is refused", async () => {
    const clock = new FakeClock();
    let issued = 0;
    const issue = async () => ({ token: String(++issued), expiresAt: clock.now() + 60_000 });
    const tokens: unknown[] = [];
    handle = (request, response) => {
      tokens.push(request.headers.authorization);
      answer(response, {}, request.headers.authorization === "Bearer 2" ? 401 : 200);
    };
    const client = transport({ credentials: { kind: "issued", issue } }, { clock });
    const get = () => client.request({ method: "GET", path: "/" });
    await get();
    await get();
    await clock.advance(55_000);
    expect((await get()).status).toBe(200);
    expect(tokens).toEqual(["Bearer 1", "Bearer 1", "Bearer 2", "Bearer 3"]);
  });

  it("runs a credential plugin only where that is allowed, and shows nothing of what it printed", async () => {
    const plugin = join(directory, "plugin");
    await writeFile(
      plugin,
      `#!/bin/sh\necho '{"kind":"ExecCredential","status":{"token":"'$NAME-$HOME'"}}'\n`,
    );
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      // Read by a shell, not executed: a file just written is busy while another thread forks.
      command: "/bin/sh",
      args: [plugin],
      env: { NAME: "n" },
      provideClusterInfo: false,
    };
    const config = { credentials: { kind: "exec", exec } } as const;
    expect(() => transport(config)).toThrow("which is not allowed here");
    let header: unknown;
    handle = (request, response) => {
      header = request.headers.authorization;
      answer(response, {});
    };
    const options = { allowExec: true, env: { HOME: "h", PATH: "/bin:/usr/bin" } };
    await transport(config, options).request({ method: "GET", path: "/" });
    expect(header).toBe("Bearer n-h");
    await writeFile(plugin, "#!/bin/sh\necho secret-token\n");
    const failed = transport(config, options).request({ method: "GET", path: "/" });
    await expect(failed).rejects.toThrow(/did not print JSON$/);
  });

  it("sends basic credentials and the config's own impersonation", async () => {
    let headers: IncomingMessage["headers"] = {};
    handle = (request, response) => {
      headers = request.headers;
      answer(response, {});
    };
    const credentials = { kind: "basic", username: "u", password: "p" } as const;
    await transport({ credentials, impersonate: { user: "jane", groups: ["g"] } }).request({
      method: "GET",
      path: "/",
    });
    expect(headers.authorization).toBe(`Basic ${Buffer.from("u:p").toString("base64")}`);
    expect(headers["impersonate-user"]).toBe("jane");
  });
});
