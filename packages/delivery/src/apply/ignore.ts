import { gvkOf, type KubeObject, matchesLabels, parseLabelSelector } from "@capstan/kube";
import { RE2JS } from "re2js";
import type { KustomizationSpec } from "../kustomization/resource.js";
import { isOwnApply, type ManagerNames } from "../live/live-record.js";

/** One entry of `spec.ignore`. */
export type IgnoreRule = NonNullable<KustomizationSpec["ignore"]>[number];
type Fields = Record<string, unknown>;

/** The JSON pointers that are left to others on an object. */
export function rulesFor(rules: readonly IgnoreRule[], object: KubeObject): readonly string[] {
  return rules.filter((rule) => selects(rule.target, object)).flatMap((rule) => rule.paths);
}

/**
 * The desired object with ignored fields as they are in the live one: left out where another manager
 * applies them, else taken over from the live object.
 */
export function adoptIgnored(
  desired: KubeObject,
  live: KubeObject,
  pointers: readonly string[],
  names: ManagerNames,
): KubeObject {
  return pointers.reduce<KubeObject>((object, pointer) => {
    const path = parsePointer(pointer);
    if (path.length === 0 || lookup(object, path) === undefined) return object;
    const value = lookup(live, path);
    const others = value === undefined || isAppliedByOthers(live, path, names);
    return change(object, path, others ? undefined : value) as KubeObject;
  }, desired);
}

function selects(target: IgnoreRule["target"], object: KubeObject): boolean {
  if (target === undefined) return true;
  const { group, version, kind } = gvkOf(object);
  const { name, namespace = "", labels = {}, annotations = {} } = object.metadata;
  return (
    matches(target.group, group) &&
    matches(target.version, version) &&
    matches(target.kind, kind) &&
    matches(target.name, name) &&
    matches(target.namespace, namespace) &&
    matchesSelector(target.labelSelector, labels) &&
    matchesSelector(target.annotationSelector, annotations)
  );
}

/** Whole values against regular expressions, as kustomize's selectors do. */
function matches(pattern: string | undefined, value: string): boolean {
  return pattern === undefined || pattern === "" || RE2JS.compile(`^(?:${pattern})$`).matcher(value).find();
}

function matchesSelector(selector: string | undefined, values: Readonly<Record<string, string>>): boolean {
  return selector === undefined || selector === "" || matchesLabels(parseLabelSelector(selector), values);
}

function parsePointer(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function lookup(value: unknown, path: readonly string[]): unknown {
  let at = value;
  for (const part of path) {
    if (Array.isArray(at)) at = at[Number(part)];
    else if (isFields(at) && Object.hasOwn(at, part)) at = at[part];
    else return undefined;
  }
  return at;
}

/** A copy with the value at a path replaced, or removed where `to` is undefined. */
function change(value: unknown, path: readonly string[], to: unknown): unknown {
  const [head, ...rest] = path;
  if (head === undefined) return to;
  if (Array.isArray(value)) {
    const index = Number(head);
    const next = change(value[index], rest, to);
    return next === undefined ? value.toSpliced(index, 1) : value.with(index, next);
  }
  if (!isFields(value)) return value;
  const next = change(value[head], rest, to);
  if (next !== undefined) return { ...value, [head]: next };
  const { [head]: _, ...kept } = value;
  return kept;
}

/** Whether another manager's server-side apply holds the field, by names alone where lists have keys. */
function isAppliedByOthers(live: KubeObject, path: readonly string[], names: ManagerNames): boolean {
  const others = (live.metadata.managedFields ?? []).filter(
    (entry) => entry.operation === "Apply" && !isOwnApply(entry, names),
  );
  return others.some((entry) => holds(entry.fieldsV1, live, path));
}

function holds(set: unknown, live: unknown, path: readonly string[]): boolean {
  const [head, ...rest] = path;
  if (!isFields(set)) return false;
  if (head === undefined) return true;
  if (isFields(live)) {
    const child = set[`f:${head}`];
    return isFields(child) && holds(child, live[head], rest);
  }
  const item = Array.isArray(live) ? live[Number(head)] : undefined;
  return Object.entries(set).some(([key, child]) => {
    if (!key.startsWith("k:")) return key === `v:${JSON.stringify(item)}`;
    const keys: unknown = JSON.parse(key.slice(2));
    if (!isFields(keys) || !isFields(item)) return false;
    return Object.entries(keys).every(([name, value]) => item[name] === value) && holds(child, item, rest);
  });
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
