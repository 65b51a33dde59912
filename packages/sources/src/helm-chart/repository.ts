/** A version of a chart that a repository has. */
export interface FoundChart {
  readonly name: string;
  readonly version: string;
  /** Where the archive is. */
  readonly url: string;
  /** SHA-256 of the archive in hex where an index gives it; in a registry, the digest of the manifest. */
  readonly digest: string | undefined;
}

/** A repository of charts, whatever it speaks. */
export interface ChartRepository {
  /** The version of a chart that `version` (a version or a range) means. Throws `BuildError`. */
  find(name: string, version: string): Promise<FoundChart>;
  /** A chart's archive, bounded. Throws `BuildError` ChartPullError. */
  download(chart: FoundChart): Promise<Buffer>;
  close(): Promise<void>;
}

/** The most bytes a packed chart may have. */
export const MAX_CHART_BYTES = 10 * 1024 * 1024;

/** A repository's URL as two spellings of it have in common. Throws `TypeError` for what is no URL. */
export function normalizeRepositoryUrl(text: string): string {
  const url = new URL(text);
  const path = url.pathname.replace(/\/+$/, "");
  url.pathname = url.protocol === "oci:" ? path : `${path}/`;
  return url.href;
}
