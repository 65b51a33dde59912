import { ApiError, formatTime, type KubeObject, type Status } from "@capstan/kube";
import { CLEANUP_FINALIZER, withPendingDeletion } from "../crd/conditions.js";
import type { ServedKind } from "../registry/kind.js";
import type { Answer, Call, Machinery } from "./call.js";
import { admissionRequest } from "./create.js";
import { type DeleteOptions, readDeleteOptions } from "./delete-options.js";
import { conflict, forbidden, notFound, STALE_VERSION } from "./errors.js";
import type { StoredObject } from "./object-storage.js";

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";
const RACE_ATTEMPTS = 16;
const IMMORTAL_NAMESPACES: ReadonlySet<string> = new Set(["default", "kube-system", "kube-public"]);

/** DELETE of one object. */
export async function remove(machinery: Machinery, call: Call): Promise<Answer> {
  const options = readDeleteOptions(call);
  const { kind, info } = call;
  const result = await deleteObject(machinery, call, info.namespace, info.name, options);
  if (result.object !== undefined && (!result.removed || kind.returnsDeleted === true)) {
    const status = !result.removed && options.orphanDependents === false ? 202 : 200;
    return { type: "object", status, object: result.object };
  }
  return { type: "value", status: 200, value: deletedStatus(kind, info.name, result.uid) };
}

export interface Deletion {
  /** The object as it is now: updated where it still waits, else as it was last. */
  readonly object: StoredObject | KubeObject;
  readonly removed: boolean;
  readonly uid: string | undefined;
}

/** Deletes one object, or marks it for deletion where finalizers or a grace period hold it. */
export async function deleteObject(
  machinery: Machinery,
  call: Call,
  namespace: string | undefined,
  name: string,
  options: DeleteOptions,
): Promise<Deletion> {
  for (let attempt = 1; ; attempt++) {
    const live = machinery.objects.latest(call.kind, namespace, name);
    if (live === undefined) throw notFound(call.kind, name);
    assertPreconditions(call.kind, live.object, options);
    assertMortal(call.kind, name);
    try {
      return await deleteLive(machinery, call, live, options);
    } catch (error) {
      const raced = ApiError.is(error, "Conflict") && error.message.endsWith(STALE_VERSION);
      if (!raced || options.resourceVersion !== undefined || attempt === RACE_ATTEMPTS) throw error;
    }
  }
}

const JOB_WARNING =
  "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove " +
  "them or set propagationPolicy=Orphan to suppress this warning";

/** Whether nobody said what becomes of dependents. */
function isUndecided({ propagation, orphanDependents }: DeleteOptions): boolean {
  return propagation === undefined && orphanDependents === undefined;
}

async function deleteLive(
  machinery: Machinery,
  call: Call,
  live: StoredObject,
  options: DeleteOptions,
): Promise<Deletion> {
  const { kind } = call;
  if (kind.group === "batch" && kind.resource === "jobs" && isUndecided(options)) call.warn(JOB_WARNING);
  const admission = admissionRequest(call, options.dryRun, undefined, live.object);
  await machinery.admission.validate(admission);
  const next = terminating(kind, live.object, options, machinery.clock.now());
  const { uid } = live.object.metadata;
  let stored = false;
  try {
    if (next === undefined) {
      if (!options.dryRun) await machinery.objects.remove(kind, live);
      stored = !options.dryRun;
      return { object: live, removed: true, uid };
    }
    if (next === live.object) {
      await machinery.objects.settled();
      return { object: live, removed: false, uid };
    }
    if (options.dryRun) return { object: next, removed: false, uid };
    const object = await machinery.objects.put(kind, next, live);
    stored = true;
    return { object, removed: false, uid };
  } finally {
    machinery.admission.settle?.(admission, stored);
  }
}

/**
 * The object as a delete leaves it: itself where nothing changes, marked for deletion where finalizers
 * or a grace period hold it, `undefined` where it goes at once.
 */
function terminating(
  kind: ServedKind,
  live: KubeObject,
  options: DeleteOptions,
  now: number,
): KubeObject | undefined {
  const { metadata } = live;
  const finalizers = withCleanup(kind, live, collectorFinalizers(kind, live, options));
  const grace = kind.gracePeriodSeconds?.(live, options.gracePeriodSeconds) ?? 0;
  const held = finalizers.length > 0 || isNamespaceHeld(live);
  if (!held && grace === 0) return undefined;
  const already = metadata.deletionTimestamp !== undefined;
  const previousGrace = metadata.deletionGracePeriodSeconds ?? 0;
  const nextGrace = already ? Math.min(previousGrace, grace) : grace;
  const finalizersKept =
    finalizers.length === (metadata.finalizers?.length ?? 0) &&
    finalizers.every((finalizer, index) => finalizer === metadata.finalizers?.[index]);
  if (already && finalizersKept && nextGrace === previousGrace) return live;
  const { finalizers: _finalizers, ...rest } = metadata;
  // Kubernetes ends what holds others by rules of their own, which know no grace.
  const own = isDefinition(kind) || isNamespace(kind);
  const deadline = already && nextGrace === previousGrace ? metadata.deletionTimestamp : undefined;
  return withTerminatingState(kind, now, {
    ...live,
    metadata: {
      ...rest,
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ...(already || own || (metadata.generation ?? 0) === 0
        ? {}
        : { generation: (metadata.generation ?? 0) + 1 }),
      deletionTimestamp: deadline ?? formatTime(now + nextGrace * 1000),
      ...(own ? {} : { deletionGracePeriodSeconds: nextGrace }),
    },
  });
}

function isNamespace({ group, resource }: ServedKind): boolean {
  return resource === "namespaces" && group === "";
}

function isDefinition({ group, resource }: ServedKind): boolean {
  return resource === "customresourcedefinitions" && group === "apiextensions.k8s.io";
}

/** A definition stays until the objects of its kind are gone. */
function withCleanup(kind: ServedKind, live: KubeObject, finalizers: string[]): string[] {
  if (
    !isDefinition(kind) ||
    live.metadata.deletionTimestamp !== undefined ||
    finalizers.includes(CLEANUP_FINALIZER)
  ) {
    return finalizers;
  }
  return [...finalizers, CLEANUP_FINALIZER];
}

function isNamespaceHeld(object: KubeObject): boolean {
  if (object.kind !== "Namespace" || object.apiVersion !== "v1") return false;
  const spec = object["spec"] as { finalizers?: readonly string[] } | undefined;
  return (spec?.finalizers?.length ?? 0) > 0;
}

/** Namespaces and definitions show that they are being deleted. */
function withTerminatingState(kind: ServedKind, now: number, object: KubeObject): KubeObject {
  if (isDefinition(kind)) return withPendingDeletion(object, formatTime(now));
  if (object.kind !== "Namespace" || object.apiVersion !== "v1") return object;
  return { ...object, status: { ...(object["status"] as object | undefined), phase: "Terminating" } };
}

/** Finalizers after the propagation policy has added or removed the garbage collector's own. */
function collectorFinalizers(kind: ServedKind, live: KubeObject, options: DeleteOptions): string[] {
  const present = live.metadata.finalizers ?? [];
  const policy =
    options.propagation ??
    (present.includes(ORPHAN)
      ? "Orphan"
      : present.includes(FOREGROUND)
        ? "Foreground"
        : (kind.defaultPropagation ?? "Background"));
  const others = present.filter((finalizer) => finalizer !== ORPHAN && finalizer !== FOREGROUND);
  if (policy === "Background") return others.length === present.length ? present : others;
  const own = policy === "Orphan" ? ORPHAN : FOREGROUND;
  return present.includes(own) && others.length === present.length - 1 ? present : [...others, own];
}

function assertPreconditions(kind: ServedKind, live: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = live.metadata;
  const name = live.metadata.name;
  const byKind = { group: kind.group, resource: kind.kind };
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      byKind,
      name,
      `the UID in the precondition (${options.uid}) does not match the UID in record (${uid}). ` +
        "The object might have been deleted and then recreated",
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    throw conflict(
      byKind,
      name,
      `the ResourceVersion in the precondition (${options.resourceVersion}) does not match the ` +
        `ResourceVersion in record (${resourceVersion}). The object might have been modified`,
    );
  }
}

function assertMortal(kind: ServedKind, name: string): void {
  if (kind.group !== "" || kind.resource !== "namespaces" || !IMMORTAL_NAMESPACES.has(name)) return;
  throw forbidden(kind, name, "this namespace may not be deleted");
}

function deletedStatus(kind: ServedKind, name: string, uid: string | undefined): Partial<Status> {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Success",
    details: {
      name,
      ...(kind.group === "" ? {} : { group: kind.group }),
      kind: kind.resource,
      ...(uid === undefined ? {} : { uid }),
    },
  };
}
