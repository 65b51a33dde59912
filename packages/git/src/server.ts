import { createHash, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { GitError } from "./error.js";
import { type GitRunner, killTree } from "./runner.js";
import { packetLine, type RefUpdate, readAccepted, readUpdates } from "./server-protocol.js";
import { formatBytes } from "./tree.js";

export interface GitServerOptions {
  readonly runner: GitRunner;
  /** The bare repository behind a name (`demo` for `/demo.git`), or `undefined`. */
  readonly repository: (name: string) => string | undefined;
  /** Needed to push, as the password of any user; nobody may push where left out. */
  readonly pushToken?: string;
  /** Needed to read; reading is open where left out. */
  readonly readToken?: string;
  /** Called after a push, once the references have moved and before the client hears of it. */
  readonly onPush?: (push: { readonly name: string; readonly updates: readonly RefUpdate[] }) => void;
  /** Bytes that one push may send; 100 MiB where left out. */
  readonly maxPushBytes?: number;
  /** Milliseconds that one request may take; five minutes where left out. */
  readonly timeoutMs?: number;
}

type Service = "git-upload-pack" | "git-receive-pack";

const MAX_FETCH_REQUEST = 8 * 1024 * 1024;
const MAX_REPORT = 8 * 1024 * 1024;
const HEAD_BYTES = 256 * 1024;

/**
 * Serves repositories over git's smart HTTP protocol, for `git clone http://host/demo.git` and
 * `git push`. What a push brings stays in quarantine until git has checked it. Answers `false` for a URL
 * that is none of git's, without touching the response; otherwise it handles the request to its end and
 * never rejects.
 */
export function gitHttpHandler(
  options: GitServerOptions,
): (request: IncomingMessage, response: ServerResponse) => Promise<boolean> {
  return async (request, response) => {
    const route = routeOf(request.url ?? "/");
    if (route === undefined) return false;
    try {
      await handle(route, request, response, options);
    } catch (error) {
      const status = GitError.is(error, "too-large") ? 413 : 500;
      const text = GitError.is(error, "too-large") ? error.message : "the request could not be handled";
      if (response.headersSent) response.destroy();
      else answer(response, status, text);
    }
    return true;
  };
}

interface Route {
  readonly name: string;
  readonly action: "info/refs" | Service;
  readonly service: Service | undefined;
}

function routeOf(text: string): Route | undefined {
  const url = URL.canParse(text, "http://x") ? new URL(text, "http://x") : undefined;
  const match = /^\/([A-Za-z0-9][\w.-]*?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(
    url?.pathname ?? "",
  );
  const [, name, action] = match ?? [];
  if (url === undefined || name === undefined || action === undefined) return undefined;
  const service = action === "info/refs" ? url.searchParams.get("service") : action;
  const known = service === "git-upload-pack" || service === "git-receive-pack" ? service : undefined;
  return { name, action: action as Route["action"], service: known };
}

async function handle(
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  options: GitServerOptions,
): Promise<void> {
  const gitDir = options.repository(route.name);
  if (gitDir === undefined) return answer(response, 404, "repository not found");
  if (route.service === undefined) return answer(response, 403, "only the smart protocol is served");
  if (request.method !== (route.action === "info/refs" ? "GET" : "POST")) {
    return answer(response, 405, "method not allowed");
  }
  const needed = route.service === "git-receive-pack" ? options.pushToken : options.readToken;
  if (route.service === "git-receive-pack" && needed === undefined) {
    return answer(response, 403, "this repository is read-only");
  }
  if (needed !== undefined && !isAuthorized(request.headers.authorization, needed)) {
    response.setHeader("WWW-Authenticate", 'Basic realm="capstan", charset="UTF-8"');
    return answer(response, 401, "a token is needed");
  }
  response.setHeader("Cache-Control", "no-cache, max-age=0, must-revalidate");
  if (route.action === "info/refs") return advertise(route.service, gitDir, request, response, options);
  if (route.service === "git-upload-pack") return upload(gitDir, request, response, options);
  return receive(route.name, gitDir, request, response, options);
}

function isAuthorized(header: string | undefined, token: string): boolean {
  const [scheme = "", value = ""] = (header ?? "").split(" ", 2);
  const given =
    scheme.toLowerCase() === "basic"
      ? Buffer.from(value, "base64")
          .toString("utf8")
          .replace(/^[^:]*:/, "")
      : scheme.toLowerCase() === "bearer"
        ? value
        : "";
  const hash = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(hash(given), hash(token));
}

function serviceRun(service: Service, gitDir: string, request: IncomingMessage, advertise: boolean) {
  const protocol = request.headers["git-protocol"];
  return {
    args: [
      service.slice("git-".length),
      ...(service === "git-upload-pack" ? ["--strict", "--timeout=300"] : []),
      "--stateless-rpc",
      ...(advertise ? ["--http-backend-info-refs"] : []),
      gitDir,
    ],
    settings: [
      ["safe.directory", "*"],
      ["receive.fsckObjects", "true"],
      ["receive.autogc", "false"],
      ["receive.unpackLimit", "10000"],
      ["uploadpack.allowAnySHA1InWant", "true"],
      ["uploadpack.allowFilter", "true"],
      ["transfer.hideRefs", "refs/capstan"],
    ] as readonly (readonly [string, string])[],
    variables: {
      ...(typeof protocol === "string" && /^[\w=:.-]{1,100}$/.test(protocol)
        ? { GIT_PROTOCOL: protocol }
        : {}),
    },
  };
}

async function advertise(
  service: Service,
  gitDir: string,
  request: IncomingMessage,
  response: ServerResponse,
  options: GitServerOptions,
): Promise<void> {
  const { stdout } = await options.runner.run({
    ...serviceRun(service, gitDir, request, true),
    attempt: "advertising references",
  });
  response.setHeader("Content-Type", `application/x-${service}-advertisement`);
  const isV2 =
    service === "git-upload-pack" && /version=2/.test(String(request.headers["git-protocol"] ?? ""));
  const preface = isV2 ? "" : `${packetLine(`# service=${service}\n`)}0000`;
  response.writeHead(200).end(Buffer.concat([Buffer.from(preface), stdout]));
}

async function upload(
  gitDir: string,
  request: IncomingMessage,
  response: ServerResponse,
  options: GitServerOptions,
): Promise<void> {
  response.setHeader("Content-Type", "application/x-git-upload-pack-result");
  const child = options.runner.start(serviceRun("git-upload-pack", gitDir, request, false));
  const cancel = options.runner.clock.after(options.timeoutMs ?? 300_000, () => killTree(child));
  response.on("close", () => killTree(child));
  child.on("error", () => response.destroy());
  child.stderr.resume();
  try {
    await Promise.all([
      pipeline(bounded(bodyOf(request), MAX_FETCH_REQUEST), child.stdin),
      pipeline(child.stdout, response),
    ]);
  } finally {
    cancel();
    killTree(child);
  }
}

async function receive(
  name: string,
  gitDir: string,
  request: IncomingMessage,
  response: ServerResponse,
  options: GitServerOptions,
): Promise<void> {
  const most = options.maxPushBytes ?? 100 * 1024 * 1024;
  if (Number(request.headers["content-length"] ?? 0) > most) {
    response.setHeader("Connection", "close");
    return answer(response, 413, `a push may send ${formatBytes(most)}`);
  }
  const head: Buffer[] = [];
  const report: Buffer[] = [];
  const child = options.runner.start(serviceRun("git-receive-pack", gitDir, request, false));
  const cancel = options.runner.clock.after(options.timeoutMs ?? 300_000, () => killTree(child));
  const ended = new Promise<void>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", () => resolve());
  });
  child.stderr.resume();
  try {
    await Promise.all([
      pipeline(tap(bounded(bodyOf(request), most), head, HEAD_BYTES), child.stdin),
      collect(bounded(child.stdout, MAX_REPORT), report),
      ended,
    ]);
  } finally {
    cancel();
    killTree(child);
  }
  const answered = Buffer.concat(report);
  const accepted = readAccepted(answered);
  const updates = readUpdates(Buffer.concat(head)).filter(({ ref }) => accepted.has(ref));
  if (updates.length > 0) options.onPush?.({ name, updates });
  response.setHeader("Content-Type", "application/x-git-receive-pack-result");
  response.writeHead(200).end(answered);
}

function bodyOf(request: IncomingMessage): AsyncIterable<Buffer> {
  const encoding = request.headers["content-encoding"];
  return encoding === "gzip" || encoding === "x-gzip" ? request.pipe(createGunzip()) : request;
}

async function* bounded(source: AsyncIterable<Buffer>, most: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    if (bytes > most) throw new GitError("too-large", `more than the ${most} bytes allowed were sent`);
    yield chunk;
  }
}

async function* tap(source: AsyncIterable<Buffer>, into: Buffer[], most: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    if (bytes < most) into.push(chunk);
    bytes += chunk.byteLength;
    yield chunk;
  }
}

async function collect(source: AsyncIterable<Buffer>, into: Buffer[]): Promise<void> {
  for await (const chunk of source) into.push(chunk);
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.writeHead(status).end(`${text}\n`);
}
