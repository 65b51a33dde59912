import type { KubeObject, ManagedFieldsEntry, Schema } from "@capstan/kube";
import { applyTypeOf } from "./apply-type.js";
import { capUpdateManagers } from "./cap.js";
import { isEmptySet, union } from "./field-set.js";
import { fieldsOfFirstWrite } from "./first-write.js";
import {
  decodeManagers,
  encodeManagers,
  ManagedFieldsError,
  type Manager,
  type Managers,
  managerId,
  managerTime,
} from "./managers.js";
import {
  type ConvertVersion,
  type ResetFields,
  reconcileManagers,
  resetSet,
  stripIdentity,
  TypedVersions,
  takeOver,
  withoutReset,
} from "./ownership.js";
import { TypedError } from "./typed-value.js";

/** One write that is no apply: create, update, or another kind of patch. */
export interface UpdateRequest {
  /** The stored object at the request's version; undefined on create. Shared, not changed. */
  readonly live: KubeObject | undefined;
  /** The object as it shall be stored, its managed fields as the client sent them. Not changed. */
  readonly next: KubeObject;
  readonly manager: string;
  readonly apiVersion: string;
  /** `status`, `scale`, …; empty or left out for the object itself. */
  readonly subresource?: string | undefined;
  readonly schema?: Schema | undefined;
  /** What this endpoint does not let clients set. */
  readonly resetFields?: ResetFields | undefined;
  readonly convert?: ConvertVersion | undefined;
  /** The object as it is before anything is set, where the kind has one. */
  readonly zero?: KubeObject | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Gives `next` the managed fields that belong to it: who wrote a field owns it alone. Tracks what the
 * client sent as managed fields on the object itself (an empty list or one empty entry resets them), and
 * the stored ones on subresources. Never fails: what cannot be tracked keeps the stored managed fields.
 */
export function updateManaged(request: UpdateRequest): KubeObject {
  const { live, next } = request;
  const former = formerManagers(request);
  const untracked = former.size === 0 && live?.metadata.uid !== undefined;
  if (untracked) return withManagedFields(next, undefined);
  try {
    const first = live === undefined && former.size === 0 ? firstEntries(request) : undefined;
    if (first !== undefined) return withManagedFields(next, first.length === 0 ? undefined : first);
    const versions = new TypedVersions(request.apiVersion, request.schema, request.convert);
    const managers = recordUpdate(request, former, request.manager, versions);
    return withManagedFields(next, encodeManagers(capUpdateManagers(managers)), live);
  } catch (error) {
    if (error instanceof TypedError) return withManagedFields(next, live?.metadata.managedFields);
    throw error;
  }
}

/** What a creation makes its writer own; undefined where only the comparison can tell. */
function firstEntries(request: UpdateRequest): readonly ManagedFieldsEntry[] | undefined {
  const { next, manager, apiVersion, subresource } = request;
  const type = applyTypeOf(request.schema);
  const fieldsV1 = fieldsOfFirstWrite(
    request.zero ?? emptyObject(next),
    next,
    type,
    request.resetFields ?? [],
  );
  if (fieldsV1 === undefined) return undefined;
  if (Object.keys(fieldsV1).length === 0) return [];
  return [
    {
      manager: manager || "unknown",
      operation: "Update",
      apiVersion,
      time: managerTime(request.now),
      fieldsType: "FieldsV1",
      fieldsV1,
      ...(subresource ? { subresource } : {}),
    },
  ];
}

/** The managers after `next` replaced `live`, with `name` as the one who wrote it. */
export function recordUpdate(
  request: Omit<UpdateRequest, "manager">,
  former: ReadonlyMap<string, Manager>,
  name: string,
  versions: TypedVersions,
): Managers {
  const { next, apiVersion } = request;
  const before = withManagedFields(request.live ?? request.zero ?? emptyObject(next), undefined);
  const after = withManagedFields(next, undefined);
  const reset = resetSet(request.resetFields);
  const managers = reconcileManagers(former, before, versions);
  const { comparison, forced } = takeOver(before, after, managers, "", versions, reset);
  const changed = withoutReset(union(comparison.modified, comparison.added), reset);
  const taken = stripIdentity(changed);
  if (isEmptySet(taken)) return forced;
  const self = {
    name: name || "unknown",
    operation: "Update" as const,
    apiVersion,
    subresource: request.subresource ?? "",
  };
  const id = managerId(self);
  const previous = forced.get(id);
  const set = previous ? union(taken, previous.set) : taken;
  forced.set(id, { ...self, time: managerTime(request.now), set });
  return forced;
}

function formerManagers(request: UpdateRequest): ReadonlyMap<string, Manager> {
  const stored = request.live?.metadata.managedFields;
  if (request.subresource) return readable(stored) ?? NONE;
  const sent = request.next.metadata.managedFields;
  if (isReset(sent)) return NONE;
  const managers = readable(sent);
  return managers && managers.size > 0 ? managers : (readable(stored) ?? NONE);
}

const NONE: ReadonlyMap<string, Manager> = new Map();

function readable(entries: unknown): ReadonlyMap<string, Manager> | undefined {
  try {
    return decodeManagers(entries);
  } catch (error) {
    if (error instanceof ManagedFieldsError) return undefined;
    throw error;
  }
}

/** Whether the client asks to forget all managers: an empty list, or one empty entry. */
function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (!Array.isArray(entries)) return false;
  const [first] = entries;
  return (
    entries.length === 0 || (entries.length === 1 && first !== undefined && Object.keys(first).length === 0)
  );
}

/** The object with `entries` as its managed fields; takes over the list of `live` where it is the same. */
export function withManagedFields(
  object: KubeObject,
  entries: readonly ManagedFieldsEntry[] | undefined,
  live?: KubeObject,
): KubeObject {
  if (entries === undefined && object.metadata.managedFields === undefined) return object;
  const metadata = withoutMember(object.metadata, "managedFields");
  if (entries === undefined) return { ...object, metadata };
  const kept = sameEntries(entries, live?.metadata.managedFields) ? live?.metadata.managedFields : entries;
  return { ...object, metadata: { ...metadata, managedFields: kept as ManagedFieldsEntry[] } };
}

/** Metadata without one of its members: itself where it has no such. Taking members out is slow, and rare. */
function withoutMember(
  metadata: KubeObject["metadata"],
  name: keyof KubeObject["metadata"],
): KubeObject["metadata"] {
  if (!Object.hasOwn(metadata, name)) return metadata;
  const { [name]: _, ...rest } = metadata;
  return rest as KubeObject["metadata"];
}

export function sameEntries(
  entries: readonly ManagedFieldsEntry[] | undefined,
  others: readonly ManagedFieldsEntry[] | undefined,
): boolean {
  if ((entries?.length ?? 0) !== (others?.length ?? 0)) return false;
  return entries?.every((entry, index) => entry === others?.[index]) ?? true;
}

export function emptyObject({ apiVersion, kind }: KubeObject): KubeObject {
  return { apiVersion, kind, metadata: {} as KubeObject["metadata"] };
}
