import { compareVersions, parseVersion, type Version, VersionError } from "./semver.js";

type Operator = "=" | "!=" | ">" | "<" | ">=" | "<=" | "~" | "^";

interface Comparator {
  readonly operator: Operator;
  readonly version: Version;
  /** The least significant number given: everything after it is a wildcard. */
  readonly precision: "none" | "major" | "minor" | "patch";
}

/** A range of versions: groups of comparators, of which one group must hold in full. */
export interface VersionConstraint {
  readonly original: string;
  readonly groups: readonly (readonly Comparator[])[];
}

const aliases: Readonly<Record<string, Operator>> = {
  "": "=",
  "=": "=",
  "!=": "!=",
  ">": ">",
  "<": "<",
  ">=": ">=",
  "=>": ">=",
  "<=": "<=",
  "=<": "<=",
  "~": "~",
  "~>": "~",
  "^": "^",
};

const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const number = "(?:\\d+|[xX*])";
const versionText = `v?(${number})(?:\\.(${number}))?(?:\\.(${number}))?(-${identifiers})?(\\+${identifiers})?`;
const comparator = new RegExp(`^(=>|=<|>=|<=|!=|~>|[=<>~^]?)[ \\t]*${versionText}$`);
const hyphen = new RegExp(`(^|[\\s,])(${versionText})\\s+-\\s+(${versionText})(?=$|[\\s,])`, "g");
const maxLength = 1024;

/**
 * Reads a constraint as Masterminds/semver does: groups joined by `||`, comparators in a group by spaces or
 * a comma; `=`, `!=`, `>`, `<`, `>=`, `<=`, `~`, `^`, wildcards, and ranges `1.2 - 1.4`.
 *
 * @throws {VersionError} `improper constraint: …`
 */
export function parseConstraint(text: string): VersionConstraint {
  if (text.length > maxLength) throw new VersionError(`a constraint has at most ${maxLength} characters`);
  const groups = text.split("||").map(parseGroup);
  return { original: text, groups };
}

function parseGroup(group: string): Comparator[] {
  const ranged = group.replace(hyphen, (...found) => `${found[1]}>=${found[2]},<=${found[8]}`);
  const parts = splitComparators(ranged.trim());
  if (parts === undefined) throw new VersionError(`improper constraint: ${ranged}`);
  return parts.map((part) => parseComparator(part, ranged));
}

/** The comparators of a group; `undefined` where what stands between them is no separator. */
function splitComparators(group: string): string[] | undefined {
  const parts: string[] = [];
  let rest = group;
  const next = new RegExp(`^(?:=>|=<|>=|<=|!=|~>|[=<>~^])?[ \\t]*${versionText}(?=[\\s,]|$)`);
  while (rest !== "") {
    const match = next.exec(rest);
    if (match === null) return undefined;
    parts.push(match[0]);
    rest = rest.slice(match[0].length);
    const separator = /^(?:\s*,\s*|\s+)(?=\S)/.exec(rest);
    if (rest !== "" && separator === null) return undefined;
    rest = rest.slice(separator?.[0].length ?? 0);
  }
  return parts.length === 0 ? undefined : parts;
}

function parseComparator(text: string, whole: string): Comparator {
  const match = comparator.exec(text);
  if (match === null) throw new VersionError(`improper constraint: ${whole}`);
  const [, sign = "", major = "", minor, patch, prerelease = ""] = match;
  const operator = aliases[sign] ?? "=";
  const numbers = [major, minor, patch];
  const firstWild = numbers.findIndex((part) => part === undefined || /^[xX*]$/.test(part));
  const given = firstWild < 0 ? 3 : firstWild;
  const core = [0, 1, 2].map((at) => (at < given ? numbers[at] : "0")).join(".");
  const precision = (["none", "major", "minor", "patch"] as const)[given] ?? "patch";
  try {
    return { operator, version: parseVersion(core + prerelease), precision };
  } catch (error) {
    throw new VersionError("constraint parser error", { cause: error });
  }
}

/**
 * Whether a version lies in a constraint. A pre-release does only where a comparator of the same group
 * names a pre-release itself.
 *
 * @throws {VersionError} where a text cannot be read
 */
export function satisfies(version: Version | string, constraint: VersionConstraint | string): boolean {
  const candidate = typeof version === "string" ? parseVersion(version) : version;
  const range = typeof constraint === "string" ? parseConstraint(constraint) : constraint;
  return range.groups.some((group) => {
    const open = candidate.prerelease === "" || group.some((each) => each.version.prerelease !== "");
    return open && group.every((each) => holds(each, candidate));
  });
}

function holds(comparator: Comparator, candidate: Version): boolean {
  const { operator, version, precision } = comparator;
  const order = compareVersions(candidate, version);
  const partial = precision !== "patch";
  switch (operator) {
    case "=":
      return partial ? tilde(comparator, candidate, order) : order === 0;
    case "!=":
      return notEqual(comparator, candidate, order);
    case ">":
      return greater(comparator, candidate, order);
    case "<":
      return order < 0;
    case ">=":
      return order >= 0;
    case "<=":
      return partial ? withinUpper(comparator, candidate) : order <= 0;
    case "~":
      return tilde(comparator, candidate, order);
    case "^":
      return caret(comparator, candidate, order);
  }
}

function notEqual({ version, precision }: Comparator, candidate: Version, order: number): boolean {
  if (precision === "patch" || precision === "none") return order !== 0;
  if (candidate.major !== version.major) return true;
  return precision === "minor" && candidate.minor !== version.minor;
}

function greater({ version, precision }: Comparator, candidate: Version, order: number): boolean {
  if (precision === "patch" || precision === "none") return order > 0;
  if (candidate.major !== version.major) return candidate.major > version.major;
  return precision === "minor" && candidate.minor > version.minor;
}

function withinUpper({ version, precision }: Comparator, candidate: Version): boolean {
  if (candidate.major !== version.major) return candidate.major < version.major;
  return precision !== "minor" || candidate.minor <= version.minor;
}

function tilde({ version, precision }: Comparator, candidate: Version, order: number): boolean {
  if (order < 0) return false;
  const zero = version.major === 0n && version.minor === 0n && version.patch === 0n;
  if (precision === "none" || (zero && precision === "patch")) return true;
  if (candidate.major !== version.major) return false;
  return precision === "major" || candidate.minor === version.minor;
}

function caret({ version, precision }: Comparator, candidate: Version, order: number): boolean {
  if (order < 0) return false;
  if (version.major > 0n || precision === "major") return candidate.major === version.major;
  if (candidate.major !== 0n) return false;
  if (version.minor > 0n || precision === "minor") return candidate.minor === version.minor;
  if (candidate.minor !== 0n) return false;
  return candidate.patch === version.patch;
}
