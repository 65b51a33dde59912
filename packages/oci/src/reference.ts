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
