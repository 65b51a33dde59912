import type { KubeObject, ManagedFieldsEntry } from "@capstan/kube";
import { isOwnApply, isRival, type ManagerNames } from "../live/live-record.js";

type Fields = Record<string, unknown>;
type Operation = Record<string, unknown>;

/**
 * The JSON patch that makes the fields of rival managers ours and removes other tools' annotations, so
 * that the next apply also removes what they added. Empty where there is nothing to take over.
 */
export function takeOverPatch(
  object: KubeObject,
  names: ManagerNames,
  leftovers: readonly string[],
): readonly Operation[] {
  const { managedFields = [], annotations = {}, resourceVersion } = object.metadata;
  const operations: Operation[] = leftovers
    .filter((key) => Object.hasOwn(annotations, key))
    .map((key) => ({
      op: "remove",
      path: `/metadata/annotations/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`,
    }));
  if (managedFields.some((entry) => isRival(entry, names))) {
    operations.push({
      op: "replace",
      path: "/metadata/managedFields",
      value: mergedEntries(managedFields, names),
    });
  }
  if (operations.length === 0) return [];
  return [{ op: "replace", path: "/metadata/resourceVersion", value: resourceVersion }, ...operations];
}

/**
 * The JSON patch that makes what certain entries hold the fields of `own`'s applies, so that the next one
 * also removes what it no longer declares. Empty where there is no such entry.
 */
export function inheritPatch(
  object: KubeObject,
  own: string,
  isInherited: (entry: ManagedFieldsEntry) => boolean,
): readonly Operation[] {
  const { managedFields = [], resourceVersion } = object.metadata;
  const names = { own, overridden: [] };
  const inherited = managedFields.filter((entry) => !isOwnApply(entry, names) && isInherited(entry));
  if (inherited.length === 0) return [];
  return [
    { op: "replace", path: "/metadata/resourceVersion", value: resourceVersion },
    { op: "replace", path: "/metadata/managedFields", value: mergedEntries(managedFields, names, inherited) },
  ];
}

function mergedEntries(
  entries: readonly ManagedFieldsEntry[],
  names: ManagerNames,
  rivals = entries.filter((entry) => isRival(entry, names)),
): readonly ManagedFieldsEntry[] {
  const own = entries.find((entry) => isOwnApply(entry, names));
  const first = own ?? rivals[0];
  const fieldsV1 = rivals.reduce<Fields>(
    (merged, entry) => union(merged, entry.fieldsV1 ?? {}),
    own?.fieldsV1 ?? {},
  );
  const merged: ManagedFieldsEntry = { ...first, manager: names.own, operation: "Apply", fieldsV1 };
  return [...entries.filter((entry) => entry !== own && !rivals.includes(entry)), merged];
}

/** The union of two sets of fields: they are trees of names. */
function union(a: Fields, b: Fields): Fields {
  const out: Fields = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const before = Object.hasOwn(out, key) ? out[key] : undefined;
    out[key] = isFields(before) && isFields(value) ? union(before, value) : (before ?? value);
  }
  return out;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
