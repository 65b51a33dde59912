import {
  compareVersions,
  formatVersion,
  parseConstraint,
  parseVersion,
  satisfies,
  tryParseVersion,
  type Version,
  type VersionError,
} from "@capstan/kube";

/** A version with all three numbers, after an optional `v`; `undefined` for anything looser. */
export function parseStrictVersion(text: string): Version | undefined {
  return /^v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)([-+]|$)/.test(text) ? tryParseVersion(text) : undefined;
}

/**
 * Of `candidates` the one that `wanted` means: its own text, else the highest in the range; of several equal
 * ones the first. An empty text means `*`. Throws `VersionError` for what is no range.
 */
export function chooseVersion<T extends { readonly version: string }>(
  candidates: readonly T[],
  wanted: string,
): T | undefined {
  const exact = wanted === "" ? undefined : candidates.find(({ version }) => version === wanted);
  if (exact !== undefined) return exact;
  const constraint = parseConstraint(wanted === "" ? "*" : wanted);
  let best: { readonly candidate: T; readonly version: Version } | undefined;
  for (const candidate of candidates) {
    const version = parseStrictVersion(candidate.version);
    if (version === undefined || !satisfies(version, constraint)) continue;
    if (best === undefined || compareVersions(version, best.version) > 0) best = { candidate, version };
  }
  return best?.candidate;
}

/** A version with its build metadata replaced. Throws {@link VersionError}. */
export function withMetadata(version: string, metadata: string): string {
  return formatVersion({ ...parseVersion(version), metadata });
}
