import type { IncomingMessage } from "node:http";
import type { Http2ServerRequest } from "node:http2";
import { entityTooLarge, tooManyRequests } from "../handler/errors.js";

/** Bodies above this are refused with 413. */
const MAX_BODY = 3 * 1024 * 1024;
/** All bodies that are in memory at one time; requests beyond are asked to come again. */
const MAX_HELD = 384 * 1024 * 1024;

/** Whether a request may bring a body that is looked at. */
export function mayHaveBody({ method }: { readonly method?: string | undefined }): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** Reads the bodies of requests, and keeps what they take of the memory bounded. */
export class RequestBodies {
  #held = 0;

  /**
   * Reads a body of at most 3 MiB; undefined where there is none. Throws `ApiError`: 413 for a larger
   * one, 429 while too much is being held. What was read is held until it is released.
   */
  async read(request: IncomingMessage | Http2ServerRequest): Promise<Uint8Array | undefined> {
    const tooLarge = () => entityTooLarge(`limit is ${MAX_BODY}`);
    const announced = Number(request.headers["content-length"] ?? 0);
    if (announced > MAX_BODY) throw tooLarge();
    if (this.#held > MAX_HELD) throw tooManyRequests("too many requests, please try again later", 1);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let refused = false;
      const refuse = (error: Error) => {
        if (refused) return;
        refused = true;
        this.#held -= size;
        reject(error);
      };
      request.on("data", (chunk: Buffer) => {
        if (refused) return;
        size += chunk.length;
        this.#held += chunk.length;
        if (size > MAX_BODY) {
          request.pause();
          refuse(tooLarge());
        } else chunks.push(chunk);
      });
      request.on("end", () => {
        const [only] = chunks;
        resolve(chunks.length === 1 ? only : chunks.length === 0 ? undefined : Buffer.concat(chunks, size));
      });
      request.on("error", refuse);
      request.on("close", () => {
        if (!request.complete) refuse(new Error("the client went away while sending its request"));
      });
    });
  }

  /** Tells that a body is no longer needed. */
  release(body: Uint8Array | undefined): void {
    this.#held -= body?.length ?? 0;
  }
}
