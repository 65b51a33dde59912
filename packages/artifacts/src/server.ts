import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { ArtifactError, errnoOf } from "./error.js";
import type { ArtifactStore } from "./store.js";

/**
 * Serves a store's files under `/`: GET and HEAD, one byte range, `If-Modified-Since`. Directories are
 * not listed, hidden and temporary files are not there. The handler never rejects.
 */
export function artifactHandler(
  store: ArtifactStore,
): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  return async (request, response) => {
    try {
      await serve(store, request, response);
    } catch (error) {
      // A client that went away in the middle of a file is no failure of the server.
      if (response.headersSent) response.destroy(error instanceof Error ? error : undefined);
      else answer(response, 500, "the artifact cannot be read");
    }
  };
}

async function serve(
  store: ArtifactStore,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return answer(response, 405, "method not allowed");
  }
  const file = locate(store, request.url ?? "/");
  const handle = file === undefined ? undefined : await openFile(file);
  if (handle === undefined) return answer(response, 404, "artifact not found");
  try {
    const { size, mtime } = await handle.stat();
    response.setHeader("Accept-Ranges", "bytes");
    response.setHeader("Last-Modified", mtime.toUTCString());
    response.setHeader("Content-Type", "application/octet-stream");
    if (isUnmodified(request.headers["if-modified-since"], mtime)) {
      response.writeHead(304).end();
      return;
    }
    const range = parseRange(request.headers.range, size);
    if (range === "unsatisfiable") {
      response.setHeader("Content-Range", `bytes */${size}`);
      return answer(response, 416, "range not satisfiable");
    }
    const { start, end } = range ?? { start: 0, end: size - 1 };
    if (range !== undefined) response.setHeader("Content-Range", `bytes ${start}-${end}/${size}`);
    response.setHeader("Content-Length", end - start + 1);
    response.writeHead(range === undefined ? 200 : 206);
    if (request.method === "HEAD" || size === 0) {
      response.end();
      return;
    }
    await pipeline(createReadStream("", { fd: handle, start, end, autoClose: false }), response);
  } finally {
    await handle.close();
  }
}

function locate(store: ArtifactStore, url: string): string | undefined {
  try {
    const path = decodeURIComponent(url.split(/[?#]/, 1)[0] ?? "").slice(1);
    if (path.split("/").some((segment) => segment.startsWith("."))) return undefined;
    return store.fileOf(path);
  } catch (error) {
    if (error instanceof URIError || error instanceof ArtifactError) return undefined;
    throw error;
  }
}

async function openFile(file: string): Promise<FileHandle | undefined> {
  try {
    const handle = await open(file, "r");
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENAMETOOLONG", "EISDIR"].includes(errnoOf(error) ?? "")) {
      return undefined;
    }
    throw error;
  }
}

function isUnmodified(header: string | undefined, modified: Date): boolean {
  const since = header === undefined ? Number.NaN : Date.parse(header);
  return !Number.isNaN(since) && Math.floor(modified.getTime() / 1000) * 1000 <= since;
}

/** Reads a `Range` header with one range (RFC 9110 §14.2); anything else is answered in full. */
function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  const [, first = "", last = ""] = match ?? [];
  if (match === null || (first === "" && last === "")) return undefined;
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  if (first !== "" && last !== "" && Number(last) < start) return undefined;
  return start >= size || start > end ? "unsatisfiable" : { start, end };
}

function answer(response: ServerResponse, status: number, text: string): void {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.writeHead(status).end(`${text}\n`);
}
