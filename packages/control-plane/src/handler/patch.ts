import {
  ApiError,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  type KubeObject,
  PatchError,
} from "@capstan/kube";
import type { Answer, Call, Machinery } from "./call.js";
import { createObject } from "./create.js";
import {
  badRequest,
  conflict,
  entityTooLarge,
  invalid,
  notFound,
  patchRejected,
  unsupportedMediaType,
  untyped,
} from "./errors.js";
import { withRequestNamespace } from "./object-name.js";
import { servedVersion } from "./object-storage.js";
import { parseJson, parseYamlBody } from "./request-body.js";
import { assertNotDeleting, fieldUpdate, replaceLatest, restoreSystemFields } from "./update.js";
import { asEndpointObject, decodeObject, withDefaults } from "./write-body.js";
import { readWriteOptions, throwIfAny, type WriteOptions } from "./write-options.js";

const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC_PATCH = "application/strategic-merge-patch+json";
export const APPLY_PATCH = "application/apply-patch+yaml";

/** PATCH of an object or its status, in any of the four media types. */
export async function patch(machinery: Machinery, call: Call): Promise<Answer> {
  const accepted = patchTypes(call.kind.strategicMergePatch !== false);
  if (!accepted.includes(call.body.contentType)) throw unsupportedMediaType(accepted);
  const options = readWriteOptions(call.query, "PatchOptions");
  if (call.body.contentType === APPLY_PATCH) return apply(machinery, call, options);
  if (options.force !== undefined) {
    throwIfAny(
      [{ type: "Forbidden", field: "force", detail: "may not be specified for non-apply patch" }],
      "PatchOptions",
    );
  }
  const body = parseJson(call.body, options.fieldValidation !== "Ignore");
  call.received?.(body.value);
  const context = fieldUpdate(machinery, call, options);
  return replaceLatest(machinery, call, options, (live) => {
    if (live === undefined) throw notFound(call.kind, call.info.name);
    const patched = asPatchedObject(call, applyBody(call, live.object, body.value));
    assertIdentity(call, patched, live.object);
    const complaints = [...body.duplicates, ...unknownMembers(call, body.value)];
    const shown = () =>
      call.body.contentType === STRATEGIC_PATCH ? goFormat(body.value) : JSON.stringify(patched);
    const decoded = decodePatched(machinery, call, patched, complaints, options, shown, live.object);
    return machinery.fieldManager.update(live.object, restoreSystemFields(decoded, live.object), context);
  });
}

/** As `decodeObject`; what is wrong with the result of a patch is a problem of the patch. */
function decodePatched(
  machinery: Machinery,
  call: Call,
  patched: KubeObject,
  complaints: readonly string[],
  { fieldValidation }: WriteOptions,
  shown: () => string,
  live: KubeObject,
): KubeObject {
  try {
    return decodeObject(machinery, call, patched, complaints, fieldValidation, live);
  } catch (error) {
    const reason =
      error instanceof ApiError && /cannot be handled as a \w+: ([\s\S]*)$/.exec(error.message)?.[1];
    if (!reason) throw error;
    throw invalid({ group: "", kind: "" }, "", [
      { type: "Invalid value", field: "patch", value: shown(), detail: reason },
    ]);
  }
}

const OPERATION_MEMBERS = new Set(["from", "op", "path", "value"]);

/** Members that no operation of a JSON patch has. */
function unknownMembers(call: Call, patch: unknown): readonly string[] {
  if (call.body.contentType !== JSON_PATCH || !Array.isArray(patch)) return [];
  return patch.flatMap((operation: unknown, index) =>
    Object.keys(Object(operation))
      .filter((name) => !OPERATION_MEMBERS.has(name))
      .map((name) => `json patch unknown field "[${index}].${name}"`),
  );
}

/** Plain data as Go's `%v` prints it. */
function goFormat(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goFormat).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${members.map(([key, member]) => `${key}:${goFormat(member)}`).join(" ")}]`;
}

export function patchTypes(strategic: boolean): readonly string[] {
  return strategic
    ? [JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH, APPLY_PATCH]
    : [JSON_PATCH, MERGE_PATCH, APPLY_PATCH];
}

/** The document that a JSON, merge or strategic merge patch makes of `live`; patch errors as API errors. */
export function applyBody(call: Call, live: unknown, body: unknown): unknown {
  try {
    switch (call.body.contentType) {
      case JSON_PATCH:
        return applyJsonPatch(live, body);
      case MERGE_PATCH:
        return applyMergePatch(live, body);
      default:
        return applyStrategicMergePatch(live, body, call.kind.schema);
    }
  } catch (error) {
    throw patchFailure(error);
  }
}

function patchFailure(error: unknown): unknown {
  if (!(error instanceof PatchError)) return error;
  switch (error.code) {
    case "malformed":
      return badRequest(error.message);
    case "too-large":
      return entityTooLarge(error.message.replace(/^Request entity too large: /, ""));
    case "not-applicable":
      return patchRejected();
    case "internal":
      return untyped(error.message);
  }
}

function asPatchedObject(call: Call, value: unknown): KubeObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw patchRejected();
  return asEndpointObject(call, value);
}

function assertIdentity(call: Call, patched: KubeObject, live: KubeObject): void {
  if (patched.metadata.name !== live.metadata.name) {
    throw badRequest(
      `the name of the object (${patched.metadata.name}) does not match the name on the URL (${call.info.name})`,
    );
  }
  if (patched.metadata.namespace !== live.metadata.namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  assertNotDeleting(call, patched, live);
  if (patched.metadata.uid !== undefined && patched.metadata.uid !== live.metadata.uid) {
    throw invalid(call.kind, call.info.name, [
      {
        type: "Invalid value",
        field: "metadata.uid",
        value: patched.metadata.uid,
        detail: "field is immutable",
      },
    ]);
  }
}

/** Throws 422 unless somebody says who applies. */
export function assertManager({ fieldManager }: WriteOptions): void {
  if (fieldManager !== undefined) return;
  throwIfAny(
    [{ type: "Required value", field: "fieldManager", detail: "is required for apply patch" }],
    "PatchOptions",
  );
}

async function apply(machinery: Machinery, call: Call, options: WriteOptions): Promise<Answer> {
  assertManager(options);
  const body = parseYamlBody(call.body);
  call.received?.(body.value);
  if (body.duplicates.length > 0 && options.fieldValidation === "Strict") {
    throw badRequest(`error strict decoding YAML: ${body.duplicates.join(", ")}`);
  }
  const applied = applyObject(call, body.value);
  const context = { ...fieldUpdate(machinery, call, options), force: options.force ?? false };
  return replaceLatest(machinery, call, options, (live) => {
    const result = machinery.fieldManager.apply(live?.object, applied, context);
    // What was applied came as it was written: quantities, empty values and the like take their stored form.
    const stored = () =>
      withDefaults(call, machinery.decoder.decode(result, call.kind, live?.object).object, live?.object);
    if (live !== undefined)
      return restoreSystemFields(result === live.object ? result : stored(), live.object);
    if (call.info.subresource !== undefined) throw notFound(call.kind, call.info.name);
    assertNoUid(call, applied);
    call.authorizeCreate();
    return createObject(machinery, call, stored(), options, (next) => next);
  });
}

/** A uid is that of an object that exists. */
function assertNoUid(call: Call, { metadata: { uid } }: KubeObject): void {
  if (uid === undefined || uid === "") return;
  throw conflict(
    call.kind,
    call.info.name,
    `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
  );
}

/** An applied object says what it is. */
function assertType(call: Call, { apiVersion, kind }: Record<string, unknown>): void {
  if (apiVersion === servedVersion(call.kind) && kind === call.kind.kind) return;
  const [group, version] = String(apiVersion ?? "/").includes("/")
    ? String(apiVersion ?? "/").split("/")
    : ["", apiVersion];
  throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind ?? ""}`);
}

function applyObject(call: Call, value: unknown): KubeObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("error decoding YAML: the body is not an object");
  }
  assertType(call, value as Record<string, unknown>);
  const object = withRequestNamespace(call, asEndpointObject(call, value));
  const { name } = object.metadata;
  if (name !== undefined && name !== call.info.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${call.info.name})`,
    );
  }
  return { ...object, metadata: { ...object.metadata, name: call.info.name } };
}
