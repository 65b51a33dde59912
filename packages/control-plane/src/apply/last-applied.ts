import type { KubeObject } from "@capstan/kube";
import type { ApplyType } from "./apply-type.js";
import { difference, type FieldSet } from "./field-set.js";
import { encodeJson } from "./path-step.js";
import { compareTyped } from "./typed-compare.js";
import { fieldSetOf } from "./typed-fields.js";
import { validateTyped } from "./typed-validate.js";
import { isFields } from "./typed-value.js";

const ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";
/** The most that all annotations of an object may hold, names and values, in bytes. */
const MAX_ANNOTATIONS = 256 * 1024;

/** The last-applied annotation of an object, where it has one that is not empty. */
export function lastAppliedOf(object: KubeObject): string | undefined {
  const { annotations } = object.metadata;
  const text = annotations && Object.hasOwn(annotations, ANNOTATION) ? annotations[ANNOTATION] : undefined;
  return text === "" ? undefined : text;
}

/**
 * The fields that client-side apply set on `live` and that still have the value it gave them: kubectl
 * may take these over from other managers when it moves to server-side apply. `undefined` where the
 * annotation is absent, unreadable or of another version.
 */
export function fieldsOfLastApplied(
  live: KubeObject,
  apiVersion: string,
  type: ApplyType,
): FieldSet | undefined {
  const text = lastAppliedOf(live);
  const config = text === undefined ? undefined : parse(text);
  if (!isFields(config) || config["apiVersion"] !== apiVersion) return undefined;
  if (validateTyped(live, type) !== undefined || validateTyped(config, type) !== undefined) return undefined;
  const { modified, added, removed } = compareTyped(config, live, type);
  return difference(difference(difference(fieldSetOf(config, type), modified), added), removed);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // An annotation that is no JSON counts as none.
    return undefined;
  }
}

/**
 * Keeps the last-applied annotation in step when kubectl applies on the server, so that client-side
 * apply still works on the object. Returns `object` itself where there is nothing to keep.
 */
export function withLastApplied(object: KubeObject, applied: KubeObject, manager: string): KubeObject {
  if (manager !== "kubectl" || lastAppliedOf(object) === undefined) return object;
  const text = `${sortedJson(withoutAnnotation(applied))}\n`;
  if (text === lastAppliedOf(object)) return object;
  const annotations: Record<string, string> = { ...object.metadata.annotations, [ANNOTATION]: text };
  if (sizeOf(annotations) > MAX_ANNOTATIONS) delete annotations[ANNOTATION];
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function withoutAnnotation(object: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  if (!annotations || !Object.hasOwn(annotations, ANNOTATION)) return object;
  const { [ANNOTATION]: _, ...rest } = annotations;
  return { ...object, metadata: { ...object.metadata, annotations: rest } };
}

function sizeOf(annotations: Readonly<Record<string, string>>): number {
  let size = 0;
  for (const [name, value] of Object.entries(annotations)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  return size;
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(",")}]`;
  if (!isFields(value)) return encodeJson(value);
  const members = Object.keys(value)
    .sort()
    .map((name) => `${encodeJson(name)}:${sortedJson(value[name])}`);
  return `{${members.join(",")}}`;
}
