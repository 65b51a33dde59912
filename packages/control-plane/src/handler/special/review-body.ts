import type { KubeObject } from "@capstan/kube";
import type { FieldError } from "../../registry/kind.js";
import type { Answer, Call, Machinery } from "../call.js";
import { badRequest, invalid } from "../errors.js";
import { isEmptyBody, parseObjectBody } from "../request-body.js";
import { asEndpointObject, decodeObject } from "../write-body.js";
import { readWriteOptions } from "../write-options.js";

/** The object that was posted to be answered rather than stored. */
export function readReview(machinery: Machinery, call: Call): KubeObject {
  const options = readWriteOptions(call.query, "CreateOptions");
  if (isEmptyBody(call.body)) throw badRequest("the request has no body");
  const body = parseObjectBody(call.body, call.protobuf, true);
  return decodeObject(
    machinery,
    call,
    asEndpointObject(call, body.value),
    body.duplicates,
    options.fieldValidation,
  );
}

/** A review with its status, as 201; nothing is stored. */
export function reviewed(review: KubeObject, status: unknown): Answer {
  return {
    type: "object",
    status: 201,
    object: { ...review, metadata: { ...review.metadata, creationTimestamp: null }, status },
  };
}

export function refuseFields(call: Call, name: string, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw invalid(call.kind, name, errors);
}

/** A member that is an object; an empty one where it is absent. */
export function member(object: unknown, name: string): Record<string, unknown> {
  const value =
    typeof object === "object" && object !== null ? (object as Record<string, unknown>)[name] : undefined;
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

export function text(object: Readonly<Record<string, unknown>>, name: string): string {
  const value = object[name];
  return typeof value === "string" ? value : "";
}

export function texts(object: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = object[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
