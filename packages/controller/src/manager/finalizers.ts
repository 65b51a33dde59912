import type { KubeObject, ObjectRef } from "@capstan/kube";
import type { Writer } from "../client/client.js";

/** Whether an object carries a finalizer. */
export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) ?? false;
}

/** Adds a finalizer; a conflict means that the object changed meanwhile, or is gone. */
export function addFinalizer<T extends KubeObject>(
  writer: Writer,
  object: T,
  finalizer: string,
  options: { readonly fieldManager?: string; readonly signal?: AbortSignal } = {},
): Promise<T> {
  return setFinalizers(writer, object, [...(object.metadata.finalizers ?? []), finalizer], options);
}

/** Takes a finalizer off; the API then deletes the object where none is left. */
export function removeFinalizer<T extends KubeObject>(
  writer: Writer,
  object: T,
  finalizer: string,
  options: { readonly fieldManager?: string; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const kept = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  return setFinalizers(writer, object, kept, options);
}

function setFinalizers<T extends KubeObject>(
  writer: Writer,
  object: T,
  finalizers: readonly string[],
  options: { readonly fieldManager?: string; readonly signal?: AbortSignal },
): Promise<T> {
  const { resourceVersion, uid } = object.metadata;
  // The list is replaced as a whole, so it must be the list that was read.
  const body = { metadata: { finalizers, ...(uid === undefined ? {} : { uid }), resourceVersion } };
  return writer.patch<T>(refOf(object), { type: "merge", body }, options);
}

/** The reference that names an object. */
export function refOf(object: KubeObject): ObjectRef {
  const { name, namespace } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** The owner reference that makes `owner` the controller of a dependent. */
export function ownerReference(owner: KubeObject): {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller: true;
  blockOwnerDeletion: true;
} {
  const { name, uid } = owner.metadata;
  if (uid === undefined) throw new Error(`${owner.kind} ${name} was not read from the API: it has no uid`);
  const { apiVersion, kind } = owner;
  return { apiVersion, kind, name, uid, controller: true, blockOwnerDeletion: true };
}
