import { createHash } from "node:crypto";
import { OciError } from "./error.js";
import {
  chooseFromIndex,
  type Descriptor,
  DOCKER_LIST_TYPE,
  DOCKER_MANIFEST_TYPE,
  INDEX_TYPE,
  MANIFEST_TYPE,
  type Manifest,
  parseManifest,
  parseReferrers,
  type Referrer,
} from "./manifest.js";
import { isOciDigest, isTag, parseOciUrl } from "./reference.js";
import { type OciConnection, type OciResponse, OciSession, parseObject, readBounded } from "./session.js";

export interface OciClientOptions extends OciConnection {
  /** `oci://host/path`, without tag or digest. */
  readonly url: string;
  /** Whether to ask for the right to push. */
  readonly push?: boolean;
}

const ACCEPT = [MANIFEST_TYPE, INDEX_TYPE, DOCKER_MANIFEST_TYPE, DOCKER_LIST_TYPE].join(", ");
const MAX_MANIFEST = 4 * 1024 * 1024;
const MAX_TAG_PAGES = 1000;
const MAX_TAGS = 100_000;

/** One repository of a registry (OCI distribution specification 1.1). Close it when done. */
export class OciClient {
  readonly url: string;
  readonly #repository: string;
  readonly #session: OciSession;

  constructor(options: OciClientOptions) {
    const { registry, repository } = parseOciUrl(options.url);
    this.url = options.url;
    this.#repository = repository;
    this.#session = new OciSession(
      registry,
      repository,
      options.push === true ? "pull,push" : "pull",
      options,
    );
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  /** The digest that a tag points at; by HEAD, or by GET where the registry does not answer that. */
  async resolve(tag: string, signal?: AbortSignal): Promise<string> {
    if (!isTag(tag)) throw new OciError("invalid-reference", `"${tag}" is not a tag`);
    const response = await this.#get("HEAD", `manifests/${tag}`, signal);
    const digest = response.headers["docker-content-digest"];
    await response.body.dump();
    if (response.statusCode === 200 && typeof digest === "string" && isOciDigest(digest)) return digest;
    const { bytes } = await this.#manifestBytes(tag, signal);
    return digestOf(bytes);
  }

  /** The manifest with a digest; of an index, the one for the default platform. */
  async manifest(digest: string, signal?: AbortSignal): Promise<Manifest> {
    if (!isOciDigest(digest)) throw new OciError("invalid-reference", `"${digest}" is not a digest`);
    const { bytes, mediaType } = await this.#manifestBytes(digest, signal);
    const actual = digestOf(bytes, digest);
    if (actual !== digest) throw mismatch(`manifest ${digest}`, actual);
    if (mediaType !== INDEX_TYPE && mediaType !== DOCKER_LIST_TYPE) return parseManifest(digest, bytes);
    const chosen = chooseFromIndex(digest, bytes);
    const inner = await this.#manifestBytes(chosen.digest, signal);
    const innerDigest = digestOf(inner.bytes, chosen.digest);
    if (innerDigest !== chosen.digest) throw mismatch(`manifest ${chosen.digest}`, innerDigest);
    return parseManifest(chosen.digest, inner.bytes);
  }

  /** All tags, in the registry's order. */
  async tags(signal?: AbortSignal): Promise<string[]> {
    const tags: string[] = [];
    let path: string | undefined = `${this.#repository}/tags/list?n=1000`;
    for (let page = 0; path !== undefined && page < MAX_TAG_PAGES; page++) {
      const response = await this.#session.send({
        method: "GET",
        path,
        ...(signal === undefined ? {} : { signal }),
      });
      const found = parseObject(await this.#body(response, `the tags of ${this.url}`))?.["tags"];
      if (!Array.isArray(found) && found !== null) {
        throw new OciError("invalid-response", `${this.url} did not answer with a list of tags`);
      }
      tags.push(...(found ?? []).filter((tag): tag is string => typeof tag === "string"));
      if (tags.length > MAX_TAGS)
        throw new OciError("too-large", `${this.url} has more than ${MAX_TAGS} tags`);
      path = nextPage(response.headers["link"], this.#session.origin);
    }
    return tags;
  }

  /**
   * The bytes of a blob, checked while they pass: what does not have the digest or the size announced
   * ends in an `OciError`, so use nothing before the end.
   */
  async *blob(descriptor: Descriptor, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    const response = await this.#get("GET", `blobs/${descriptor.digest}`, signal);
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw notFound(response.statusCode, `blob ${descriptor.digest} of ${this.url}`);
    }
    const hash = createHash(descriptor.digest.split(":", 1)[0] ?? "sha256");
    let size = 0;
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > descriptor.size) throw mismatch(`blob ${descriptor.digest}`, "more bytes than announced");
      hash.update(chunk);
      yield chunk;
    }
    const actual = `${descriptor.digest.split(":", 1)[0]}:${hash.digest("hex")}`;
    if (actual !== descriptor.digest) throw mismatch(`blob ${descriptor.digest}`, actual);
  }

  /** Uploads a blob, unless the registry has it. */
  async pushBlob(mediaType: string, bytes: Uint8Array, signal?: AbortSignal): Promise<Descriptor> {
    const digest = digestOf(bytes);
    const descriptor = { mediaType, digest, size: bytes.byteLength };
    const head = await this.#get("HEAD", `blobs/${digest}`, signal);
    await head.body.dump();
    if (head.statusCode === 200) return descriptor;
    const options = signal === undefined ? {} : { signal };
    const started = await this.#session.send({
      method: "POST",
      path: `${this.#repository}/blobs/uploads/`,
      ...options,
    });
    await started.body.dump();
    const location = started.headers["location"];
    if (started.statusCode !== 202 || typeof location !== "string") {
      throw new OciError(
        "invalid-response",
        `${this.url} did not begin an upload: it answered ${started.statusCode}`,
      );
    }
    const target = new URL(location, `${this.#session.origin}/v2/`);
    target.searchParams.set("digest", digest);
    const headers = {
      "content-type": "application/octet-stream",
      "content-length": String(bytes.byteLength),
    };
    const stored = await this.#session.send({
      method: "PUT",
      path: target.href,
      headers,
      body: bytes,
      ...options,
    });
    await stored.body.dump();
    if (stored.statusCode !== 201) {
      throw new OciError(
        "invalid-response",
        `${this.url} did not take a blob: it answered ${stored.statusCode}`,
      );
    }
    return descriptor;
  }

  /**
   * What refers to a manifest: by the registry's list (OCI 1.1), or where it keeps none by the index under the
   * tag `sha256-…`.
   */
  async referrers(digest: string, signal?: AbortSignal): Promise<readonly Referrer[]> {
    if (!isOciDigest(digest)) throw new OciError("invalid-reference", `"${digest}" is not a digest`);
    const response = await this.#session.send({
      method: "GET",
      path: `${this.#repository}/referrers/${digest}`,
      headers: { accept: INDEX_TYPE },
      ...(signal === undefined ? {} : { signal }),
    });
    const type = String(response.headers["content-type"] ?? "").split(";", 1)[0];
    if (response.statusCode === 200 && (type === INDEX_TYPE || type === "application/json")) {
      return parseReferrers(digest, await readBounded(response.body, MAX_MANIFEST, `referrers of ${digest}`));
    }
    await response.body.dump();
    try {
      const { bytes } = await this.#manifestBytes(digest.replace(":", "-"), signal);
      return parseReferrers(digest, bytes);
    } catch (error) {
      if (OciError.is(error, "not-found")) return [];
      throw error;
    }
  }

  /** A manifest's own bytes and type, checked against its digest. */
  async rawManifest(digest: string, signal?: AbortSignal): Promise<{ bytes: Buffer; mediaType: string }> {
    if (!isOciDigest(digest)) throw new OciError("invalid-reference", `"${digest}" is not a digest`);
    const found = await this.#manifestBytes(digest, signal);
    const actual = digestOf(found.bytes, digest);
    if (actual !== digest) throw mismatch(`manifest ${digest}`, actual);
    return found;
  }

  /** Gives a manifest that the repository has another tag. */
  async tag(digest: string, tag: string, signal?: AbortSignal): Promise<void> {
    const { bytes, mediaType } = await this.rawManifest(digest, signal);
    await this.#putManifest(tag, bytes, mediaType, signal);
  }

  /** Uploads a manifest under a tag; gives its digest. */
  async pushManifest(
    tag: string,
    manifest: Readonly<Record<string, unknown>>,
    signal?: AbortSignal,
  ): Promise<string> {
    const body = Buffer.from(JSON.stringify(manifest));
    await this.#putManifest(tag, body, MANIFEST_TYPE, signal);
    return digestOf(body);
  }

  async #putManifest(
    tag: string,
    body: Uint8Array,
    mediaType: string,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (!isTag(tag)) throw new OciError("invalid-reference", `"${tag}" is not a tag`);
    const response = await this.#session.send({
      method: "PUT",
      path: `${this.#repository}/manifests/${tag}`,
      headers: { "content-type": mediaType },
      body,
      ...(signal === undefined ? {} : { signal }),
    });
    await response.body.dump();
    if (response.statusCode !== 201) {
      throw new OciError(
        "invalid-response",
        `${this.url} did not take the manifest: it answered ${response.statusCode}`,
      );
    }
  }

  async #manifestBytes(
    reference: string,
    signal: AbortSignal | undefined,
  ): Promise<{ bytes: Buffer; mediaType: string }> {
    const response = await this.#get("GET", `manifests/${reference}`, signal);
    const bytes = await this.#body(response, `manifest ${reference} of ${this.url}`);
    const declared = parseObject(bytes)?.["mediaType"];
    const header = String(response.headers["content-type"] ?? "").split(";", 1)[0] ?? "";
    return { bytes, mediaType: typeof declared === "string" ? declared : header };
  }

  #get(method: "GET" | "HEAD", path: string, signal: AbortSignal | undefined): Promise<OciResponse> {
    return this.#session.send({
      method,
      path: `${this.#repository}/${path}`,
      headers: { accept: path.startsWith("manifests/") ? ACCEPT : "*/*" },
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #body(response: OciResponse, what: string): Promise<Buffer> {
    if (response.statusCode !== 200) {
      await response.body.dump();
      throw notFound(response.statusCode, what);
    }
    return readBounded(response.body, MAX_MANIFEST, what);
  }
}

/** `sha256:…` of bytes, or by the algorithm of `like`. */
function digestOf(bytes: Uint8Array, like = "sha256:"): string {
  const algorithm = like.startsWith("sha512:") ? "sha512" : "sha256";
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

function nextPage(header: string | string[] | undefined, origin: string): string | undefined {
  const link = Array.isArray(header) ? header[0] : header;
  const target = /<([^>]+)>\s*;\s*rel="?next"?/.exec(link ?? "")?.[1];
  if (target === undefined) return undefined;
  const url = new URL(target, `${origin}/v2/`);
  if (url.origin !== new URL(origin).origin) {
    throw new OciError("invalid-response", `${origin} continues its list of tags elsewhere`);
  }
  return url.href;
}

function notFound(status: number, what: string): OciError {
  return status === 404
    ? new OciError("not-found", `${what} was not found`)
    : new OciError("invalid-response", `asked for ${what}, the registry answered ${status}`);
}

function mismatch(what: string, actual: string): OciError {
  return new OciError("digest-mismatch", `${what} has other content: ${actual}`);
}
