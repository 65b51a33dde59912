import type { KubeObject } from "@capstan/kube";
import type { InformerEvent } from "../informer/informer.js";
import { RECONCILE_REQUEST } from "./status-patch.js";

/** Whether an event is worth a run. */
export type Predicate = (event: InformerEvent) => boolean;

/** Changes of the declared state; every addition and deletion. */
export const generationChanged: Predicate = (event) =>
  event.type !== "updated" || event.object.metadata.generation !== event.previous.metadata.generation;

/** Changes of one annotation. */
export function annotationChanged(name: string): Predicate {
  return (event) =>
    event.type !== "updated" ||
    event.object.metadata.annotations?.[name] !== event.previous.metadata.annotations?.[name];
}

/** Changes of any label. */
export const labelsChanged: Predicate = (event) =>
  event.type !== "updated" || !sameStrings(event.object.metadata.labels, event.previous.metadata.labels);

/** Any change at all: what differs in `resourceVersion`. */
export const resourceVersionChanged: Predicate = (event) =>
  event.type !== "updated" ||
  event.object.metadata.resourceVersion !== event.previous.metadata.resourceVersion;

/** The object began to be deleted. */
export const deletionStarted: Predicate = (event) =>
  event.type === "updated" &&
  event.previous.metadata.deletionTimestamp === undefined &&
  event.object.metadata.deletionTimestamp !== undefined;

/** Changes of what `value` reads from the object. */
export function changed(value: (object: KubeObject) => unknown): Predicate {
  return (event) => event.type !== "updated" || value(event.object) !== value(event.previous);
}

export function anyOf(...predicates: readonly Predicate[]): Predicate {
  return (event) => predicates.some((predicate) => predicate(event));
}

export function allOf(...predicates: readonly Predicate[]): Predicate {
  return (event) => predicates.every((predicate) => predicate(event));
}

export function not(predicate: Predicate): Predicate {
  return (event) => !predicate(event);
}

/** What wakes an object's own controller unless told otherwise: new generation, deletion, a request. */
export const declaredStateChanged: Predicate = anyOf(
  generationChanged,
  deletionStarted,
  annotationChanged(RECONCILE_REQUEST),
);

function sameStrings(
  a: Readonly<Record<string, string>> = {},
  b: Readonly<Record<string, string>> = {},
): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}
