import { createHash } from "node:crypto";
import { formatBytes } from "@capstan/git";
import type { HelmRepositoryObject } from "../api/helm-repository.js";
import { type FailureReasons, SourceFailed } from "../failure.js";
import { type HttpAnswer, HttpClient, HttpFailure } from "../http-client.js";
import {
  type Fetched,
  type SourceDependencies,
  type SourceRun,
  storageFailure,
} from "../source/reconcile.js";
import { type HttpConnection, httpConnectionOf } from "./http-connection.js";
import { IndexError } from "./index-error.js";
import { normalizeIndex } from "./index-file.js";

/** What a server said of its index the last time, to ask for it only if it changed. */
export interface KnownIndex {
  readonly url: string;
  readonly etag: string;
  readonly revision: string;
}

const MAX_INDEX = 50 * 1024 * 1024;

/** Looks at the index of an HTTP repository, and stores it where it is not the one that is stored. */
export async function fetchHelmRepository(
  run: SourceRun<HelmRepositoryObject>,
  known: Map<string, KnownIndex>,
  dependencies: SourceDependencies,
): Promise<Fetched> {
  const { object, artifact } = run;
  const url = indexUrl(object.spec.url);
  const uid = object.metadata.uid ?? "";
  const before = known.get(uid);
  const usable = before?.url === url.href && before.revision === artifact?.revision ? before : undefined;
  const answer = await download(run, url, usable?.etag);
  if (answer.status === 304 && artifact !== undefined) return { kind: "current", artifact };
  if (answer.status !== 200) {
    throw failed(
      "Failed",
      `failed to fetch Helm repository index: ${url.origin}${url.pathname} : ${answer.status}`,
    );
  }
  const json = await normalize(answer.body, run.signal);
  const hex = createHash("sha256").update(json).digest("hex");
  const revision = `sha256:${hex}`;
  const { etag } = answer.headers;
  if (typeof etag === "string") known.set(uid, { url: url.href, etag, revision });
  else known.delete(uid);
  if (artifact?.revision === revision) return { kind: "current", artifact };
  run.revision = revision;
  try {
    const draft = { owner: run.owner, file: `index-${hex}.yaml`, revision, latest: "index.yaml" };
    const stored = await dependencies.storage.putBytes(draft, [Buffer.from(json)], run.signal);
    const size = formatBytes(Buffer.byteLength(json));
    return {
      kind: "stored",
      artifact: stored,
      event: `fetched index of size ${size} from '${object.spec.url}'`,
    };
  } catch (error) {
    run.signal.throwIfAborted();
    throw storageFailure(error);
  }
}

function indexUrl(text: string): URL {
  if (text.startsWith("oci://")) {
    const message =
      "the 'oci' URL scheme cannot be used with a repository of type 'default'; set spec.type to 'oci'";
    throw failed("URLInvalid", message, "stall");
  }
  if (!URL.canParse(text))
    throw failed("URLInvalid", `invalid Helm repository URL: "${text}" is not a URL`, "stall");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") {
    throw failed(
      "URLInvalid",
      "the Helm repository URL contains credentials; put them into a secret",
      "stall",
    );
  }
  return indexBelow(url);
}

/** Where the index of the repository at `base` is. */
export function indexBelow(base: URL): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/index.yaml`;
  return url;
}

async function download(run: SourceRun<HelmRepositoryObject>, url: URL, etag: string | undefined) {
  const connection = await httpConnectionOf(run.object, run.context);
  try {
    return await downloadIndex(url, connection, run.signal, etag);
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof HttpFailure)) throw error;
    throw failed("Failed", `failed to fetch Helm repository index: ${error.message}`);
  }
}

/** Asks for an index, unless it still has `etag`. Throws `HttpFailure`. */
export async function downloadIndex(
  url: URL,
  { tls, authorization }: HttpConnection,
  signal: AbortSignal,
  etag?: string,
): Promise<HttpAnswer> {
  const client = new HttpClient(tls);
  try {
    return await client.send({
      url: url.href,
      headers: etag === undefined ? {} : { "if-none-match": etag },
      authorization,
      maxBytes: MAX_INDEX,
      compressed: true,
      signal,
    });
  } finally {
    await client.close();
  }
}

async function normalize(body: Buffer, signal: AbortSignal): Promise<string> {
  try {
    return await normalizeIndex(body.toString("utf8"), signal);
  } catch (error) {
    if (!(error instanceof IndexError)) throw error;
    throw failed("IndexationFailed", `failed to load Helm repository index: ${error.message}`);
  }
}

function failed(
  reason: FailureReasons["FetchFailed"],
  message: string,
  next: "retry" | "stall" = "retry",
): SourceFailed {
  return new SourceFailed({ condition: "FetchFailed", reason, message, next });
}
