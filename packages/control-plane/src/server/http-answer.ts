import type { ServerResponse } from "node:http";
import type { Http2ServerResponse } from "node:http2";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";

/** HTTP/1.1 and HTTP/2 responses alike. */
export type Response = ServerResponse | Http2ServerResponse;

const compress = promisify(gzip);
/** Smaller answers are not worth compressing. */
const GZIP_FROM = 128 * 1024;
/** Larger answers leave in pieces of this size. */
const PIECE = 512 * 1024;

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly chunks: readonly Uint8Array[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly warnings?: readonly string[];
}

/**
 * Sends a whole document, compressed where the client takes it and it is large. What takes time is a promise;
 * a small answer is on its way at once.
 */
export function sendReply(
  response: Response,
  reply: Reply,
  acceptEncoding: string | undefined,
  auditId: string,
): Promise<void> | undefined {
  let size = 0;
  for (const chunk of reply.chunks) size += chunk.length;
  const headers: Record<string, string | string[] | number> = {
    "cache-control": "no-cache, private",
    "audit-id": auditId,
    "content-type": reply.contentType,
  };
  if (reply.headers !== undefined) Object.assign(headers, reply.headers);
  const { warnings = [] } = reply;
  if (warnings.length > 0) headers["warning"] = warningHeaders(warnings);
  const zipped = size > GZIP_FROM && acceptEncoding?.includes("gzip") === true;
  if (size > PIECE && !zipped) {
    headers["content-length"] = size;
    response.writeHead(reply.status, headers);
    return sendPieces(response as ServerResponse, reply.chunks);
  }
  const body: Uint8Array =
    reply.chunks.length === 1 ? (reply.chunks[0] ?? EMPTY) : Buffer.concat(reply.chunks, size);
  if (zipped) return sendZipped(response, reply.status, headers, body);
  headers["content-length"] = size;
  response.writeHead(reply.status, headers);
  (response as ServerResponse).end(body);
  return undefined;
}

type Headers = Record<string, string | string[] | number>;

async function sendZipped(
  response: Response,
  status: number,
  headers: Headers,
  body: Uint8Array,
): Promise<void> {
  const bytes = await compress(body, { level: constants.Z_BEST_SPEED });
  headers["content-encoding"] = "gzip";
  const { vary } = headers;
  headers["vary"] = vary === undefined ? "Accept-Encoding" : `Accept-Encoding, ${vary}`;
  headers["content-length"] = bytes.length;
  response.writeHead(status, headers);
  (response as ServerResponse).end(bytes);
}

/**
 * Sends a large document a piece at a time: its client reads the first while the next is encrypted, and
 * others are answered in between.
 */
async function sendPieces(response: ServerResponse, chunks: readonly Uint8Array[]): Promise<void> {
  for (const piece of joined(chunks)) {
    if (response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
  response.end();
}

/** Chunks put together to pieces of about `PIECE` bytes. */
function* joined(chunks: readonly Uint8Array[]): Generator<Uint8Array> {
  let from = 0;
  let size = 0;
  for (const [index, chunk] of chunks.entries()) {
    size += chunk.length;
    if (size < PIECE && index < chunks.length - 1) continue;
    yield Buffer.concat(chunks.slice(from, index + 1), size);
    from = index + 1;
    size = 0;
  }
}

/** Resolves when more can be written, or nothing any more. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      response.off("drain", settle);
      response.off("close", settle);
      resolve();
    };
    response.on("drain", settle);
    response.on("close", settle);
  });
}

const EMPTY = new Uint8Array(0);
const MAX_WARNINGS = 4_096;
const SHORT_WARNING = 256;

function warningHeaders(warnings: readonly string[]): string[] {
  const long = warnings.reduce((sum, text) => sum + text.length, 0) > MAX_WARNINGS;
  return warnings.map((text) => {
    const shown = long ? [...text].slice(0, SHORT_WARNING).join("") : text;
    const oneLine = shown.replace(/[\r\n]+/g, " ").replace(/[\\"]/g, "\\$&");
    // Header values are bytes: anything beyond them is percent-encoded rather than refused by node.
    return `299 - "${oneLine.replace(/[^\t\x20-\x7e\x80-\xff]/g, (char) => encodeURIComponent(char))}"`;
  });
}
