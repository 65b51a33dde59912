import { OciError } from "./error.js";

/** A repository of a registry. */
export interface OciRepository {
  /** Host and port that answers the protocol. */
  readonly registry: string;
  /** Path below the registry: `stefanprodan/podinfo`. */
  readonly repository: string;
}

const HOST = /^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(:\d{1,5})?$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$/;

/**
 * Reads `oci://host[:port]/path`, without tag or digest; Docker Hub's names are spelled out as its API
 * wants them. Throws `OciError` `invalid-reference`.
 */
export function parseOciUrl(url: string): OciRepository {
  const rest = url.startsWith("oci://") ? url.slice("oci://".length).replace(/\/+$/, "") : "";
  const slash = rest.indexOf("/");
  const host = slash < 0 ? "" : rest.slice(0, slash);
  const path = slash < 0 ? "" : rest.slice(slash + 1);
  if (!HOST.test(host) || !PATH.test(path) || path.length > 255) {
    throw new OciError(
      "invalid-reference",
      `"${url}" is not oci://<host>/<repository> without tag or digest`,
    );
  }
  if (!["docker.io", "index.docker.io", "registry-1.docker.io"].includes(host)) {
    return { registry: host, repository: path };
  }
  return { registry: "registry-1.docker.io", repository: path.includes("/") ? path : `library/${path}` };
}

/** Whether `text` can be a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Whether `text` is a digest of a known algorithm. */
export function isOciDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** One artifact of a repository, as people write it. */
export interface OciReference {
  /** The repository: `oci://host/path`. */
  readonly url: string;
  /** `latest` where neither tag nor digest is given. */
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Reads `oci://host[:port]/path[:tag][@digest]`. Throws `OciError` `invalid-reference`. */
export function parseOciReference(text: string): OciReference {
  const at = text.indexOf("@");
  const digest = at < 0 ? undefined : text.slice(at + 1);
  const named = at < 0 ? text : text.slice(0, at);
  const colon = named.lastIndexOf(":");
  const tagged = colon > named.lastIndexOf("/");
  const url = tagged ? named.slice(0, colon) : named;
  const tag = tagged ? named.slice(colon + 1) : undefined;
  parseOciUrl(url);
  if ((digest !== undefined && !isOciDigest(digest)) || (tag !== undefined && !isTag(tag))) {
    throw new OciError("invalid-reference", `"${text}" has a tag or digest that is none`);
  }
  return { url, tag: tag ?? (digest === undefined ? "latest" : undefined), digest };
}

/** Whether a registry is on this machine, where plain HTTP is nobody's risk. */
export function isLoopbackRegistry(url: string): boolean {
  const { registry } = parseOciUrl(url);
  return /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/.test(registry);
}
