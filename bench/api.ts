import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type ClientHttp2Session, connect as connectHttp2 } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect } from "node:tls";
import { fileURLToPath } from "node:url";
import { Pool } from "undici";

type Print = (figure: string, value: number, unit: string) => void;

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const TOKEN = "bench-token";
const CLIENTS = 64;
/** How often two servers that are compared are measured, in turns. */
const ROUNDS = 5;
const CONFIGS = "/api/v1/namespaces/default/configmaps";
const JSON_TYPE = { "content-type": "application/json" };
const APPLY_TYPE = { "content-type": "application/apply-patch+yaml" };

const SERVER = `
import { randomBytes } from "node:crypto";
import { openControlPlane } from "@capstan/control-plane";
const clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
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

interface BareServer {
  readonly client: Pool;
  readonly close: () => Promise<void>;
}

/** A server that does nothing but answer with `bytes`: the yardstick for GET on this machine. */
async function startBareServer(directory: string, bytes: Buffer): Promise<BareServer> {
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
  const close = async () => {
    await client.close();
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { client, close };
}

/** Measures GET next to the bare server, in turns, so that what the machine does meanwhile meets both. */
async function measureGet(client: Pool, directory: string, print: Print): Promise<void> {
  const get: Call = { method: "GET", path: `${CONFIGS}/one` };
  const bare = await startBareServer(directory, await send(client, get));
  await rate(client, 3_000, () => get);
  await rate(bare.client, 3_000, () => get);
  const rates: number[] = [];
  const shares: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const own = await rate(client, 4_000, () => get);
    rates.push(own);
    shares.push((own / (await rate(bare.client, 4_000, () => get))) * 100);
  }
  print("get", median(rates), "1/s");
  print("get_of_bare_https", median(shares), "%");
  await bare.close();
}

async function measureRequests(server: Server, directory: string, print: Print): Promise<void> {
  const client = pool(server.url, server.caPem);
  await send(client, create("one"));
  await measureGet(client, directory, print);
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
  // The first lists find code that was never run: they are the warm-up, as elsewhere.
  for (let round = 0; round < 3; round++) await send(client, { method: "GET", path });
  const times: number[] = [];
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    await send(client, { method: "GET", path });
    times.push(performance.now() - start);
  }
  print("list_10000", median(times), "ms");
  await client.close();
}

const WATCHERS = 1_000;
const WRITES = 200;
/** How long they are written, after a second of warm-up. */
const SECONDS = 10;
const WATCHED = "/api/v1/namespaces/kube-public/configmaps";

/** Begins a watch; the returned function gives it up. */
type OpenWatch = (server: Server, path: string, deliveries: Deliveries) => Promise<() => void>;

/** Milliseconds from a write's start until each of the watchers has read it; objects are numbered from `first`. */
async function measureWatches(
  server: Server,
  open: OpenWatch,
  first: number,
  print: Print,
  name: string,
): Promise<void> {
  const writing = pool(server.url, server.caPem);
  // Writers are connected before anybody watches: their handshakes are not part of a delivery.
  await rate(writing, CLIENTS * 4, () => ({ method: "GET", path: WATCHED }));
  const { metadata } = JSON.parse((await send(writing, { method: "GET", path: WATCHED })).toString()) as {
    metadata: { resourceVersion: string };
  };
  const path = `${WATCHED}?watch=true&resourceVersion=${metadata.resourceVersion}`;
  const deliveries = new Deliveries(first + WRITES * (1 + SECONDS));
  const opened: (() => void)[] = [];
  while (opened.length < WATCHERS) {
    opened.push(...(await Promise.all(Array.from({ length: 50 }, () => open(server, path, deliveries)))));
  }
  // The first second of writes is not measured: it is the warm-up.
  await writeAtRate(writing, first, WRITES, deliveries);
  await settled(deliveries, WRITES * WATCHERS);
  deliveries.take();
  await writeAtRate(writing, first + WRITES, WRITES * SECONDS, deliveries);
  const expected = WATCHERS * WRITES * SECONDS;
  await settled(deliveries, expected);
  for (const close of opened) close();
  const delays = deliveries.take();
  print(`${name}_delivered`, (delays.length / expected) * 100, "%");
  print(`${name}_p50`, delays[Math.floor(delays.length * 0.5)] ?? 0, "ms");
  print(`${name}_p99`, delays[Math.floor(delays.length * 0.99)] ?? 0, "ms");
  await writing.close();
}

/** Creates `count` objects, `WRITES` a second, whatever the answers take. */
async function writeAtRate(
  writing: Pool,
  first: number,
  count: number,
  deliveries: Deliveries,
): Promise<void> {
  const pending: Promise<unknown>[] = [];
  const start = performance.now();
  for (let index = 0; index < count; index++) {
    const wait = start + (index * 1000) / WRITES - performance.now();
    if (wait > 1) await new Promise((resume) => setTimeout(resume, wait));
    const name = `watched-${first + index}`;
    const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name } });
    deliveries.sent[first + index] = performance.now();
    pending.push(send(writing, { method: "POST", path: WATCHED, body, headers: JSON_TYPE }));
  }
  await Promise.all(pending);
}

/** Waits until `expected` deliveries were measured, at most ten seconds. */
async function settled(deliveries: Deliveries, expected: number): Promise<void> {
  for (let i = 0; i < 100 && deliveries.count < expected; i++)
    await new Promise((resume) => setTimeout(resume, 100));
}

/** When each object was written, and how long it took until each watcher read it. */
class Deliveries {
  readonly sent: Float64Array;
  readonly #measured: Float64Array;
  #count = 0;

  constructor(writes: number) {
    this.sent = new Float64Array(writes);
    this.#measured = new Float64Array(WRITES * (1 + SECONDS) * WATCHERS);
  }

  get count(): number {
    return this.#count;
  }

  /** Notes that a watcher read object `index` at `now`. */
  add(index: number, now: number): void {
    this.#measured[this.#count++] = now - (this.sent[index] ?? 0);
  }

  /** What was measured since the last time, ascending. */
  take(): Float64Array {
    const taken = this.#measured.slice(0, this.#count).sort();
    this.#count = 0;
    return taken;
  }
}

const HEAD = '{"type":"ADDED","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"watched-';
const MARK = Buffer.from("watched-");
const NEWLINE = 10;
const QUOTE = 34;
const ZERO = 48;
const EMPTY = Buffer.alloc(0);
/** What connections read into: none keeps it beyond the moment. */
const READ_BUFFER = Buffer.alloc(64 * 1024);

/**
 * A watch on a connection of its own, resolved once its headers are there. Events are only looked at where
 * their names are, without streams and parsers of HTTP or JSON: the generator must not be what is measured.
 */
async function openOwnConnection(server: Server, path: string, deliveries: Deliveries): Promise<() => void> {
  const { hostname, port } = new URL(server.url);
  const read = eventReader(deliveries);
  let answered = false;
  let open: (() => void) | undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const callback = (length: number, buffer: Uint8Array): boolean => {
    // Headers come before there is anything to tell.
    if (!answered) open?.();
    else read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
    answered = true;
    return true;
  };
  // What net.connect takes, tls.connect takes too; its types do not say so.
  const options = {
    host: hostname,
    port: Number(port),
    ca: server.caPem,
    onread: { buffer: READ_BUFFER, callback },
  };
  const socket = connect(options);
  await once(socket, "secureConnect");
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`);
  await opened;
  return () => socket.destroy();
}

/** Watches that one client has on its connection, as a controller has with informers for its kinds. */
const WATCHES_PER_CLIENT = 20;

/** Opens watches as clients made with client-go do: over HTTP/2, all of a client's on one connection. */
function sharedConnections(): OpenWatch {
  const sessions: ClientHttp2Session[] = [];
  let opened = 0;
  return async (server, path, deliveries) => {
    const client = Math.floor(opened++ / WATCHES_PER_CLIENT);
    let session = sessions[client];
    if (session === undefined) {
      session = connectHttp2(server.url, { ca: server.caPem });
      sessions[client] = session;
    }
    const stream = session.request({ ":path": path, authorization: `Bearer ${TOKEN}` });
    stream.on("data", eventReader(deliveries));
    await once(stream, "response");
    return () => session.destroy();
  };
}

/** Notes the deliveries in what one watch reads, chunk by chunk. */
function eventReader(deliveries: Deliveries): (chunk: Buffer) => void {
  let rest: Buffer = EMPTY;
  return (chunk) => {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = readEvents(data, deliveries);
    // The chunk's memory may be read into again: what is left of it is copied.
    rest = end === data.length ? EMPTY : Buffer.from(data.subarray(end));
  };
}

/** Notes the deliveries in the whole lines of `data`; the returned offset is where the rest begins. */
function readEvents(data: Buffer, deliveries: Deliveries): number {
  const now = performance.now();
  let from = 0;
  for (let end = data.indexOf(NEWLINE); end >= 0; end = data.indexOf(NEWLINE, from)) {
    const index = end - from > HEAD.length ? watchedIndex(data, from + HEAD.length) : -1;
    if (index >= 0) deliveries.add(index, now);
    from = end + 1;
  }
  return from;
}

/** The number in the name `watched-N"` whose N begins at `at`; -1 where there is no such name. */
function watchedIndex(data: Buffer, at: number): number {
  for (let i = 1; i <= MARK.length; i++) if (data[at - i] !== MARK[MARK.length - i]) return -1;
  let index = 0;
  for (let i = at; data[i] !== QUOTE; i++) index = index * 10 + (data[i] ?? 0) - ZERO;
  return index;
}

/**
 * What a server with 100,000 objects takes for a request next to one with 1,000. The two are asked in turns,
 * so that what the machine does meanwhile meets both.
 */
async function measureGrowth(directory: string, print: Print): Promise<void> {
  const grownIn = join(directory, "grown");
  const small = await connected(await startServer(join(directory, "small")));
  let grown = await connected(await startServer(grownIn));
  await rate(small.client, 1_000, (index) => create(`small-${index}`));
  await rate(grown.client, 1_000, (index) => create(`small-${index}`));
  await rate(grown.client, 99_000, (index) => create(`grown-${index}`));
  // The small one has run as much of the code as matters, too, when they are compared.
  await rate(small.client, 5_000, (index) => create(`warm-${index}`));
  await rate(small.client, 5_000, (index) => ({ method: "DELETE", path: `${CONFIGS}/warm-${index}` }));
  await printGrowth(small.client, grown.client, print);
  print("rss_100000", rssMiB(grown.server), "MiB");
  for (const { client, server } of [small, grown]) {
    await client.close();
    await stopServer(server);
  }
  const start = performance.now();
  grown = await connected(await startServer(grownIn));
  await send(grown.client, { method: "GET", path: "/readyz" });
  print("restart_100000", performance.now() - start, "ms");
  await grown.client.close();
  await stopServer(grown.server);
}

async function connected(server: Server): Promise<{ readonly server: Server; readonly client: Pool }> {
  return { server, client: pool(server.url, server.caPem) };
}

async function printGrowth(small: Pool, grown: Pool, print: Print): Promise<void> {
  const get: number[] = [];
  const written: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const before = await latencies(small, `round-${round}`);
    const after = await latencies(grown, `round-${round}`);
    get.push(after.get / before.get);
    written.push(after.create / before.create);
  }
  print("get_growth", median(get), "x");
  print("create_growth", median(written), "x");
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
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
    await measureWatches(server, openOwnConnection, 0, print, "watch");
    await measureWatches(server, sharedConnections(), WRITES * (1 + SECONDS), print, "watch_http2");
    await stopServer(server);
    await measureGrowth(join(directory, "second"), print);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
