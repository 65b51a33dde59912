import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { Connection } from "../connection.js";
import { type HttpAnswer, HttpClient } from "../http-client.js";
import { type BucketClient, BucketError, type ListedObject, listPages, plainEtag } from "./bucket-client.js";
import { parseListing } from "./s3-listing.js";

export interface S3Options extends Connection {
  /** Host and port, without a scheme. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly insecure: boolean;
  /** Anonymous where left out. */
  readonly keys?: {
    readonly accessKey: string;
    readonly secretKey: string;
    readonly sessionToken?: string | undefined;
  };
}

const MAX_LISTING_PAGE = 16 * 1024 * 1024;

/** One bucket over the S3 protocol, requests signed with Signature Version 4. */
export class S3Client implements BucketClient {
  readonly #options: S3Options;
  readonly #http: HttpClient;

  constructor(options: S3Options) {
    this.#options = options;
    this.#http = new HttpClient(options);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async list(prefix: string, maxObjects: number, now: number, signal: AbortSignal): Promise<ListedObject[]> {
    return listPages(maxObjects, async (token) => {
      const query = new URLSearchParams({ "list-type": "2", "encoding-type": "url", "max-keys": "1000" });
      if (prefix !== "") query.set("prefix", prefix);
      if (token !== undefined) query.set("continuation-token", token);
      const answer = await this.#send("", query, MAX_LISTING_PAGE, now, signal);
      if (answer.status === 404) throw new BucketError(`bucket '${this.#options.bucket}' not found`);
      if (answer.status !== 200) throw refused(answer);
      return parseListing(answer.body.toString("utf8"));
    });
  }

  async get(
    key: string,
    maxBytes: number,
    now: number,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer; etag: string } | undefined> {
    const answer = await this.#send(key, new URLSearchParams(), maxBytes, now, signal);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(answer);
    return { bytes: answer.body, etag: plainEtag(answer.headers["etag"]) };
  }

  async #send(
    key: string,
    query: URLSearchParams,
    maxBytes: number,
    now: number,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { endpoint, bucket, insecure } = this.#options;
    const virtual = isVirtualHosted(endpoint, bucket);
    const host = virtual ? `${bucket}.${endpoint}` : endpoint;
    const parts = [...(virtual ? [] : [bucket]), ...(key === "" ? [] : key.split("/"))];
    const url = `${insecure ? "http" : "https"}://${host}/${parts.map(encodeSegment).join("/")}`;
    const search = query.size === 0 ? "" : `?${query}`;
    const { authorization, ...headers } = await this.#sign(`${url}${search}`, now);
    return this.#http.send({ url: `${url}${search}`, headers, authorization, maxBytes, signal });
  }

  async #sign(url: string, now: number): Promise<Record<string, string>> {
    const { keys, region } = this.#options;
    if (keys === undefined) return {};
    const signer = new AwsV4Signer({
      url,
      accessKeyId: keys.accessKey,
      secretAccessKey: keys.secretKey,
      ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
      service: "s3",
      region,
      datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
      headers: { "x-amz-content-sha256": EMPTY_SHA256 },
    });
    const { headers } = await signer.sign();
    return Object.fromEntries(headers);
  }
}

/** AWS wants its buckets in the host name; certificates there cover names without dots. */
function isVirtualHosted(endpoint: string, bucket: string): boolean {
  return /(^|\.)amazonaws\.com(\.cn)?$/.test(endpoint) && /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/.test(bucket);
}

const EMPTY_SHA256 = createHash("sha256").update("").digest("hex");

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function refused(answer: HttpAnswer): BucketError {
  const code = /<Code>([\w.-]{1,100})<\/Code>/.exec(answer.body.toString("utf8"))?.[1];
  return new BucketError(`the storage answered ${answer.status}${code === undefined ? "" : ` ${code}`}`);
}
