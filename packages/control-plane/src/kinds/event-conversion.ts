import type { KubeObject } from "@capstan/kube";

/** Field names of `events.k8s.io/v1` with those of the same fields in the core group. */
const RENAMED: readonly (readonly [string, string])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["reportingController", "reportingComponent"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];

const TO_CORE: ReadonlyMap<string, string> = new Map(RENAMED);
const FROM_CORE: ReadonlyMap<string, string> = new Map(RENAMED.map(([next, core]) => [core, next]));

function rename(object: KubeObject, names: ReadonlyMap<string, string>, apiVersion: string): KubeObject {
  const { apiVersion: _version, kind, metadata, ...fields } = object;
  const renamed: KubeObject = { apiVersion, kind, metadata };
  for (const [name, value] of Object.entries(fields)) renamed[names.get(name) ?? name] = value;
  return renamed;
}

/** An `events.k8s.io/v1` event as the core group keeps it. */
export function eventToCore(event: KubeObject): KubeObject {
  return rename(event, TO_CORE, "v1");
}

/** A stored core event as `events.k8s.io/v1` shows it. */
export function eventFromCore(event: KubeObject): KubeObject {
  return rename(event, FROM_CORE, "events.k8s.io/v1");
}
