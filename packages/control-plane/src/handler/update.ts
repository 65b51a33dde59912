import { ApiError, deepEqual, type KubeObject } from "@capstan/kube";
import { sameExceptTimes } from "../apply/same-object.js";
import type { FieldUpdate } from "../registry/ports.js";
import type { Answer, Call, Machinery } from "./call.js";
import { admissionRequest, createObject } from "./create.js";
import { conflict, invalid, notFound, STALE_VERSION } from "./errors.js";
import { assertRequestName, withRequestNamespace } from "./object-name.js";
import type { StoredObject } from "./object-storage.js";
import { parseObjectBody } from "./request-body.js";
import { asEndpointObject, decodeObject } from "./write-body.js";
import { defaultManager, readWriteOptions, type WriteOptions } from "./write-options.js";

/** How often a write that asked for no particular version is computed again after a lost race. */
const RACE_ATTEMPTS = 16;

/** Built-in kinds that PUT creates where they do not exist. */
const CREATE_ON_UPDATE: ReadonlySet<string> = new Set([
  "endpoints",
  "events",
  "events.events.k8s.io",
  "leases.coordination.k8s.io",
  "limitranges",
  "services",
  "roles.rbac.authorization.k8s.io",
  "rolebindings.rbac.authorization.k8s.io",
  "clusterroles.rbac.authorization.k8s.io",
  "clusterrolebindings.rbac.authorization.k8s.io",
]);

/** PUT of an object, or of its status. */
export async function update(machinery: Machinery, call: Call): Promise<Answer> {
  const options = readWriteOptions(call.query, "UpdateOptions");
  const body = parseObjectBody(
    call.body,
    call.protobuf,
    options.fieldValidation !== "Ignore",
    call.kind.kind,
  );
  const given = asEndpointObject(call, body.value);
  const decoded = decodeObject(machinery, call, given, body.duplicates, options.fieldValidation);
  const object = withRequestNamespace(call, decoded);
  assertRequestName(call, object);
  const context = fieldUpdate(machinery, call, options);
  return replaceLatest(machinery, call, options, (live) => {
    if (live === undefined) return createdByPut(machinery, call, object, options, context);
    assertUid(call, object, live.object);
    assertNotDeleting(call, object, live.object);
    return machinery.fieldManager.update(live.object, restoreSystemFields(object, live.object), context);
  });
}

export function fieldUpdate(machinery: Machinery, call: Call, options: WriteOptions): FieldUpdate {
  return {
    kind: call.kind,
    manager: options.fieldManager ?? defaultManager(call.headers["user-agent"]),
    subresource: call.info.subresource,
    now: machinery.clock.now(),
  };
}

function createdByPut(
  machinery: Machinery,
  call: Call,
  object: KubeObject,
  options: WriteOptions,
  context: FieldUpdate,
): Promise<Answer> {
  const { kind } = call;
  const qualified = kind.group === "" ? kind.resource : `${kind.resource}.${kind.group}`;
  if (call.info.subresource !== undefined || !CREATE_ON_UPDATE.has(qualified)) {
    throw notFound(kind, call.info.name);
  }
  call.authorizeCreate();
  return createObject(machinery, call, object, options, (next) =>
    machinery.fieldManager.update(undefined, next, context),
  );
}

/** What `next` computes from the live object: the object to store, or an answer in its place. */
export type NextObject = KubeObject | Promise<Answer>;

/**
 * Replaces the latest stored object by what `next` makes of it. Runs again on a newer object after a
 * lost race, unless the object asks for the version that it was read at: that is a 409.
 */
export async function replaceLatest(
  machinery: Machinery,
  call: Call,
  options: Pick<WriteOptions, "dryRun">,
  next: (live: StoredObject | undefined) => NextObject,
): Promise<Answer> {
  const { kind, info } = call;
  for (let attempt = 1; ; attempt++) {
    const live = machinery.objects.latest(kind, info.namespace, info.name);
    const result = next(live);
    if (result instanceof Promise) return result;
    if (live === undefined) throw notFound(kind, info.name);
    const pinned = assertVersion(call, result, live.object);
    try {
      return await replace(machinery, call, options, live, result);
    } catch (error) {
      const raced =
        ApiError.is(error, "Conflict") && machinery.objects.latest(kind, info.namespace, info.name) !== live;
      if (pinned || !raced || attempt === RACE_ATTEMPTS || !error.message.endsWith(STALE_VERSION))
        throw error;
    }
  }
}

/** Whether the object names the version it replaces. Throws 409 for another one, 422 where one is needed. */
function assertVersion(call: Call, next: KubeObject, live: KubeObject): boolean {
  const asked = next.metadata.resourceVersion;
  if (asked === undefined || asked === "" || asked === "0") {
    if (call.kind.unconditionalUpdate !== false) return false;
    throw invalid({ group: call.kind.group, kind: call.kind.resource }, call.info.name, [
      {
        type: "Invalid value",
        field: "metadata.resourceVersion",
        value: 0,
        detail: "must be specified for an update",
      },
    ]);
  }
  if (asked !== live.metadata.resourceVersion) throw conflict(call.kind, call.info.name, STALE_VERSION);
  return call.info.verb === "update";
}

function assertUid(call: Call, next: KubeObject, live: KubeObject): void {
  const asked = next.metadata.uid;
  if (asked === undefined || asked === "" || asked === live.metadata.uid) return;
  throw conflict(
    call.kind,
    call.info.name,
    `StorageError: invalid object, Code: 4, Key: /registry/${call.kind.storage.prefix}/${call.info.name}, ` +
      `ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${asked}, ` +
      `UID in object meta: ${live.metadata.uid}`,
  );
}

/** Nobody deletes an object by writing when it was deleted. Throws 422. */
export function assertNotDeleting(call: Call, next: KubeObject, live: KubeObject): void {
  for (const name of ["deletionTimestamp", "deletionGracePeriodSeconds"] as const) {
    const value = next.metadata[name];
    if (value === undefined || value === null || value === live.metadata[name]) continue;
    throw invalid(call.kind, call.info.name, [
      { type: "Invalid value", field: `metadata.${name}`, value, detail: "field is immutable" },
    ]);
  }
}

/** `next` with the fields that clients cannot change taken from the live object. */
export function restoreSystemFields(next: KubeObject, live: KubeObject): KubeObject {
  if (next === live) return live;
  const {
    deletionTimestamp: _deletion,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    ...given
  } = next.metadata;
  const { uid, creationTimestamp, deletionTimestamp, deletionGracePeriodSeconds, generation } = live.metadata;
  return {
    ...next,
    metadata: {
      ...given,
      ...(uid === undefined ? {} : { uid }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
      ...(generation === undefined ? {} : { generation }),
    },
  };
}

async function replace(
  machinery: Machinery,
  call: Call,
  options: Pick<WriteOptions, "dryRun">,
  live: StoredObject,
  next: KubeObject,
): Promise<Answer> {
  const { kind, info } = call;
  const admission = admissionRequest(call, options.dryRun, next, live.object);
  const mutated = (await machinery.admission.mutate(admission)) ?? next;
  const prepared = kind.strategy.prepareForUpdate(mutated, live.object, info.subresource);
  const reservation =
    info.subresource === undefined ? machinery.reservations.reserve(kind, prepared) : undefined;
  let admitted = admission;
  let stored = false;
  try {
    const object = withGeneration(call, reservation?.object ?? prepared, live.object);
    const errors = kind.strategy.validateUpdate(object, live.object, info.subresource);
    if (errors.length > 0) throw invalid(kind, info.name, errors);
    for (const warning of kind.strategy.warnings?.(object) ?? []) call.warn(warning);
    admitted = { ...admission, object };
    await machinery.admission.validate(admitted);
    const current = withVersion(object, live.object.metadata.resourceVersion);
    if (options.dryRun) return { type: "object", status: 200, object: current };
    const answer = await store(machinery, call, live, current);
    stored = answer.object !== live;
    return answer;
  } finally {
    reservation?.settle();
    machinery.admission.settle?.(admitted, stored);
  }
}

/** Writes an object that differs from the live one in more than the times of its managers, or removes it where nothing holds it any more. */
async function store(
  machinery: Machinery,
  { kind }: Call,
  live: StoredObject,
  next: KubeObject,
): Promise<Extract<Answer, { type: "object" }>> {
  if (sameExceptTimes(live.object, next)) {
    await machinery.objects.settled();
    return { type: "object", status: 200, object: live };
  }
  if (isFinished(next)) {
    await machinery.objects.remove(kind, live);
    return { type: "object", status: 200, object: next };
  }
  return { type: "object", status: 200, object: await machinery.objects.put(kind, next, live) };
}

/** A terminating object that nothing holds any more. */
function isFinished(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds, finalizers } = object.metadata;
  if (deletionTimestamp === undefined || (deletionGracePeriodSeconds ?? 0) > 0) return false;
  if (finalizers !== undefined && finalizers.length > 0) return false;
  const spec = object["spec"] as { finalizers?: readonly string[] } | undefined;
  return !(object.kind === "Namespace" && object.apiVersion === "v1" && (spec?.finalizers?.length ?? 0) > 0);
}

function withVersion(object: KubeObject, resourceVersion: string | undefined): KubeObject {
  if (resourceVersion !== undefined && object.metadata.resourceVersion === resourceVersion) return object;
  const { resourceVersion: _given, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: resourceVersion === undefined ? metadata : { ...metadata, resourceVersion },
  };
}

function withGeneration(call: Call, next: KubeObject, live: KubeObject): KubeObject {
  const previous = live.metadata.generation;
  if (!call.kind.generation || call.info.subresource === "status") return next;
  const bumps =
    call.kind.strategy.bumpsGeneration?.(next, live) ?? differsOutsideMetadata(next, live, call.kind);
  const generation = (previous ?? 0) + (bumps ? 1 : 0);
  return { ...next, metadata: { ...next.metadata, generation } };
}

function differsOutsideMetadata(
  next: KubeObject,
  live: KubeObject,
  kind: { readonly statusSubresource: boolean },
): boolean {
  const names = new Set([...Object.keys(next), ...Object.keys(live)]);
  for (const name of names) {
    if (name === "metadata" || name === "apiVersion" || name === "kind") continue;
    if (name === "status" && kind.statusSubresource) continue;
    if (!deepEqual(next[name], live[name])) return true;
  }
  return false;
}
