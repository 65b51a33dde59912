import type { KubeObject } from "@capstan/kube";
import { difference, type FieldSet, intersection, isEmptySet, newFieldSet, union } from "./field-set.js";
import type { Manager } from "./managers.js";
import type { TypedVersions } from "./ownership.js";
import { fieldSetOf } from "./typed-fields.js";
import { removeFields } from "./typed-remove.js";
import { withNamedFields } from "./typed-sets.js";

/**
 * Removes from `merged` what the applier owned before, does not apply any more, and nobody else owns.
 * `last` is the applier's former entry; `managers` already holds its new one.
 */
export function pruneMerged(
  merged: KubeObject,
  managers: ReadonlyMap<string, Manager>,
  last: Manager | undefined,
  applied: FieldSet,
  versions: TypedVersions,
): KubeObject {
  if (!last || isEmptySet(last.set)) return merged;
  if (last.apiVersion === versions.apiVersion && isEmptySet(difference(last.set, applied))) return merged;
  const view = versions.at(merged, last.apiVersion);
  if (!view) return merged;
  const { object, type } = view;
  const tentative = removeFields(object, withNamedFields(last.set, type), type) ?? bare(object);
  const kept = restoreOwned(object, tentative as KubeObject, last.apiVersion, managers, versions);
  if (!kept) return merged;
  const before = withNamedFields(fieldSetOf(object, type), type);
  const after = withNamedFields(fieldSetOf(kept, type), type);
  const gone = intersection(difference(before, after), withNamedFields(last.set, type));
  const pruned = (removeFields(object, gone, type) ?? bare(object)) as KubeObject;
  return versions.apiVersion === last.apiVersion ? pruned : backTo(pruned, merged, versions);
}

/** Gives `tentative` back every path of `merged` that some manager owns; the applied version is tried first. */
function restoreOwned(
  merged: KubeObject,
  tentative: KubeObject,
  firstVersion: string,
  managers: ReadonlyMap<string, Manager>,
  versions: TypedVersions,
): KubeObject | undefined {
  const owned = new Map<string, FieldSet>([[firstVersion, newFieldSet()]]);
  for (const { apiVersion, set } of managers.values()) {
    owned.set(apiVersion, union(owned.get(apiVersion) ?? newFieldSet(), set));
  }
  let pruned = tentative;
  for (const [apiVersion, set] of owned) {
    const whole = versions.at(merged, apiVersion);
    const part = versions.at(pruned, apiVersion);
    if (!whole || !part) continue;
    const { type } = whole;
    const before = withNamedFields(fieldSetOf(whole.object, type), type);
    const after = withNamedFields(fieldSetOf(part.object, type), type);
    const keep = union(after, withNamedFields(set, type));
    const restored = removeFields(whole.object, difference(before, keep), type) ?? bare(whole.object);
    pruned = versions.at(restored as KubeObject, firstVersion)?.object ?? (restored as KubeObject);
  }
  return pruned;
}

/** Brings a pruned object back to the version it was applied at. */
function backTo(pruned: KubeObject, merged: KubeObject, versions: TypedVersions): KubeObject {
  return versions.at({ ...pruned }, versions.apiVersion)?.object ?? merged;
}

function bare(object: KubeObject): KubeObject {
  return { apiVersion: object.apiVersion, kind: object.kind, metadata: { name: object.metadata.name } };
}
