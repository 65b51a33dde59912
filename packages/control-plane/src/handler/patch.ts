import {
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
  entityTooLarge,
  invalid,
  notFound,
  patchRejected,
  unsupportedMediaType,
  untyped,
} from "./errors.js";
import { withRequestNamespace } from "./object-name.js";
import { parseJson, parseYamlBody } from "./request-body.js";
import { fieldUpdate, replaceLatest, restoreSystemFields } from "./update.js";
import { asEndpointObject, decodeObject } from "./write-body.js";
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
  const context = fieldUpdate(machinery, call, options);
  return replaceLatest(machinery, call, options, (live) => {
    if (live === undefined) throw notFound(call.kind, call.info.name);
    const patched = asPatchedObject(call, applyBody(call, live.object, body.value));
    assertIdentity(call, patched, live.object);
    const decoded = decodeObject(machinery, call, patched, body.duplicates, options.fieldValidation);
    return machinery.fieldManager.update(live.object, restoreSystemFields(decoded, live.object), context);
  });
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

async function apply(machinery: Machinery, call: Call, options: WriteOptions): Promise<Answer> {
  if (options.fieldManager === undefined) {
    throwIfAny(
      [{ type: "Required value", field: "fieldManager", detail: "is required for apply patch" }],
      "PatchOptions",
    );
  }
  const body = parseYamlBody(call.body);
  if (body.duplicates.length > 0 && options.fieldValidation === "Strict") {
    throw badRequest(`error strict decoding YAML: ${body.duplicates.join(", ")}`);
  }
  const applied = applyObject(call, body.value);
  const context = { ...fieldUpdate(machinery, call, options), force: options.force ?? false };
  return replaceLatest(machinery, call, options, (live) => {
    const result = machinery.fieldManager.apply(live?.object, applied, context);
    // What was applied came as it was written: quantities, empty values and the like take their stored form.
    const stored = () => call.kind.strategy.setDefaults(machinery.decoder.decode(result, call.kind).object);
    if (live !== undefined)
      return restoreSystemFields(result === live.object ? result : stored(), live.object);
    if (call.info.subresource !== undefined) throw notFound(call.kind, call.info.name);
    call.authorizeCreate();
    return createObject(machinery, call, stored(), options, (next) => next);
  });
}

function applyObject(call: Call, value: unknown): KubeObject {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw badRequest("error decoding YAML: the body is not an object");
  }
  const object = withRequestNamespace(call, asEndpointObject(call, value));
  const { name } = object.metadata;
  if (name !== undefined && name !== call.info.name) {
    throw badRequest(
      `the name of the object (${name}) does not match the name on the URL (${call.info.name})`,
    );
  }
  return { ...object, metadata: { ...object.metadata, name: call.info.name } };
}
