import { createHmac } from "node:crypto";
import type { Connection } from "../connection.js";
import { type HttpAnswer, HttpClient } from "../http-client.js";
import { type BucketClient, BucketError, type ListedObject, listPages, plainEtag } from "./bucket-client.js";
import { element, elements } from "./xml.js";

/** How requests to Azure's storage are signed. */
export type AzureCredential =
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "accountKey"; readonly account: string; readonly key: Buffer }
  /** A shared access signature: query parameters. */
  | { readonly kind: "sas"; readonly query: string }
  | { readonly kind: "anonymous" };

export interface AzureOptions {
  /** The account's URL: `https://account.blob.core.windows.net`. */
  readonly endpoint: string;
  readonly container: string;
  readonly connection: Connection;
  readonly credential: AzureCredential;
}

const VERSION = "2021-12-02";
const MAX_LISTING_PAGE = 32 * 1024 * 1024;

/** One container over Azure's Blob API. */
export class AzureClient implements BucketClient {
  readonly #options: AzureOptions;
  readonly #http: HttpClient;

  constructor(options: AzureOptions) {
    this.#options = options;
    this.#http = new HttpClient(options.connection);
  }

  async close(): Promise<void> {
    await this.#http.close();
  }

  async list(prefix: string, maxObjects: number, now: number, signal: AbortSignal): Promise<ListedObject[]> {
    const { container } = this.#options;
    return listPages(maxObjects, async (marker) => {
      const query = new URLSearchParams({ restype: "container", comp: "list", maxresults: "5000" });
      if (prefix !== "") query.set("prefix", prefix);
      if (marker !== undefined) query.set("marker", marker);
      const answer = await this.#send([container], query, MAX_LISTING_PAGE, now, signal);
      if (answer.status === 404) throw new BucketError(`bucket '${container}' not found`);
      if (answer.status !== 200) throw refused(answer);
      return parsePage(answer.body.toString("utf8"));
    });
  }

  async get(key: string, maxBytes: number, now: number, signal: AbortSignal) {
    const path = [this.#options.container, ...key.split("/")];
    const answer = await this.#send(path, new URLSearchParams(), maxBytes, now, signal);
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw refused(answer);
    return { bytes: answer.body, etag: plainEtag(answer.headers["etag"]) };
  }

  #send(
    path: readonly string[],
    query: URLSearchParams,
    maxBytes: number,
    now: number,
    signal: AbortSignal,
  ): Promise<HttpAnswer> {
    const { endpoint, credential } = this.#options;
    const url = new URL(endpoint);
    url.pathname = `${url.pathname.replace(/\/+$/, "")}/${path.map(encodeURIComponent).join("/")}`;
    for (const [name, value] of query) url.searchParams.set(name, value);
    if (credential.kind === "sas") {
      for (const [name, value] of new URLSearchParams(credential.query)) url.searchParams.set(name, value);
    }
    const headers = { "x-ms-version": VERSION, "x-ms-date": new Date(now).toUTCString() };
    const authorization = authorizationOf(credential, url, headers);
    return this.#http.send({ url: url.href, headers, authorization, maxBytes, signal });
  }
}

function authorizationOf(
  credential: AzureCredential,
  url: URL,
  headers: Readonly<Record<string, string>>,
): string | undefined {
  if (credential.kind === "token") return `Bearer ${credential.token}`;
  if (credential.kind !== "accountKey") return undefined;
  const signature = createHmac("sha256", credential.key)
    .update(stringToSign(credential.account, url, headers))
    .digest("base64");
  return `SharedKey ${credential.account}:${signature}`;
}

/** What Azure's shared key signs for a GET without a body. */
export function stringToSign(account: string, url: URL, headers: Readonly<Record<string, string>>): string {
  const canonicalHeaders = Object.entries(headers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value}\n`)
    .join("");
  const parameters = [...new Set(url.searchParams.keys())]
    .sort()
    .map((name) => `\n${name.toLowerCase()}:${url.searchParams.getAll(name).sort().join(",")}`)
    .join("");
  return `GET\n${"\n".repeat(11)}${canonicalHeaders}/${account}${url.pathname}${parameters}`;
}

/** The account in a storage's URL: the first label of its host. Throws `BucketError`. */
export function accountOf(endpoint: string): string {
  const host = URL.canParse(endpoint) ? new URL(endpoint).hostname : "";
  const dot = host.indexOf(".");
  if (dot > 0) return host.slice(0, dot);
  throw new BucketError(
    `failed to extract account name from endpoint: expected '.' in hostname of '${endpoint}'`,
  );
}

function parsePage(xml: string) {
  if (!/<EnumerationResults[\s>]/.test(xml))
    throw new BucketError("the storage did not answer with a listing");
  const objects = elements(xml, "Blob").map((blob): ListedObject => {
    const key = element(blob, "Name");
    const size = Number(element(blob, "Content-Length"));
    if (key === undefined || !Number.isSafeInteger(size)) {
      throw new BucketError("the storage's listing is malformed");
    }
    return { key, etag: plainEtag(element(blob, "Etag")), size };
  });
  return { objects, next: element(xml, "NextMarker") || undefined };
}

function refused(answer: HttpAnswer): BucketError {
  const code = answer.headers["x-ms-error-code"];
  const reason = typeof code === "string" && /^\w{1,100}$/.test(code) ? ` ${code}` : "";
  return new BucketError(`the storage answered ${answer.status}${reason}`);
}
