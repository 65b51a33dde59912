import type { KubeObject, Schema } from "@capstan/kube";
import { type ApplyType, applyTypeOf } from "./apply-type.js";
import {
  difference,
  type FieldSet,
  insertPath,
  intersection,
  isEmptySet,
  newFieldSet,
  recursiveDifference,
  type Step,
  union,
} from "./field-set.js";
import { changeManager, type Manager, type Managers } from "./managers.js";
import { type Comparison, compareTyped, excludeFields } from "./typed-compare.js";
import { reconcileSet } from "./typed-sets.js";
import { UNOWNED_METADATA } from "./unowned-metadata.js";

/** An object at one version with the schema it has there. */
interface VersionedObject {
  readonly object: KubeObject;
  readonly schema: Schema | undefined;
}

/**
 * The object as it is at another version of its kind; `undefined` where that version is not served any
 * more, in which case managers at that version are forgotten.
 */
export type ConvertVersion = (object: KubeObject, apiVersion: string) => VersionedObject | undefined;

/** Paths that an endpoint does not let its clients set, e.g. `[["status"]]`. */
export type ResetFields = readonly (readonly string[])[];

/** An object with its type, and the way to see it at other versions. */
export class TypedVersions {
  readonly apiVersion: string;
  readonly type: ApplyType;
  private readonly convert: ConvertVersion | undefined;

  constructor(apiVersion: string, schema: Schema | undefined, convert: ConvertVersion | undefined) {
    this.apiVersion = apiVersion;
    this.type = applyTypeOf(schema);
    this.convert = convert;
  }

  at(object: KubeObject, apiVersion: string): { object: KubeObject; type: ApplyType } | undefined {
    // An object that was seen at another version comes back from there.
    const here = (object.apiVersion ?? this.apiVersion) === this.apiVersion;
    if (apiVersion === this.apiVersion && here) return { object, type: this.type };
    const converted = this.convert?.(object, apiVersion);
    return converted && { object: converted.object, type: applyTypeOf(converted.schema) };
  }
}

/** Fits the sets of all managers to the schemas of today; managers at versions no longer served are dropped. */
export function reconcileManagers(
  managers: ReadonlyMap<string, Manager>,
  live: KubeObject,
  versions: TypedVersions,
): Managers {
  const result: Managers = new Map();
  for (const [id, manager] of managers) {
    const view = versions.at(live, manager.apiVersion);
    if (!view) continue;
    const set = reconcileSet(manager.set, view.type);
    result.set(id, set === manager.set ? manager : changeManager(manager, { set }));
  }
  return result;
}

/** What a write takes away from the managers other than `writer`. */
export interface Takeover {
  readonly comparison: Comparison;
  /** Fields that were changed or added although these managers own them. */
  readonly conflicts: ReadonlyMap<string, FieldSet>;
  /** The managers left when the conflicts are forced. */
  readonly forced: Managers;
}

/** Finds who loses what when `before` becomes `after`. */
export function takeOver(
  before: KubeObject,
  after: KubeObject,
  managers: ReadonlyMap<string, Manager>,
  writer: string,
  versions: TypedVersions,
  ignored: FieldSet,
): Takeover {
  const comparison = compareTyped(before, after, versions.type);
  const seen = new Map<string, Comparison>();
  const conflicts = new Map<string, FieldSet>();
  const forced: Managers = new Map();
  for (const [id, manager] of managers) {
    if (id === writer) {
      if (!isEmptySet(manager.set)) forced.set(id, manager);
      continue;
    }
    if (seen.size === 0) seen.set(versions.apiVersion, excludeFields(comparison, ignored));
    const changes = comparisonAt(manager.apiVersion, before, after, versions, seen);
    if (!changes) continue;
    const conflict = intersection(manager.set, union(changes.modified, changes.added));
    let rest = manager.set;
    if (!isEmptySet(conflict)) {
      conflicts.set(id, conflict);
      rest = difference(rest, conflict);
    }
    rest = difference(rest, changes.removed);
    if (isEmptySet(rest)) continue;
    forced.set(id, rest === manager.set ? manager : changeManager(manager, { set: rest }));
  }
  return { comparison, conflicts, forced };
}

function comparisonAt(
  apiVersion: string,
  before: KubeObject,
  after: KubeObject,
  versions: TypedVersions,
  seen: Map<string, Comparison>,
): Comparison | undefined {
  const known = seen.get(apiVersion);
  if (known) return known;
  const left = versions.at(before, apiVersion);
  const right = versions.at(after, apiVersion);
  if (!left || !right) return undefined;
  const comparison = compareTyped(left.object, right.object, left.type);
  seen.set(apiVersion, comparison);
  return comparison;
}

const STRIPPED: FieldSet = pathSet([
  ["apiVersion"],
  ["kind"],
  ["metadata"],
  ...[...UNOWNED_METADATA].map((name) => ["metadata", name]),
]);

/** The set without what nobody owns: the identity of the object and what the server keeps in metadata. */
export function stripIdentity(set: FieldSet): FieldSet {
  return difference(set, STRIPPED);
}

/** A set of paths given by field names. */
function pathSet(paths: readonly (readonly string[])[]): FieldSet {
  const set = newFieldSet();
  for (const path of paths)
    insertPath(
      set,
      path.map((name): Step => `f:${name}`),
    );
  return set;
}

const resetSets = new WeakMap<ResetFields, FieldSet>();

export function resetSet(paths: ResetFields | undefined): FieldSet {
  if (!paths) return NOTHING;
  let set = resetSets.get(paths);
  if (!set) {
    set = pathSet(paths);
    resetSets.set(paths, set);
  }
  return set;
}

const NOTHING = newFieldSet();

export function withoutReset(set: FieldSet, reset: FieldSet): FieldSet {
  return recursiveDifference(set, reset);
}
