import { deepEqual, isDns1123Subdomain, isQualifiedName, type KubeObject } from "@capstan/kube";
import { eventToCore } from "../event-conversion.js";
import { type Members, membersAt, numberAt, textAt } from "../members.js";
import { goValue } from "./go-value.js";
import { pathSegmentMessages } from "./names.js";
import { validateMetaContents, validateMetaUpdate, validateObjectMeta } from "./object-meta.js";
import type { Problems } from "./problems.js";

const TEXT_LIMIT = 128;
const NOTE_LIMIT = 1024;
const TYPES = new Set(["Normal", "Warning"]);
const MISPLACED = "does not match event.namespace";
const UNSET = "needs to be unset";

/** Fields of the core group that an event keeps for good, in the order problems with them are told. */
const KEPT: readonly (readonly [name: string, type?: string])[] = [
  ["involvedObject", "core.v1.ObjectReference"],
  ["reason"],
  ["message"],
  ["source", "core.v1.EventSource"],
  ["firstTimestamp"],
  ["lastTimestamp"],
  ["count"],
  // Kubernetes checks it twice, and lists what it found twice.
  ["reason"],
  ["type"],
  ["eventTime"],
  ["action"],
  ["related", "core.v1.ObjectReference"],
  ["reportingController"],
  ["reportingInstance"],
];
const TIMES = new Set(["firstTimestamp", "lastTimestamp", "eventTime"]);

/** Events of the core group, which check little. */
export const coreEvent = {
  create(problems: Problems, event: KubeObject): void {
    validateShared(problems, event, "reportingComponent");
    if (problems.list.length === 0) validateObjectMeta(problems, event, pathSegmentMessages);
  },
  update(problems: Problems, next: KubeObject, previous: KubeObject): void {
    validateCommonUpdate(problems, next, previous);
    validateShared(problems, next, "reportingComponent");
  },
};

/** Events of `events.k8s.io/v1`: complete when they are created, counted up afterwards, otherwise kept. */
export const groupEvent = {
  create(problems: Problems, given: KubeObject): void {
    const event = eventToCore(given);
    validateShared(problems, event, "reportingController");
    validateObjectMeta(problems, event, isDns1123Subdomain);
    validateSeries(problems, event);
    if (isUnset(event["eventTime"])) problems.required("eventTime");
    const type = textAt(event as Members, "type");
    if (!TYPES.has(type)) problems.invalid("type", "", `has invalid value: ${type}`);
    for (const name of ["firstTimestamp", "lastTimestamp"]) {
      if (!isUnset(event[name])) problems.invalid(name, "", UNSET);
    }
    if ((numberAt(event as Members, "count") ?? 0) !== 0) problems.invalid("count", "", UNSET);
    const source = membersAt(event as Members, "source");
    if (textAt(source, "component") !== "" || textAt(source, "host") !== "") {
      problems.invalid("source", "", UNSET);
    }
  },
  update(problems: Problems, given: KubeObject, before: KubeObject): void {
    const [next, previous] = [eventToCore(given), eventToCore(before)];
    validateCommonUpdate(problems, next, previous);
    validateShared(problems, next, "reportingController");
    validateMetaUpdate(problems, next, previous);
    validateMetaContents(problems, next);
    if (!deepEqual(next["series"] ?? null, previous["series"] ?? null)) validateSeries(problems, next);
    for (const [name, type] of KEPT) {
      const value = fieldValue(next, name, type);
      problems.unchanged(name, value, deepEqual(value, fieldValue(previous, name, type)));
    }
  },
};

/** What the server checks of every update before the kind does. */
function validateCommonUpdate(problems: Problems, next: KubeObject, previous: KubeObject): void {
  validateObjectMeta(problems, next, pathSegmentMessages);
  validateMetaUpdate(problems, next, previous);
  validateMetaContents(problems, next);
}

/** The rules of both groups; one that says when it happened has to say more. */
function validateShared(problems: Problems, event: KubeObject, controllerField: string): void {
  const isTimed = !isUnset(event["eventTime"]);
  validateNamespace(problems, event, isTimed);
  if (!isTimed) return;
  const controller = controllerOf(event);
  if (controller === "") problems.required(controllerField);
  problems.names(controllerField, controller, isQualifiedName);
  for (const name of ["reportingInstance", "action", "reason"]) {
    const text = textAt(event as Members, name);
    if (text === "") problems.required(name);
    limitBytes(problems, name, text, TEXT_LIMIT);
  }
  limitBytes(problems, "message", textAt(event as Members, "message"), NOTE_LIMIT);
}

function validateNamespace(problems: Problems, event: KubeObject, isTimed: boolean): void {
  const namespace = event.metadata.namespace ?? "";
  const involved = textAt(membersAt(event as Members, "involvedObject"), "namespace");
  if (isTimed && involved !== "") return;
  const elsewhere = isTimed ? ["default", "kube-system"] : ["default", ""];
  const allowed = involved === "" ? elsewhere : [involved];
  if (!allowed.includes(namespace)) problems.invalid("involvedObject.namespace", involved, MISPLACED);
}

function validateSeries(problems: Problems, event: KubeObject): void {
  const series = membersAt(event as Members, "series");
  if (series === undefined) return;
  if ((numberAt(series, "count") ?? 0) < 2) problems.invalid("series.count", "", "should be at least 2");
  if (isUnset(series["lastObservedTime"])) problems.required("series.lastObservedTime");
}

function limitBytes(problems: Problems, field: string, text: string, limit: number): void {
  if (Buffer.byteLength(text) > limit) problems.invalid(field, "", `can have at most ${limit} characters`);
}

/** A field as errors print it, with what reads as its absence. */
function fieldValue(event: KubeObject, name: string, type: string | undefined): unknown {
  const value = name === "reportingController" ? controllerOf(event) : event[name];
  if (type !== undefined) return goValue(type, value ?? (name === "related" ? undefined : {}));
  if (TIMES.has(name)) return value ?? null;
  return value ?? (name === "count" ? 0 : "");
}

function controllerOf(event: KubeObject): string {
  return textAt(event as Members, "reportingComponent");
}

function isUnset(time: unknown): boolean {
  return time === undefined || time === null;
}
