import {
  ApiError,
  type KubeObject,
  type ManagedFieldsEntry,
  parseApiVersion,
  type Schema,
  type StatusReason,
} from "@capstan/kube";
import { type Conflict, conflictError, listConflicts } from "./conflict.js";
import { hasPath, isEmptySet, sameSet } from "./field-set.js";
import { fieldsOfLastApplied, lastAppliedOf, withLastApplied } from "./last-applied.js";
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
import { pruneMerged } from "./prune.js";
import { fieldSetOf } from "./typed-fields.js";
import { mergeTyped } from "./typed-merge.js";
import { validateTyped } from "./typed-validate.js";
import { sameValue, TypedError } from "./typed-value.js";
import { appliesNothing } from "./unchanged.js";
import { emptyObject, recordUpdate, sameEntries, withManagedFields } from "./update.js";

/** One server-side apply. */
export interface ApplyRequest {
  /** The stored object at the request's version; undefined to create it. Shared, not changed. */
  readonly live: KubeObject | undefined;
  /** The configuration, of the same kind and version. Not changed. */
  readonly applied: KubeObject;
  readonly manager: string;
  readonly force: boolean;
  readonly apiVersion: string;
  readonly kind: string;
  /** `status`, `scale`, …; empty or left out for the object itself. */
  readonly subresource?: string | undefined;
  /** Left out for kinds without a schema: types then follow the values. */
  readonly schema?: Schema | undefined;
  /** What this endpoint does not let clients set. */
  readonly resetFields?: ResetFields | undefined;
  readonly convert?: ConvertVersion | undefined;
  /** The object as it is before anything is set, where the kind has one. */
  readonly zero?: KubeObject | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

export interface ApplyResult {
  /**
   * The merged object with its managed fields; `live` itself where nothing at all changed. A map or list
   * that lost all its members is null here; decoding drops it.
   */
  readonly object: KubeObject;
  /** Whether anything beside managed fields changed. */
  readonly changed: boolean;
}

/**
 * Server-side apply: merges `applied` into `live`, removes what this manager applied before but not any
 * more (unless somebody else owns it), and updates `metadata.managedFields`.
 *
 * Throws `ApiError`: 409 with a cause per field where other managers own what would change and `force`
 * is off; 400 for a configuration of another kind or with managed fields; 500 where it does not fit the
 * schema, all worded as the Kubernetes API does.
 */
export function applyManaged(request: ApplyRequest): ApplyResult {
  checkRequest(request);
  const versions = new TypedVersions(request.apiVersion, request.schema, request.convert);
  const applied = withoutNullCreation(request.applied);
  const former = storedManagers(request.live);
  if (isRepeated(request, applied, former, versions))
    return { object: request.live as KubeObject, changed: false };
  const problem = validateTyped(applied, versions.type);
  if (problem !== undefined) {
    throw failure(500, undefined, `failed to create typed patch object (${describe(applied)}): ${problem}`);
  }
  try {
    return applyTyped(request, applied, former, versions);
  } catch (error) {
    if (!(error instanceof TypedError)) throw error;
    const message = `failed to create typed live object (${describe(request.live ?? applied)}): ${error.message}`;
    throw failure(500, undefined, message);
  }
}

/** The common case: the same configuration again, over an object that still has its values. */
function isRepeated(
  request: ApplyRequest,
  applied: KubeObject,
  former: ReadonlyMap<string, Manager>,
  versions: TypedVersions,
): boolean {
  const { live, apiVersion, manager } = request;
  if (!live || (manager === "kubectl" && lastAppliedOf(live) !== undefined)) return false;
  const last = former.get(managerId(selfOf(request)));
  if (last?.apiVersion !== apiVersion) return false;
  return appliesNothing(applied, live, versions.type, last.set, request.resetFields ?? []);
}

function applyTyped(
  request: ApplyRequest,
  applied: KubeObject,
  stored: ReadonlyMap<string, Manager>,
  versions: TypedVersions,
): ApplyResult {
  const self = selfOf(request);
  const id = managerId(self);
  const before = withManagedFields(request.live ?? request.zero ?? emptyObject(applied), undefined);
  const former = stored.size > 0 ? stored : beforeFirstApply(request, before, versions);
  const managers = reconcileManagers(former, before, versions);
  const last = managers.get(id);
  const reset = resetSet(request.resetFields);
  const set = withoutReset(fieldSetOf(applied, versions.type), reset);
  managers.set(id, { ...self, time: last?.time, set });
  const merged = mergeTyped(before, applied, versions.type) as KubeObject;
  const after = pruneMerged(merged, managers, last, set, versions);
  const { conflicts, forced } = takeOver(before, after, managers, id, versions, reset);
  if (!request.force && conflicts.size > 0) {
    const open = openConflicts(request, before, listConflicts(conflicts, managers), versions);
    if (open.length > 0) throw conflictError(open);
  }
  const changed = !sameValue(before, after);
  const own = stripIdentity(set);
  if (isEmptySet(own)) forced.delete(id);
  else
    forced.set(
      id,
      ownEntry({ ...self, set: own, time: changed ? managerTime(request.now) : last?.time }, stored.get(id)),
    );
  const final = withLastApplied(changed ? after : before, applied, request.manager);
  return finish(request.live, final, forced, final !== before);
}

function finish(
  live: KubeObject | undefined,
  object: KubeObject,
  managers: ReadonlyMap<string, Manager>,
  changed: boolean,
): ApplyResult {
  const entries = encodeManagers(managers);
  if (live && !changed && sameEntries(entries, live.metadata.managedFields)) return { object: live, changed };
  return { object: withManagedFields(object, entries as ManagedFieldsEntry[] | undefined, live), changed };
}

/** The stored entry where it says the same. */
function ownEntry(manager: Manager, stored: Manager | undefined): Manager {
  const same =
    stored?.apiVersion === manager.apiVersion &&
    stored.time === manager.time &&
    sameSet(stored.set, manager.set);
  return same ? stored : manager;
}

/** Whoever wrote an object that was not tracked yet owns all that it has. */
function beforeFirstApply(request: ApplyRequest, live: KubeObject, versions: TypedVersions): Managers {
  if (!request.live) return new Map();
  return recordUpdate({ ...request, live: undefined, next: live }, new Map(), "before-first-apply", versions);
}

/** The conflicts left after those that kubectl's own last-applied annotation accounts for. */
function openConflicts(
  request: ApplyRequest,
  live: KubeObject,
  conflicts: readonly Conflict[],
  versions: TypedVersions,
): readonly Conflict[] {
  if (request.manager !== "kubectl") return conflicts;
  const allowed = fieldsOfLastApplied(live, request.apiVersion, versions.type);
  return allowed ? conflicts.filter(({ path }) => !hasPath(allowed, path)) : conflicts;
}

function selfOf({ manager, apiVersion, subresource }: ApplyRequest): Omit<Manager, "set" | "time"> {
  return { name: manager || "unknown", operation: "Apply", apiVersion, subresource: subresource ?? "" };
}

function storedManagers(live: KubeObject | undefined): ReadonlyMap<string, Manager> {
  try {
    return decodeManagers(live?.metadata.managedFields);
  } catch (error) {
    if (!(error instanceof ManagedFieldsError)) throw error;
    throw failure(500, undefined, `failed to decode managed fields: ${error.message}`);
  }
}

function checkRequest({ applied, apiVersion, kind }: ApplyRequest): void {
  if (applied.apiVersion !== apiVersion || applied.kind !== kind) {
    throw failure(400, "BadRequest", `invalid object type: ${kindText(applied)}`);
  }
  const { managedFields } = applied.metadata ?? {};
  if (managedFields !== undefined && managedFields !== null) {
    throw failure(400, "BadRequest", "metadata.managedFields must be nil");
  }
}

/** The configuration without the null that encoders write for the creation time of a new object. */
function withoutNullCreation(applied: KubeObject): KubeObject {
  if (applied.metadata?.creationTimestamp !== null) return applied;
  const { creationTimestamp: _, ...metadata } = applied.metadata;
  return { ...applied, metadata };
}

function describe(object: KubeObject): string {
  const { namespace = "", name = "" } = object.metadata ?? {};
  return `${namespace}/${name}; ${kindText(object)}`;
}

function kindText({ apiVersion, kind }: KubeObject): string {
  const { group, version } = parseApiVersion(apiVersion ?? "");
  return `${group}/${version}, Kind=${kind}`;
}

function failure(code: number, reason: StatusReason | undefined, message: string): ApiError {
  return new ApiError({
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    message,
    ...(reason ? { reason } : {}),
    code,
  });
}
