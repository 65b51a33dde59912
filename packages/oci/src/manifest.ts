import { OciError } from "./error.js";
import { isOciDigest } from "./reference.js";
import { parseObject } from "./session.js";

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
export const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
export const DOCKER_MANIFEST_TYPE = "application/vnd.docker.distribution.manifest.v2+json";
export const DOCKER_LIST_TYPE = "application/vnd.docker.distribution.manifest.list.v2+json";

/** What a manifest says of one of its blobs. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A manifest that refers to another one. */
export interface Referrer extends Descriptor {
  readonly artifactType: string | undefined;
}

/** Reads the descriptors of an index; throws `OciError` `invalid-response`. */
export function parseReferrers(of: string, bytes: Buffer): Referrer[] {
  const manifests = parseObject(bytes)?.["manifests"];
  if (!Array.isArray(manifests)) throw malformed(of);
  return manifests.map((entry: unknown) => {
    const type = (entry as { artifactType?: unknown } | null)?.artifactType;
    return { ...parseDescriptor(entry, of), artifactType: typeof type === "string" ? type : undefined };
  });
}

/** An image manifest, read and checked. */
export interface Manifest {
  readonly digest: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
}

/** Reads an image manifest; throws `OciError` `invalid-response`. */
export function parseManifest(digest: string, bytes: Buffer): Manifest {
  const value = parseObject(bytes);
  const layers = value?.["layers"];
  if (value === undefined || !Array.isArray(layers)) throw malformed(digest);
  return {
    digest,
    config: parseDescriptor(value["config"], digest),
    layers: layers.map((layer) => parseDescriptor(layer, digest)),
    annotations: parseAnnotations(value["annotations"]),
  };
}

/** The manifest of an index that is meant for Linux on x86-64, or the first one. */
export function chooseFromIndex(digest: string, bytes: Buffer): Descriptor {
  const manifests = parseObject(bytes)?.["manifests"];
  if (!Array.isArray(manifests) || manifests.length === 0) throw malformed(digest);
  const fits = (entry: unknown): boolean => {
    const platform = (entry as { platform?: { os?: string; architecture?: string } } | null)?.platform;
    return platform?.os === "linux" && platform.architecture === "amd64";
  };
  return parseDescriptor(manifests.find(fits) ?? manifests[0], digest);
}

function parseDescriptor(value: unknown, of: string): Descriptor {
  if (typeof value !== "object" || value === null) throw malformed(of);
  const { mediaType, digest, size, annotations } = value as Record<string, unknown>;
  if (typeof mediaType !== "string" || typeof digest !== "string" || !isOciDigest(digest))
    throw malformed(of);
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) throw malformed(of);
  return { mediaType, digest, size, annotations: parseAnnotations(annotations) };
}

function parseAnnotations(value: unknown): Record<string, string> {
  const entries = typeof value === "object" && value !== null ? Object.entries(value) : [];
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function malformed(digest: string): OciError {
  return new OciError("invalid-response", `manifest ${digest} is malformed`);
}
