/** A version as Masterminds/semver reads it. */
export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  /** Without the hyphen; empty for a release. */
  readonly prerelease: string;
  /** Build metadata without the plus sign; takes no part in comparisons. */
  readonly metadata: string;
  /** The text it was read from. */
  readonly original: string;
}

/** Why a text is no version or no constraint. */
export class VersionError extends Error {
  override readonly name = "VersionError";
}

const maxUint64 = 2n ** 64n - 1n;
const maxLength = 256;
const pattern =
  /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/**
 * Reads a version loosely: one to three numbers, a `v` before them allowed, missing ones are 0.
 *
 * @throws {VersionError} in Masterminds' words
 */
export function parseVersion(text: string): Version {
  const match = text.length > maxLength ? null : pattern.exec(text);
  if (match === null) throw new VersionError("invalid semantic version");
  const [, major = "0", minor = "0", patch = "0", prerelease = "", metadata = ""] = match;
  if (prerelease.split(".").some((part) => /^0\d+$/.test(part))) {
    throw new VersionError("version segment starts with 0");
  }
  const numbers = [major, minor, patch].map((part) => BigInt(part));
  const [x = 0n, y = 0n, z = 0n] = numbers;
  if (numbers.some((number) => number > maxUint64)) throw new VersionError("invalid semantic version");
  return { major: x, minor: y, patch: z, prerelease, metadata, original: text };
}

/** Like {@link parseVersion}, with `undefined` for what is no version. */
export function tryParseVersion(text: string): Version | undefined {
  try {
    return parseVersion(text);
  } catch (error) {
    if (error instanceof VersionError) return undefined;
    throw error;
  }
}

/** The version in full: `1.2.0-rc.1+build`, without a leading `v`. */
export function formatVersion(version: Version): string {
  const prerelease = version.prerelease === "" ? "" : `-${version.prerelease}`;
  const metadata = version.metadata === "" ? "" : `+${version.metadata}`;
  return `${version.major}.${version.minor}.${version.patch}${prerelease}${metadata}`;
}

/** Below zero where `a` comes before `b`. Build metadata is ignored. */
export function compareVersions(a: Version, b: Version): number {
  return compareCore(a, b) || comparePrerelease(a.prerelease, b.prerelease);
}

function compareCore(a: Version, b: Version): number {
  if (a.major !== b.major) return a.major < b.major ? -1 : 1;
  if (a.minor !== b.minor) return a.minor < b.minor ? -1 : 1;
  if (a.patch !== b.patch) return a.patch < b.patch ? -1 : 1;
  return 0;
}

function comparePrerelease(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "") return 1;
  if (b === "") return -1;
  const left = a.split(".");
  const right = b.split(".");
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at++) {
    const order = compareIdentifier(left[at] as string, right[at] as string);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

function compareIdentifier(a: string, b: string): number {
  if (a === b) return 0;
  const aNumeric = /^\d+$/.test(a);
  const bNumeric = /^\d+$/.test(b);
  if (aNumeric && bNumeric) return BigInt(a) < BigInt(b) ? -1 : 1;
  if (aNumeric !== bNumeric) return aNumeric ? -1 : 1;
  return a < b ? -1 : 1;
}
