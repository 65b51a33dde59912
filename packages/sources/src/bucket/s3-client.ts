import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import type { Connection } from "../connection.js";
import { type HttpAnswer, HttpClient } from "../http-client.js";
import { parseListing } from "./s3-listing.js";

export interface S3Options extends Connection {
  /** Host and port, without a scheme. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly insecure: boolean;
  /** Anonymous where left out. */
  readonly keys?: { readonly accessKey: string; readonly secretKey: string };
}

/** An object as a listing shows it; the etag is without quotes. */
export interface S3Object {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** What a storage answered that is not what was asked for; `message` carries no credentials. */
export class S3Error extends Error {
  override readonly name = "S3Error";
}

const MAX_LISTING_PAGE = 16 * 1024 * 1024;
const MAX_PAGES = 1000;

/** One bucket over the S3 protocol, addressed by path, requests signed with Signature Version 4. */
export class S3Client {
  readonly #options: S3Options;
  readonly #http: HttpClient;

  constructor(options: S3Options) {
    this.#options = options;
    this.#http = new HttpClient(options);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  /** All objects whose keys begin with `prefix`; throws `S3Error` past `maxObjects`, `HttpFailure`. */
  async list(prefix: string, maxObjects: number, now: number, signal: AbortSignal): Promise<S3Object[]> {
    const objects: S3Object[] = [];
    let token: string | undefined;
    for (let page = 0; page < MAX_PAGES; page++) {
      const query = new URLSearchParams({ "list-type": "2", "encoding-type": "url", "max-keys": "1000" });
      if (prefix !== "") query.set("prefix", prefix);
      if (token !== undefined) query.set("continuation-token", token);
      const answer = await this.#send("", query, MAX_LISTING_PAGE, now, signal);
      if (answer.status === 404) throw new S3Error(`bucket '${this.#options.bucket}' not found`);
      if (answer.status !== 200) throw refused(`listing bucket '${this.#options.bucket}'`, answer);
      const listing = parseListing(answer.body.toString("utf8"));
      objects.push(...listing.objects);
      if (objects.length > maxObjects) throw new S3Error(`the bucket has more than ${maxObjects} objects`);
      token = listing.next;
      if (token === undefined) return objects;
    }
    throw new S3Error("the bucket's listing does not end");
  }

  /** An object's bytes and etag; `undefined` where it is gone. */
  async get(
    key: string,
    maxBytes: number,
    now: number,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer; etag: string } | undefined> {
    const answer = await this.#send(key, new URLSearchParams(), maxBytes, now, signal);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(`getting object '${key}'`, answer);
    return { bytes: answer.body, etag: String(answer.headers["etag"] ?? "").replace(/^"|"$/g, "") };
  }

  async #send(
    key: string,
    query: URLSearchParams,
    maxBytes: number,
    now: number,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { endpoint, bucket, insecure } = this.#options;
    const path = [bucket, ...(key === "" ? [] : key.split("/"))].map(encodeSegment).join("/");
    const url = `${insecure ? "http" : "https"}://${endpoint}/${path}`;
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
      service: "s3",
      region,
      datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
      headers: { "x-amz-content-sha256": EMPTY_SHA256 },
    });
    const { headers } = await signer.sign();
    return Object.fromEntries(headers);
  }
}

const EMPTY_SHA256 = createHash("sha256").update("").digest("hex");

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function refused(attempted: string, answer: HttpAnswer): S3Error {
  const code = /<Code>([\w.-]{1,100})<\/Code>/.exec(answer.body.toString("utf8"))?.[1];
  return new S3Error(
    `${attempted}: the storage answered ${answer.status}${code === undefined ? "" : ` ${code}`}`,
  );
}
