/** What a source advertises in `status.artifact` (`source.toolkit.fluxcd.io/v1`). */
export interface Artifact {
  /** Relative to the root of the storage: `<kind>/<namespace>/<name>/<file>`. */
  readonly path: string;
  readonly url: string;
  /** Traceable in the origin: `main@sha1:…`, `sha256:…`, a chart version. */
  readonly revision: string;
  /** Of the stored file's bytes: `<algorithm>:<checksum>`. */
  readonly digest: string;
  /** RFC 3339, whole seconds. */
  readonly lastUpdateTime: string;
  /** Bytes of the stored file. */
  readonly size?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The object that an artifact belongs to; `kind` is lower case in storage paths. */
export interface ArtifactOwner {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}
