import type { KubeObject } from "@capstan/kube";
import type { Answer, Call, Machinery } from "../call.js";
import { methodNotAllowed, notFound } from "../errors.js";
import { assertRequestName } from "../object-name.js";
import { parseObjectBody } from "../request-body.js";
import { replaceLatest } from "../update.js";
import { asEndpointObject, decodeObject } from "../write-body.js";
import { readWriteOptions } from "../write-options.js";
import { member } from "./review-body.js";

/** PUT of `namespaces/<name>/finalize`: sets `spec.finalizers`, and nothing else. */
export function finalizeNamespace(machinery: Machinery, call: Call): Promise<Answer> {
  if (call.info.verb !== "update") throw methodNotAllowed();
  const options = readWriteOptions(call.query, "UpdateOptions");
  const { value } = parseObjectBody(call.body, call.protobuf, false);
  const given = decodeObject(machinery, call, asEndpointObject(call, value), [], options.fieldValidation);
  assertRequestName(call, given);
  return replaceLatest(machinery, call, options, (live): KubeObject => {
    if (live === undefined) throw notFound(call.kind, call.info.name);
    const { resourceVersion } = given.metadata;
    return {
      ...live.object,
      metadata: { ...live.object.metadata, resourceVersion: resourceVersion ?? "" },
      spec: { ...member(live.object, "spec"), finalizers: member(given, "spec")["finalizers"] ?? [] },
    };
  });
}
