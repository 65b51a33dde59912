import { ApiError, type Status, type StatusReason, type TypeMeta } from "@capstan/kube";

const REASONS = new Map<number, StatusReason>([
  [400, "BadRequest"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "NotFound"],
  [405, "MethodNotAllowed"],
  [406, "NotAcceptable"],
  [409, "Conflict"],
  [410, "Gone"],
  [413, "RequestEntityTooLarge"],
  [415, "UnsupportedMediaType"],
  [422, "Invalid"],
  [429, "TooManyRequests"],
  [500, "InternalError"],
  [503, "ServiceUnavailable"],
  [504, "Timeout"],
]);

/** Longest part of a foreign error page that goes into a message. */
const MAX_TEXT = 512;

/** The error of a refused request; a body that is no `Status` (a proxy's page) becomes one. */
export function apiErrorOf(code: number, body: unknown): ApiError {
  if (isStatus(body)) return new ApiError({ ...body, code: body.code || code });
  const text = typeof body === "string" ? body.slice(0, MAX_TEXT).trim() : "";
  return failure(code, REASONS.get(code) ?? "Unknown", text === "" ? `the server answered ${code}` : text);
}

/** A client-side failure in the same shape as a server's. */
export function failure(
  code: number,
  reason: StatusReason,
  message: string,
  details?: NonNullable<Status["details"]>,
): ApiError {
  return new ApiError({
    apiVersion: "v1",
    kind: "Status",
    metadata: {},
    status: "Failure",
    message,
    reason,
    ...(details === undefined ? {} : { details }),
    code,
  });
}

const NO_MATCH = "NoKindMatch";

/** The error of a request for a kind that the API does not serve; worded as kubectl words it. */
export function noKindMatch(type: TypeMeta): ApiError {
  return failure(404, "NotFound", `no matches for kind "${type.kind}" in version "${type.apiVersion}"`, {
    kind: type.kind,
    causes: [{ reason: NO_MATCH, message: type.apiVersion }],
  });
}

/** Whether `error` says that the kind itself is not served, as opposed to one object missing. */
export function isNoKindMatch(error: unknown): error is ApiError {
  return (
    ApiError.is(error, "NotFound") &&
    (error.status.details?.causes?.some((cause) => cause.reason === NO_MATCH) ?? false)
  );
}

/** Whether `body` is a `metav1.Status`. */
export function isStatus(body: unknown): body is Status {
  return (
    typeof body === "object" &&
    body !== null &&
    "kind" in body &&
    body.kind === "Status" &&
    "code" in body &&
    typeof body.code === "number"
  );
}
