import { ApiError } from "@capstan/kube";
import { subjectOf } from "../plan/object-id.js";
import type { DesiredObject } from "../render/desired-object.js";

/** Why an object could not be applied; worded for a condition, without secret values. */
export interface ApplyFailure {
  readonly subject: string;
  readonly message: string;
  /** The kind is not served: the apply is tried again when it is. */
  readonly kindMissing: boolean;
}

/** The failure that an error of the API means for an object. */
export function failureOf(desired: DesiredObject, error: unknown, dryRun: boolean): ApplyFailure {
  const subject = subjectOf(desired);
  const text = mask(desired, error instanceof Error ? error.message : String(error));
  const place = placeOf(desired);
  if (ApiError.is(error, "NotFound")) {
    const what = desired.namespace === "" && dryRun ? "namespace not specified" : "not found";
    return { subject, message: `${subject} ${what}: ${text}${place}`, kindMissing: false };
  }
  const named = error instanceof ApiError ? reasonOf(error) : "Unknown";
  const reason = named === "Unknown" ? "" : ` (${named})`;
  const what = dryRun ? "dry-run failed" : "apply failed";
  return { subject, message: `${subject} ${what}${reason}: ${text}${place}`, kindMissing: false };
}

/** The failure of an object whose kind is not served. */
export function missingKind(desired: DesiredObject): ApplyFailure {
  const subject = subjectOf(desired);
  const message = `${subject} dry-run failed: no matches for kind "${desired.kind}" in version "${desired.apiVersion}"${placeOf(desired)}`;
  return { subject, message, kindMissing: true };
}

/** Whether the API refused because a field that must not change would change. */
export function isImmutable(error: unknown): boolean {
  if (ApiError.is(error, "Conflict", "Invalid")) return true;
  return error instanceof ApiError && /is\simmutable|immutable\sfield/.test(error.message);
}

function reasonOf(error: ApiError): string {
  const conflict = error.status.details?.causes?.some((cause) => cause.reason === "FieldManagerConflict");
  return conflict === true ? "FieldManagerConflict" : error.reason;
}

/** Where an object is declared, to be put behind a message; empty where that is not known. */
export function placeOf({ origin }: Pick<DesiredObject, "origin">): string {
  if (origin === undefined) return "";
  return ` (${origin.line === undefined ? origin.file : `${origin.file}:${origin.line}`})`;
}

/** Validation may quote what it refused; of a Secret that must not be seen. */
function mask(desired: DesiredObject, text: string): string {
  if (desired.kind !== "Secret" || desired.group !== "") return text;
  return text
    .replace(/(Invalid value: )("(?:[^"\\]|\\.)*"|\S+)/g, '$1"***"')
    .replace(/(\{Value:)[^}]*\}/g, "$1***}");
}
