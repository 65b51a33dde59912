import { ApiError, formatTime, type KubeObject, type ObjectMeta } from "@capstan/kube";
import type { AdmissionRequest } from "../registry/ports.js";
import type { Answer, Call, Machinery } from "./call.js";
import { alreadyExists, invalid, nameExhausted, untyped } from "./errors.js";
import { generateName, randomUid, withRequestNamespace } from "./object-name.js";
import { parseObjectBody } from "./request-body.js";
import { asEndpointObject, decodeObject } from "./write-body.js";
import { defaultManager, readWriteOptions, type WriteOptions } from "./write-options.js";

const NAME_ATTEMPTS = 8;

/** POST to a collection. */
export async function create(machinery: Machinery, call: Call): Promise<Answer> {
  const options = readWriteOptions(call.query, "CreateOptions");
  const body = parseObjectBody(
    call.body,
    call.protobuf,
    options.fieldValidation !== "Ignore",
    call.kind.kind,
  );
  const given = asEndpointObject(call, body.value);
  const decoded = decodeObject(machinery, call, given, body.duplicates, options.fieldValidation);
  const object = withRequestNamespace(call, decoded);
  const manager = options.fieldManager ?? defaultManager(call.headers["user-agent"]);
  return createObject(machinery, call, object, options, (next) =>
    machinery.fieldManager.update(undefined, next, {
      kind: call.kind,
      manager,
      subresource: undefined,
      now: machinery.clock.now(),
    }),
  );
}

/**
 * Stores a decoded object that does not exist yet: system fields, ownership, admission, strategy,
 * validation, then the write; a generated name is tried again where it is taken.
 */
export async function createObject(
  machinery: Machinery,
  call: Call,
  object: KubeObject,
  options: Pick<WriteOptions, "dryRun">,
  own: (object: KubeObject) => KubeObject,
): Promise<Answer> {
  const { resourceVersion, name, generateName: base } = object.metadata;
  if (resourceVersion !== undefined && resourceVersion !== "" && resourceVersion !== "0") {
    throw untyped("resourceVersion should not be set on objects to be created");
  }
  const generated = (name === undefined || name === "") && base !== undefined && base !== "";
  for (let attempt = 1; ; attempt++) {
    const named = generated ? generateName(base, machinery.random) : name;
    try {
      return await createNamed(machinery, call, withSystemFields(machinery, object, named), options, own);
    } catch (error) {
      if (!generated || !ApiError.is(error, "AlreadyExists")) throw error;
      if (attempt === NAME_ATTEMPTS) throw nameExhausted(call.kind, named);
    }
  }
}

function withSystemFields(machinery: Machinery, object: KubeObject, name: string): KubeObject {
  const {
    resourceVersion: _version,
    deletionTimestamp: _deletion,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    selfLink: _link,
    ...metadata
  } = object.metadata as ObjectMeta & { readonly selfLink?: unknown };
  return {
    ...object,
    metadata: {
      ...metadata,
      name,
      uid: randomUid(machinery.random),
      creationTimestamp: formatTime(machinery.clock.now()),
    },
  };
}

async function createNamed(
  machinery: Machinery,
  call: Call,
  object: KubeObject,
  options: Pick<WriteOptions, "dryRun">,
  own: (object: KubeObject) => KubeObject,
): Promise<Answer> {
  const { kind } = call;
  const owned = own(object);
  const admission = admissionRequest(call, options.dryRun, owned);
  const mutated = (await machinery.admission.mutate(admission)) ?? owned;
  const prepared = withFirstGeneration(call, kind.strategy.prepareForCreate(mutated));
  const reservation = machinery.reservations.reserve(kind, prepared);
  let admitted = admission;
  let stored = false;
  try {
    const next = reservation?.object ?? prepared;
    validateNew(call, next);
    admitted = { ...admission, object: next, name: next.metadata.name };
    await machinery.admission.validate(admitted);
    assertAbsent(machinery, call, next);
    if (options.dryRun) return { type: "object", status: 201, object: next };
    const written = await machinery.objects.put(kind, next, undefined);
    stored = true;
    return { type: "object", status: 201, object: written };
  } finally {
    reservation?.settle();
    machinery.admission.settle?.(admitted, stored);
  }
}

function validateNew(call: Call, object: KubeObject): void {
  const { kind } = call;
  const { name } = object.metadata;
  if (name === undefined || name === "") throw nameRequired(call);
  const errors = kind.strategy.validate(object);
  if (errors.length > 0) throw invalid(kind, name, errors);
  for (const warning of kind.strategy.warnings?.(object) ?? []) call.warn(warning);
}

function assertAbsent(machinery: Machinery, call: Call, object: KubeObject): void {
  const { namespace, name } = object.metadata;
  const existing = machinery.objects.latest(call.kind, namespace, name);
  if (existing === undefined) return;
  throw alreadyExists(call.kind, name, existing.object.metadata.deletionTimestamp !== undefined);
}

function withFirstGeneration(call: Call, object: KubeObject): KubeObject {
  if (!call.kind.generation) return object;
  return { ...object, metadata: { ...object.metadata, generation: 1 } };
}

function nameRequired(call: Call): ApiError {
  return invalid(call.kind, "", [
    { type: "Required value", field: "metadata.name", detail: "name or generateName is required" },
  ]);
}

/** What admission is told of a write of this call. */
export function admissionRequest(
  call: Call,
  dryRun: boolean,
  object: KubeObject | undefined,
  oldObject?: KubeObject,
): AdmissionRequest {
  const operation = object === undefined ? "DELETE" : oldObject === undefined ? "CREATE" : "UPDATE";
  return {
    operation,
    kind: call.kind,
    subresource: call.info.subresource,
    namespace: call.info.namespace,
    name: (object ?? oldObject)?.metadata.name ?? "",
    object,
    oldObject,
    options: {
      kind: `${operation[0]}${operation.slice(1).toLowerCase()}Options`,
      apiVersion: "meta.k8s.io/v1",
    },
    dryRun,
    user: call.user,
    warn: call.warn,
    ...(call.annotate === undefined ? {} : { annotate: call.annotate }),
  };
}
