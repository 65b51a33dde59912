import { ApiError, type Status, type StatusCause, type StatusReason } from "@capstan/kube";
import type { FieldError, ServedKind } from "../registry/kind.js";
import { formatFieldError } from "./field-error.js";

/** The resource part of messages: `deployments.apps`, or `pods` in the core group. */
export function groupResource(kind: Pick<ServedKind, "group" | "resource">): string {
  return kind.group === "" ? kind.resource : `${kind.resource}.${kind.group}`;
}

function failure(
  code: number,
  reason: StatusReason | undefined,
  message: string,
  details?: Status["details"],
): ApiError {
  return new ApiError({
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  });
}

function detailsOf(kind: Pick<ServedKind, "group" | "resource">, name: string): Status["details"] {
  return {
    ...(name === "" ? {} : { name }),
    ...(kind.group === "" ? {} : { group: kind.group }),
    kind: kind.resource,
  };
}

type ResourceName = Pick<ServedKind, "group" | "resource">;

export function notFound(kind: ResourceName, name: string): ApiError {
  return failure(404, "NotFound", `${groupResource(kind)} "${name}" not found`, detailsOf(kind, name));
}

/** A path inside an installed group version that names no resource. */
export function noSuchResource(): ApiError {
  return failure(404, "NotFound", "the server could not find the requested resource", {});
}

export function alreadyExists(kind: ResourceName, name: string, terminating = false): ApiError {
  const message = `${groupResource(kind)} "${name}" already exists`;
  return failure(
    409,
    "AlreadyExists",
    terminating ? `object is being deleted: ${message}` : message,
    detailsOf(kind, name),
  );
}

/** `generateName` found no free name. */
export function nameExhausted(kind: ResourceName, name: string): ApiError {
  return failure(
    409,
    "AlreadyExists",
    `${groupResource(kind)} "${name}" already exists, the server was not able to generate a unique name for the object`,
    { ...detailsOf(kind, name), retryAfterSeconds: 1 },
  );
}

export const STALE_VERSION =
  "the object has been modified; please apply your changes to the latest version and try again";

export function conflict(kind: ResourceName, name: string, why: string): ApiError {
  return failure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${groupResource(kind)} "${name}": ${why}`,
    detailsOf(kind, name),
  );
}

/** Field errors as one 422, worded as `field.ErrorList` is. */
export function invalid(
  type: { readonly group: string; readonly kind: string; readonly ownGroup?: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const group = type.ownGroup ?? type.group;
  const texts = [...new Set(errors.map((error) => `${error.field}: ${formatFieldError(error)}`))];
  const qualified = group === "" ? type.kind : `${type.kind}.${group}`;
  const text = texts.length === 1 ? (texts[0] ?? "") : `[${texts.join(", ")}]`;
  const causes: StatusCause[] = errors.map((error) => ({
    reason: causeReason(error),
    message: formatFieldError(error),
    field: error.field,
  }));
  return failure(422, "Invalid", `${qualified} "${name}" is invalid: ${text}`, {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: type.kind,
    causes,
  });
}

const CAUSE_REASONS: Readonly<Record<FieldError["type"], string>> = {
  "Required value": "FieldValueRequired",
  "Invalid value": "FieldValueInvalid",
  "Unsupported value": "FieldValueNotSupported",
  "Duplicate value": "FieldValueDuplicate",
  "Not found": "FieldValueNotFound",
  Forbidden: "FieldValueForbidden",
  "Too long": "FieldValueTooLong",
  "Too many": "FieldValueTooMany",
  "Too few": "FieldValueInvalid",
  "Type invalid": "FieldValueTypeInvalid",
  "Internal error": "InternalError",
};

function causeReason(error: FieldError): string {
  return CAUSE_REASONS[error.type];
}

export function forbidden(kind: ResourceName, name: string, why: string, causes?: StatusCause[]): ApiError {
  const subject = name === "" ? groupResource(kind) : `${groupResource(kind)} "${name}"`;
  return failure(403, "Forbidden", `${subject} is forbidden: ${why}`, {
    ...detailsOf(kind, name),
    ...(causes === undefined ? {} : { causes }),
  });
}

export function forbiddenPath(why: string): ApiError {
  return failure(403, "Forbidden", `forbidden: ${why}`, {});
}

export function unauthorized(): ApiError {
  return failure(401, "Unauthorized", "Unauthorized");
}

export function badRequest(message: string): ApiError {
  return failure(400, "BadRequest", message);
}

/** Verb not served by a built-in route. */
export function methodNotAllowed(): ApiError {
  return failure(
    405,
    "MethodNotAllowed",
    "the server does not allow this method on the requested resource",
    {},
  );
}

export function verbNotSupported(kind: ResourceName, verb: string): ApiError {
  return failure(
    405,
    "MethodNotAllowed",
    `${verb} is not supported on resources of kind "${groupResource(kind)}"`,
    detailsOf(kind, ""),
  );
}

export function unsupportedMediaType(accepted: readonly string[]): ApiError {
  return failure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );
}

export function notAcceptable(accepted: readonly string[]): ApiError {
  return failure(406, "NotAcceptable", `only the following media types are accepted: ${accepted.join(", ")}`);
}

export function entityTooLarge(message: string): ApiError {
  return failure(413, "RequestEntityTooLarge", `Request entity too large: ${message}`);
}

/** A list asked for as a single object's metadata. */
export function listRequested(listKind: string): ApiError {
  return failure(
    406,
    "NotAcceptable",
    `you requested PartialObjectMetadata, but the requested object is a list (${listKind})`,
  );
}

export function expired(message: string): ApiError {
  return failure(410, "Expired", message);
}

/** A paged list whose state is forgotten, with the token to go on from at the newest state. */
export function continueExpired(token: string): ApiError {
  const message =
    "The provided continue parameter is too old to display a consistent list result. You can start a new " +
    "list without the continue parameter, or use the continue token in this response to retrieve the " +
    "remainder of the results. Continuing with the provided token results in an inconsistent list - objects " +
    "that were created, modified, or deleted between the time the first chunk was returned and now may show " +
    "up in the list.";
  const error = failure(410, "Expired", message);
  return new ApiError({ ...error.status, metadata: { continue: token } });
}

/** A resourceVersion that the server has not reached. */
export function versionTooLarge(requested: number, current: number): ApiError {
  return failure(504, "Timeout", `Timeout: Too large resource version: ${requested}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  });
}

export function tooManyRequests(message: string, retryAfterSeconds: number): ApiError {
  return failure(429, "TooManyRequests", message, { retryAfterSeconds });
}

export function insufficientStorage(message: string): ApiError {
  return failure(507, "InsufficientStorage", message);
}

export function unavailable(message: string): ApiError {
  return failure(503, "ServiceUnavailable", message);
}

export function internal(message: string, cause?: unknown): ApiError {
  const error = failure(500, "InternalError", `Internal error occurred: ${message}`, {
    causes: [{ message }],
  });
  return new ApiError(error.status, { cause });
}

/** A 500 without a reason, as the API answers errors that it has no type for. */
export function untyped(message: string): ApiError {
  return failure(500, undefined, message);
}

/** The generic 422 for a patch that cannot be carried out. */
export function patchRejected(): ApiError {
  return failure(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

/** What lies behind a failure that nobody expected; `undefined` for errors that the API answers on purpose. */
export function unexpectedCause(error: unknown): unknown {
  if (!(error instanceof ApiError)) return error;
  return error.code === 500 ? error.cause : undefined;
}

/** Any failure as the API's own error; what nobody expected becomes a 500 that keeps the cause. */
/** Warnings that were given before a request failed: its client gets them with the error. */
const given = new WeakMap<object, readonly string[]>();

/** Remembers with an error what its request was warned of; gives the error back. */
export function withWarnings(error: unknown, warnings: ReadonlySet<string>): unknown {
  if (warnings.size > 0 && typeof error === "object" && error !== null) given.set(error, [...warnings]);
  return error;
}

/** What the request that failed so was warned of. */
export function warningsOf(error: unknown): readonly string[] {
  return (typeof error === "object" && error !== null && given.get(error)) || [];
}

export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return internal(error instanceof Error ? error.message : String(error), error);
}
