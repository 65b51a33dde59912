import { open } from "node:fs/promises";
import type { Clock, Random } from "@capstan/kube";
import { Digester, parseDigest } from "./digest.js";
import { ArtifactError } from "./error.js";

export interface DownloadOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Attempts after the first; 9 where left out, as Flux's `--http-retry`. */
  readonly retries?: number;
  /** Largest answer taken, in bytes; 1 GiB where left out. */
  readonly maxBytes?: number;
  /** `host:port` put in the place of the URL's own. */
  readonly hostOverride?: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly signal?: AbortSignal;
}

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 30_000;

/**
 * Downloads `url` into `file` and checks its digest. Server errors (5xx, 429) and broken connections are
 * tried again with growing, jittered pauses. Throws `ArtifactError`: `not-found` (404, at once),
 * `digest-mismatch`, `too-large`, `unreachable`.
 */
export async function downloadFile(
  url: string,
  digest: string,
  file: string,
  options: DownloadOptions,
): Promise<void> {
  parseDigest(digest);
  const target = overrideHost(url, options.hostOverride);
  const retries = options.retries ?? 9;
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      await downloadOnce(target, digest, file, options);
      return;
    } catch (error) {
      if (options.signal?.aborted === true) throw options.signal.reason;
      if (!(error instanceof RetryableFailure)) throw error;
      if (attempt >= retries) throw new ArtifactError("unreachable", error.message, { cause: error.cause });
    }
    const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** attempt);
    await pause(ceiling * (0.5 + options.random.float() / 2), options.clock, options.signal);
  }
}

class RetryableFailure extends Error {}

async function downloadOnce(url: URL, digest: string, file: string, options: DownloadOptions): Promise<void> {
  const shown = `${url.origin}${url.pathname}`;
  const response = await request(url, shown, options);
  if (!response.ok || response.body === null) {
    await response.body?.cancel();
    if (response.status === 404) throw new ArtifactError("not-found", `${shown} was not found (404)`);
    const message = `${shown} answered ${response.status}`;
    if (response.status >= 500 || response.status === 429) throw new RetryableFailure(message);
    throw new ArtifactError("unreachable", message);
  }
  const most = options.maxBytes ?? 1024 ** 3;
  const digester = new Digester(parseDigest(digest).algorithm);
  const handle = await open(file, "w", 0o600);
  try {
    for await (const chunk of chunks(response.body, shown)) {
      digester.update(chunk);
      if (digester.bytes > most) {
        throw new ArtifactError("too-large", `${shown} is larger than the ${most} bytes allowed`);
      }
      await handle.writeFile(chunk);
    }
  } finally {
    await handle.close();
  }
  const actual = digester.text();
  if (actual !== digest) {
    throw new ArtifactError("digest-mismatch", `${shown} has digest ${actual} where ${digest} was expected`);
  }
}

async function request(url: URL, shown: string, options: DownloadOptions): Promise<Response> {
  try {
    return await (options.fetch ?? globalThis.fetch)(url, options.signal ? { signal: options.signal } : {});
  } catch (error) {
    throw new RetryableFailure(`${shown} cannot be reached: ${reasonOf(error)}`, { cause: error });
  }
}

async function* chunks(body: ReadableStream<Uint8Array>, shown: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    if (error instanceof ArtifactError) throw error;
    throw new RetryableFailure(`${shown} broke off: ${reasonOf(error)}`, { cause: error });
  }
}

function overrideHost(text: string, host: string | undefined): URL {
  if (!URL.canParse(text)) throw new ArtifactError("unreachable", "the artifact's URL is malformed");
  const url = new URL(text);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ArtifactError("unreachable", `artifacts are not fetched over ${url.protocol}//`);
  }
  if (host !== undefined && host !== "") url.host = host;
  return url;
}

function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}

function pause(ms: number, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
