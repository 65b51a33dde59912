import { type Client, isNoKindMatch } from "@capstan/controller";
import { ApiError, type KubeObject, type ManagedFieldsEntry, type ObjectRef } from "@capstan/kube";
import { isRival, LEFTOVERS, type ManagerNames } from "../live/live-record.js";
import type { DesiredObject } from "../render/desired-object.js";
import { adoptIgnored, type IgnoreRule, rulesFor } from "./ignore.js";

type Fields = Record<string, unknown>;

/** What an apply would make of an object. */
export interface Preview {
  /** As it is; undefined where it is yet to be created. */
  readonly live: KubeObject | undefined;
  /** As the API would store it, or its refusal. */
  readonly next: KubeObject | ApiError;
}

export interface PreviewOptions {
  readonly names: ManagerNames;
  /** `spec.ignore` of the Kustomization. */
  readonly ignore: readonly IgnoreRule[];
  readonly signal: AbortSignal;
}

/**
 * Asks by dry run what an apply would make of an object, ignored fields left to others and fields of rival
 * managers taken over. Where the kind or the namespace is yet to come the declared object stands for the
 * answer. Nothing is written. Rejects with what else the API has against it.
 */
export async function previewApply(
  client: Client,
  desired: DesiredObject,
  options: PreviewOptions,
): Promise<Preview> {
  const { names, ignore, signal } = options;
  const { apiVersion, kind, name, namespace } = desired;
  const ref: ObjectRef = { apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) };
  const live = await client.tryGet(ref, { signal });
  // Written by this package from a KubeObject.
  const declared = JSON.parse(desired.json) as KubeObject;
  const object =
    live === undefined ? declared : adoptIgnored(declared, live, rulesFor(ignore, declared), names);
  try {
    const write = { fieldManager: names.own, force: true, dryRun: true, signal };
    const applied = await client.apply(object, write);
    if (live === undefined || desired.policies.merge) return { live, next: applied };
    const left = withoutRivals(applied, names);
    if (left === applied) return { live, next: applied };
    return { live, next: await client.update(left, { fieldManager: names.own, dryRun: true, signal }) };
  } catch (error) {
    if (isNoKindMatch(error) || ApiError.is(error, "NotFound")) return { live, next: declared };
    if (ApiError.is(error, "Invalid", "BadRequest", "Forbidden")) return { live, next: error };
    throw error;
  }
}

/**
 * An object as an apply leaves it that took rivals' fields over: without those that nobody but a rival
 * holds, and without what other tools noted on it. The same object where there are none.
 */
export function withoutRivals(object: KubeObject, names: ManagerNames): KubeObject {
  const { managedFields = [], annotations = {} } = object.metadata;
  const leftovers = LEFTOVERS.filter((key) => Object.hasOwn(annotations, key));
  const rivals = managedFields.filter((entry) => isRival(entry, names));
  if (rivals.length === 0 && leftovers.length === 0) return object;
  const others = managedFields.filter((entry) => !rivals.includes(entry)).map(fieldsOf);
  let left: unknown = object;
  for (const rival of rivals) left = remove(left, fieldsOf(rival), others);
  // Fields of names and types belong to nobody: what was an object is one still.
  const result = left as KubeObject;
  if (leftovers.length === 0) return result;
  const kept = Object.entries(result.metadata.annotations ?? {}).filter(([key]) => !leftovers.includes(key));
  return { ...result, metadata: { ...result.metadata, annotations: Object.fromEntries(kept) } };
}

function fieldsOf(entry: ManagedFieldsEntry): Fields {
  return entry.fieldsV1 ?? {};
}

/** `value` without what `set` names and none of `others` names. */
function remove(value: unknown, set: Fields, others: readonly Fields[]): unknown {
  let left = value;
  for (const [key, below] of Object.entries(set)) {
    if (key === "." || !isFields(below)) continue;
    const held = others.flatMap((other) => (isFields(other[key]) ? [other[key]] : []));
    const whole = held.length === 0 && (Object.keys(below).length === 0 || Object.hasOwn(below, "."));
    left = changeMember(left, key, (member) => (whole ? undefined : remove(member, below, held)));
  }
  return left;
}

/** A copy with the member that a key of a field set (`f:`, `k:`, `v:`) names changed, or removed. */
function changeMember(value: unknown, key: string, change: (member: unknown) => unknown): unknown {
  if (Array.isArray(value)) {
    const at = value.findIndex((item) => isMember(item, key));
    if (at < 0) return value;
    const next = change(value[at]);
    return next === undefined ? value.toSpliced(at, 1) : value.with(at, next);
  }
  const name = key.slice(2);
  if (!isFields(value) || !key.startsWith("f:") || !Object.hasOwn(value, name)) return value;
  const next = change(value[name]);
  if (next !== undefined && !isEmptied(value[name], next)) return { ...value, [name]: next };
  const { [name]: _, ...kept } = value;
  return kept;
}

function isEmptied(before: unknown, after: unknown): boolean {
  const size = (value: unknown) =>
    typeof value === "object" && value !== null ? Object.keys(value).length : undefined;
  return size(after) === 0 && size(before) !== 0;
}

function isMember(item: unknown, key: string): boolean {
  const wanted: unknown = JSON.parse(key.slice(2));
  if (key.startsWith("v:")) return item === wanted;
  if (!key.startsWith("k:") || !isFields(wanted) || !isFields(item)) return false;
  return Object.entries(wanted).every(([name, value]) => item[name] === value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
