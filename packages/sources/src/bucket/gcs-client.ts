import type { Connection } from "../connection.js";
import { type HttpAnswer, HttpClient } from "../http-client.js";
import { parseObject } from "../json.js";
import { type BucketClient, BucketError, type ListedObject, listPages } from "./bucket-client.js";

export interface GcsOptions {
  /** Host and port, without a scheme. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly insecure: boolean;
  readonly connection: Connection;
  /** Anonymous where left out. */
  readonly token?: string;
}

const MAX_LISTING_PAGE = 16 * 1024 * 1024;

/** One bucket over Google's JSON API. */
export class GcsClient implements BucketClient {
  readonly #options: GcsOptions;
  readonly #http: HttpClient;

  constructor(options: GcsOptions) {
    this.#options = options;
    this.#http = new HttpClient(options.connection);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async list(prefix: string, maxObjects: number, _now: number, signal: AbortSignal): Promise<ListedObject[]> {
    return listPages(maxObjects, async (token) => {
      const query = new URLSearchParams({
        fields: "items(name,etag,size),nextPageToken",
        maxResults: "1000",
      });
      if (prefix !== "") query.set("prefix", prefix);
      if (token !== undefined) query.set("pageToken", token);
      const answer = await this.#send(`?${query}`, MAX_LISTING_PAGE, signal);
      const { bucket } = this.#options;
      if (answer.status === 404) throw new BucketError(`bucket '${bucket}' not found`);
      if (answer.status !== 200) throw refused(answer);
      return parsePage(answer.body.toString("utf8"));
    });
  }

  async get(key: string, maxBytes: number, _now: number, signal: AbortSignal) {
    // The etag that a listing shows is one of the object's description, not of its bytes.
    const described = await this.#send(
      `/${encodeURIComponent(key)}?fields=etag,generation`,
      MAX_LISTING_PAGE,
      signal,
    );
    if (described.status === 404) return undefined;
    if (described.status !== 200) throw refused(described);
    const { etag, generation } = parseObject(described.body.toString("utf8")) ?? {};
    if (typeof etag !== "string" || !/^\d+$/.test(String(generation))) throw malformed();
    const query = `alt=media&ifGenerationMatch=${generation}`;
    const answer = await this.#send(`/${encodeURIComponent(key)}?${query}`, maxBytes, signal);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(answer);
    return { bytes: answer.body, etag };
  }

  #send(path: string, maxBytes: number, signal: AbortSignal): Promise<HttpAnswer> {
    const { endpoint, bucket, insecure, token } = this.#options;
    const base = `${insecure ? "http" : "https"}://${endpoint}/storage/v1/b/${encodeURIComponent(bucket)}/o`;
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    return this.#http.send({ url: `${base}${path}`, authorization, maxBytes, signal });
  }
}

function parsePage(text: string) {
  const value = parseObject(text);
  const items = value?.["items"] ?? [];
  if (value === undefined || !Array.isArray(items)) throw malformed();
  const objects = items.map((item: unknown): ListedObject => {
    const { name, etag, size } = (item ?? {}) as Record<string, unknown>;
    const bytes = Number(size);
    if (typeof name !== "string" || typeof etag !== "string" || !Number.isSafeInteger(bytes))
      throw malformed();
    return { key: name, etag, size: bytes };
  });
  const next = value["nextPageToken"];
  return { objects, next: typeof next === "string" && next !== "" ? next : undefined };
}

function malformed(): BucketError {
  return new BucketError("the storage's answer is malformed");
}

function refused(answer: HttpAnswer): BucketError {
  return new BucketError(`the storage answered ${answer.status}`);
}
