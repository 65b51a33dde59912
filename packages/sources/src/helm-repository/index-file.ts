import { canonicalJson, compareVersions, parseYaml, tryParseVersion, YamlError } from "@capstan/kube";

/** An index that cannot be used; `message` says why. */
export class IndexError extends Error {
  override readonly name = "IndexError";
}

/**
 * Reads a Helm repository's index and gives it back as JSON in one form: invalid entries dropped, each
 * chart's versions from the highest down. Throws `IndexError`.
 */
export function normalizeIndex(text: string): string {
  const index = parseIndex(text);
  const entries: Record<string, unknown> = Object.create(null);
  for (const [name, versions] of Object.entries(index["entries"] ?? {})) {
    if (!Array.isArray(versions)) continue;
    const valid = versions.filter((entry): entry is ChartEntry => isValidEntry(entry, name));
    if (valid.length > 0) entries[name] = [...valid].sort(byVersion);
  }
  return `${canonicalJson({ ...index, entries })}\n`;
}

interface ChartEntry {
  readonly name: string;
  readonly version: string;
}

function parseIndex(text: string): Record<string, unknown> & { entries?: Record<string, unknown> | null } {
  let value: unknown;
  try {
    value = parseYaml(text, { dialect: "helm", file: "index.yaml" });
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw new IndexError(error.message, { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new IndexError("empty index.yaml file");
  const index = value as Record<string, unknown>;
  if (typeof index["apiVersion"] !== "string" || index["apiVersion"] === "") {
    throw new IndexError("no API version specified");
  }
  const { entries } = index;
  if (entries !== undefined && entries !== null && (typeof entries !== "object" || Array.isArray(entries))) {
    throw new IndexError("entries is not a map");
  }
  return index as Record<string, unknown> & { entries?: Record<string, unknown> | null };
}

function isValidEntry(entry: unknown, name: string): boolean {
  if (typeof entry !== "object" || entry === null) return false;
  const { name: own, version } = entry as Record<string, unknown>;
  return own === name && typeof version === "string" && tryParseVersion(version) !== undefined;
}

function byVersion(a: ChartEntry, b: ChartEntry): number {
  const left = tryParseVersion(a.version);
  const right = tryParseVersion(b.version);
  return left === undefined || right === undefined ? 0 : compareVersions(right, left);
}
