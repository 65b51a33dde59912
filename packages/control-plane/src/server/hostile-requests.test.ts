import { once } from "node:events";
import { Agent, request as send } from "node:https";
import { connect } from "node:tls";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ControlPlane, openControlPlane } from "../control-plane.js";
import { type RandomRequest, randomRequest } from "../testing/random-request.js";
import { systemClock, systemRandom } from "../testing/system-runtime.js";

/** What Kubernetes itself answers by 500, and its clients know: reading one object at no version at all. */
const isServerErrorInKubernetes = ({ method, path }: RandomRequest) =>
  (method === "GET" || method === "HEAD") && /[?&]resourceVersion=(?:x|9{20})/.test(path);
/** How many random requests are sent; a long run sets the variable. */
const REQUESTS = Number(process.env["CAPSTAN_FUZZ_REQUESTS"] ?? "400");

let plane: ControlPlane;
let agent: Agent;

beforeAll(async () => {
  const tokens = new Map([["admin", { name: "admin", groups: ["system:masters"] }]]);
  plane = await openControlPlane({ port: 0, clock: systemClock, random: systemRandom, tokens });
  agent = new Agent({ ca: plane.caPem, keepAlive: true });
});
afterAll(async () => {
  agent.destroy();
  await plane.close();
});

interface Reply {
  readonly status: number;
  readonly text: string;
}

function call({ method, path, headers, body }: RandomRequest, token = "admin"): Promise<Reply> {
  return new Promise((resolve, reject) => {
    // Node announces no length for the bodies of DELETE.
    const length = body === undefined ? {} : { "content-length": Buffer.byteLength(body) };
    const all = { ...headers, ...length, authorization: `Bearer ${token}` };
    const request = send(plane.url + path, { method, headers: all, agent, timeout: 10_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }),
      );
    });
    request.on("timeout", () => request.destroy(new Error(`no answer to ${method} ${path}`)));
    request.on("error", reject).end(body);
  });
}

const alive = async () =>
  expect((await call({ method: "GET", path: "/readyz", headers: {}, body: undefined })).text).toBe("ok");

describe("requests made to break the server", () => {
  test("are each answered, never by 500, and leave nothing behind in prototypes", async () => {
    await fc.assert(
      fc.asyncProperty(randomRequest, async (request) => {
        const { status, text } = await call(request);
        expect(status, text.slice(0, 500)).toBeGreaterThanOrEqual(200);
        if (!isServerErrorInKubernetes(request)) expect(status, text.slice(0, 500)).not.toBe(500);
        expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
      }),
      { numRuns: REQUESTS },
    );
    await alive();
  }, 600_000);

  test("tell somebody unknown nothing but that they are unknown", async () => {
    // The form of the answer follows what the client accepts, its content nothing at all.
    const said = new Map<string, Set<string>>();
    await fc.assert(
      fc.asyncProperty(randomRequest, async (request) => {
        const { status, text } = await call(request, "guess");
        expect(status).toBe(401);
        if (request.method === "HEAD") return;
        const form = `${request.headers["accept"]} ${request.path.includes("pretty")}`;
        said.set(form, (said.get(form) ?? new Set()).add(text));
      }),
      { numRuns: Math.min(REQUESTS, 200) },
    );
    for (const [form, texts] of said) expect([...texts], form).toHaveLength(1);
  });

  test.each([
    ["no HTTP at all", "\u0000\u0001\u0002 hello\r\n\r\n"],
    ["an endless header", `GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(200_000)}\r\n\r\n`],
    ["ten thousand headers", `GET / HTTP/1.1\r\nhost: x\r\n${"x: y\r\n".repeat(10_000)}\r\n`],
    ["two lengths", "POST /api HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx"],
    [
      "a length and chunks",
      "POST /api HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    [
      "a chunk of a negative size",
      "POST /api HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n\r\n",
    ],
    ["a header that is not text", "GET /api HTTP/1.1\r\nhost: x\r\nauthorization: \u0000\r\n\r\n"],
    [
      "an upgrade to nothing",
      "GET /api HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: nothing\r\n\r\n",
    ],
  ])("%s ends the connection or is refused, and others go on", async (_what, bytes) => {
    const { hostname, port } = new URL(plane.url);
    const socket = connect({ host: hostname, port: Number(port), ca: plane.caPem });
    socket.on("error", () => undefined);
    let answer = "";
    socket.on("data", (chunk: Buffer) => {
      answer += chunk.toString("latin1");
      socket.end();
    });
    await once(socket, "secureConnect");
    // A reset ends the connection too; `once` would fail for it.
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write(bytes, "latin1");
    await closed;
    if (answer !== "") expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
    await alive();
  });
});
