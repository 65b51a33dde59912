import type { KubeObject, ManagedFieldsEntry } from "@capstan/kube";
import { isOwnApply, type ManagerNames } from "./live-record.js";

type Fields = Readonly<Record<string, unknown>>;

/** A field that somebody else had changed. */
export interface DriftedField {
  /** `spec.replicas`, `spec.template.spec.containers[web].image` */
  readonly path: string;
  /** Who holds it now, or wrote last where nobody does. */
  readonly manager: string;
}

/** Most fields named of one object. */
const MAX_FIELDS = 20;

/**
 * The fields that were ours again only after `after` was applied: what others had changed in `before`.
 */
export function explainDrift(
  before: KubeObject,
  after: KubeObject,
  names: ManagerNames,
): readonly DriftedField[] {
  const owned = leaves(ownFields(after, names));
  const held = new Set(leaves(ownFields(before, names)).map(pathText));
  const others = (before.metadata.managedFields ?? []).filter((entry) => !isOwnApply(entry, names));
  return owned
    .filter((path) => !held.has(pathText(path)))
    .slice(0, MAX_FIELDS)
    .map((path) => ({ path: pathText(path), manager: managerOf(path, others) }));
}

function ownFields(object: KubeObject, names: ManagerNames): Fields {
  return object.metadata.managedFields?.find((entry) => isOwnApply(entry, names))?.fieldsV1 ?? {};
}

function leaves(set: Fields, path: readonly string[] = []): readonly (readonly string[])[] {
  const found: (readonly string[])[] = [];
  for (const [key, child] of Object.entries(set)) {
    if (key === ".") continue;
    const here = [...path, key];
    const below = isFields(child) ? leaves(child, here) : [];
    if (below.length === 0) found.push(here);
    else found.push(...below);
  }
  return found;
}

function managerOf(path: readonly string[], others: readonly ManagedFieldsEntry[]): string {
  const holder = others.find((entry) => holds(entry.fieldsV1, path));
  const latest = [...others].sort((a, b) => ((a.time ?? "") < (b.time ?? "") ? 1 : -1))[0];
  return (holder ?? latest)?.manager ?? "unknown";
}

function holds(set: Fields | undefined, path: readonly string[]): boolean {
  let at: unknown = set;
  for (const key of path) {
    if (!isFields(at) || !Object.hasOwn(at, key)) return false;
    at = at[key];
  }
  return true;
}

function pathText(path: readonly string[]): string {
  let text = "";
  for (const key of path) {
    if (key.startsWith("f:")) text += `${text === "" ? "" : "."}${key.slice(2)}`;
    else if (key.startsWith("k:")) text += `[${keyText(key.slice(2))}]`;
    else text += `[${key.slice(2)}]`;
  }
  return text;
}

function keyText(json: string): string {
  const keys: unknown = JSON.parse(json);
  return isFields(keys) ? Object.values(keys).map(String).join("/") : json;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
