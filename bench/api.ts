import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect, type TLSSocket } from "node:tls";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";

type Print = (figure: string, value: number, unit: string) => void;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TOKEN = "bench-token";
const CLIENTS = 64;
const CONFIGS = "/api/v1/namespaces/default/configmaps";
const JSON_TYPE = { "content-type": "application/json" };
const APPLY_TYPE = { "content-type": "application/apply-patch+yaml" };

const SERVER = `
import { randomBytes } from "node:crypto";
import { openControlPlane } from "@capstan/control-plane";
const clock = {
  now: () => Date.now(),
  after: (ms, callback) => { const timer = setTimeout(callback, ms); return () => clearTimeout(timer); },
};
const random = { float: () => Math.random(), bytes: (length) => randomBytes(length) };
const admin = { name: "bench", groups: ["system:masters"] };
const plane = await openControlPlane({
  dataDir: process.argv[1], port: 0, clock, random, tokens: new Map([["${TOKEN}", admin]]),
});
console.log(JSON.stringify({ url: plane.url, caPem: plane.caPem, readyMs: performance.now() }));
`;

interface Server {
  readonly process: ChildProcess;
  readonly url: string;
  readonly caPem: string;
  readonly readyMs: number;
}

async function startServer(directory: string): Promise<Server> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SERVER, directory], {
    cwd: join(ROOT, "packages/control-plane"),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(createInterface({ input: child.stdout }), "line");
  return { process: child, ...JSON.parse(String(line)) };
}

async function stopServer(server: Server): Promise<void> {
  server.process.kill("SIGKILL");
  await once(server.process, "exit");
}

function pool(url: string, ca: string, connections = CLIENTS): Pool {
  return new Pool(url, { connections, pipelining: 1, connect: { ca }, headersTimeout: 0, bodyTimeout: 0 });
}

interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

async function send(client: Pool, call: Call, ok: readonly number[] = [200, 201]): Promise<Buffer> {
  const headers = { authorization: `Bearer ${TOKEN}`, ...call.headers };
  const { statusCode, body } = await client.request({ ...call, headers });
  const bytes = Buffer.from(await body.arrayBuffer());
  if (!ok.includes(statusCode))
    throw new Error(`${call.method} ${call.path}: ${statusCode} ${bytes.toString()}`);
  return bytes;
}

/** Requests per second with `clients` loops that each send one request after another. */
async function rate(
  client: Pool,
  total: number,
  call: (index: number) => Call,
  clients = CLIENTS,
): Promise<number> {
  let next = 0;
  const start = performance.now();
  const loop = async () => {
    for (let index = next++; index < total; index = next++) await send(client, call(index));
  };
  await Promise.all(Array.from({ length: clients }, loop));
  return (total / (performance.now() - start)) * 1000;
}

/** Median milliseconds of one request at a time. */
async function latency(client: Pool, count: number, call: (index: number) => Call): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const start = performance.now();
    await send(client, call(index));
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(count / 2)] ?? 0;
}

const PADDING = "x".repeat(1_700);

function config(name: string, value = "0"): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name },
    data: { padding: PADDING, value },
  });
}

const create = (name: string, path = CONFIGS): Call => ({
  method: "POST",
  path,
  body: config(name),
  headers: JSON_TYPE,
});

function apply(name: string, value: string): Call {
  const path = `${CONFIGS}/${name}?fieldManager=bench`;
  return { method: "PATCH", path, body: config(name, value), headers: APPLY_TYPE };
}

function rssMiB(server: Server): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}

/** What a server that does nothing but answer reaches on this machine: the yardstick for GET. */
async function bareRate(directory: string, bytes: Buffer): Promise<number> {
  const source = `
    import { createServer } from "node:https";
    import { readFileSync } from "node:fs";
    const [directory, text] = process.argv.slice(1);
    const body = Buffer.from(text);
    const tls = { cert: readFileSync(directory + "/server.crt"), key: readFileSync(directory + "/server.key") };
    const server = createServer(tls, (request, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
      response.end(body);
    });
    server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  `;
  const args = ["--input-type=module", "-e", source, directory, bytes.toString()];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = await once(createInterface({ input: child.stdout }), "line");
  const client = pool(`https://127.0.0.1:${port}`, readFileSync(join(directory, "ca.crt"), "utf8"));
  const call: Call = { method: "GET", path: "/" };
  await rate(client, 3_000, () => call);
  const result = await rate(client, 20_000, () => call);
  await client.close();
  child.kill("SIGKILL");
  return result;
}

async function measureRequests(server: Server, directory: string, print: Print): Promise<void> {
  const client = pool(server.url, server.caPem);
  await send(client, create("one"));
  const get: Call = { method: "GET", path: `${CONFIGS}/one` };
  const bytes = await send(client, get);
  await rate(client, 3_000, () => get);
  const gets = await rate(client, 20_000, () => get);
  const bare = await bareRate(directory, bytes);
  print("get", gets, "1/s");
  print("get_of_bare_https", (gets / bare) * 100, "%");
  await rate(client, 1_000, (index) => create(`warm-${index}`));
  print("create", await rate(client, 9_000, (index) => create(`made-${index}`)), "1/s");
  await rate(client, 500, (index) => apply(`applied-${index}`, "0"));
  print(
    "apply_unchanged",
    await rate(client, 10_000, (index) => apply(`applied-${index % 500}`, "0")),
    "1/s",
  );
  print(
    "apply_changing",
    await rate(client, 8_000, (index) => apply(`applied-${index % 500}`, `${index}`)),
    "1/s",
  );
  await client.close();
}

async function measureList(server: Server, print: Print): Promise<void> {
  const client = pool(server.url, server.caPem);
  const path = "/api/v1/namespaces/listed/configmaps";
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "listed" } };
  await send(client, {
    method: "POST",
    path: "/api/v1/namespaces",
    body: JSON.stringify(namespace),
    headers: JSON_TYPE,
  });
  await rate(client, 10_000, (index) => create(`c-${index}`, path));
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    await send(client, { method: "GET", path });
    times.push(performance.now() - start);
  }
  print("list_10000", times.sort((a, b) => a - b)[3] ?? 0, "ms");
  await client.close();
}

const WATCHERS = 1_000;
const WRITES = 200;

/** Milliseconds from a write's start until each of the watchers has read it. */
async function measureWatches(server: Server, print: Print): Promise<void> {
  const writing = pool(server.url, server.caPem);
  const delays: number[] = [];
  const sent = new Map<string, number>();
  const path = "/api/v1/namespaces/kube-public/configmaps";
  const version = (
    JSON.parse((await send(writing, { method: "GET", path })).toString()) as {
      metadata: { resourceVersion: string };
    }
  ).metadata.resourceVersion;
  const sockets = await Promise.all(
    Array.from({ length: WATCHERS }, () =>
      openWatch(server, `${path}?watch=true&resourceVersion=${version}`, (name) => {
        delays.push(performance.now() - (sent.get(name) ?? 0));
      }),
    ),
  );
  const pending: Promise<unknown>[] = [];
  const start = performance.now();
  for (let index = 0; index < WRITES * 3; index++) {
    const due = start + (index * 1000) / WRITES;
    const wait = due - performance.now();
    if (wait > 1) await new Promise((resume) => setTimeout(resume, wait));
    const name = `watched-${index}`;
    sent.set(name, performance.now());
    const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
    pending.push(send(writing, { method: "POST", path, body, headers: JSON_TYPE }));
  }
  await Promise.all(pending);
  const expected = WATCHERS * WRITES * 3;
  for (let i = 0; i < 100 && delays.length < expected; i++)
    await new Promise((resume) => setTimeout(resume, 100));
  for (const socket of sockets) socket.destroy();
  delays.sort((a, b) => a - b);
  print("watch_delivered", (delays.length / expected) * 100, "%");
  print("watch_p50", delays[Math.floor(delays.length * 0.5)] ?? 0, "ms");
  print("watch_p99", delays[Math.floor(delays.length * 0.99)] ?? 0, "ms");
  await writing.close();
}

const NAME = Buffer.from('"metadata":{"name":"');

/**
 * A watch on a connection of its own, resolved once its headers are there. Events are only searched for
 * their names, without an HTTP or JSON parser: the generator must not be what is measured.
 */
async function openWatch(server: Server, path: string, onName: (name: string) => void): Promise<TLSSocket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port), ca: server.caPem });
  await once(socket, "secureConnect");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`);
  await once(socket, "data");
  let rest: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let from = 0;
    for (let end = data.indexOf(10, from); end >= 0; end = data.indexOf(10, from)) {
      const at = data.indexOf(NAME, from);
      if (at >= 0 && at < end) {
        const start = at + NAME.length;
        onName(data.toString("latin1", start, data.indexOf(34, start)));
      }
      from = end + 1;
    }
    rest = data.subarray(from);
  });
  return socket;
}

async function measureGrowth(directory: string, print: Print): Promise<void> {
  let server = await startServer(directory);
  let client = pool(server.url, server.caPem);
  await rate(client, 1_000, (index) => create(`small-${index}`));
  const before = await latencies(client, "before");
  await rate(client, 99_000, (index) => create(`grown-${index}`));
  const after = await latencies(client, "after");
  print("rss_100000", rssMiB(server), "MiB");
  print("get_growth", after.get / before.get, "x");
  print("create_growth", after.create / before.create, "x");
  await client.close();
  await stopServer(server);
  const start = performance.now();
  server = await startServer(directory);
  client = pool(server.url, server.caPem);
  await send(client, { method: "GET", path: "/readyz" });
  print("restart_100000", performance.now() - start, "ms");
  await client.close();
  await stopServer(server);
}

async function latencies(client: Pool, tag: string): Promise<{ get: number; create: number }> {
  const get = await latency(client, 500, (index) => ({ method: "GET", path: `${CONFIGS}/small-${index}` }));
  return { get, create: await latency(client, 300, (index) => create(`${tag}-${index}`)) };
}

/** Measures the embedded API over HTTPS, with the load generated in this process. */
export async function run(print: Print): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), "capstan-bench-"));
  try {
    const first = join(directory, "first");
    const server = await startServer(first);
    print("ready_empty", server.readyMs, "ms");
    await measureRequests(server, first, print);
    await measureList(server, print);
    await measureWatches(server, print);
    await stopServer(server);
    await measureGrowth(join(directory, "second"), print);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
