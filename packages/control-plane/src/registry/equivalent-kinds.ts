import { formatApiVersion, type KubeObject } from "@capstan/kube";
import type { ServedKind } from "./kind.js";

/** Finds the other versions at which the objects of a kind are served. */
export type EquivalentKinds = (kind: ServedKind) => readonly ServedKind[];

/**
 * An object of `from` as `to`, another version of the same kind, shows it. Throws `NotConverted` where
 * somebody else converts it and was not asked to yet.
 */
export function atVersion(object: KubeObject, from: ServedKind, to: ServedKind): KubeObject {
  const apiVersion = formatApiVersion(to.group, to.version);
  if (from === to || object.apiVersion === apiVersion) return object;
  const direct = from.storage.remote !== undefined;
  const stored = direct ? object : (from.storage.convert?.toStorage(object) ?? object);
  return to.storage.convert?.fromStorage(stored) ?? { ...stored, apiVersion, kind: to.kind };
}

/** Like `atVersion`, after whoever converts was asked to. Rejects with `ApiError` where that fails. */
export async function convertedTo(
  object: KubeObject | undefined,
  from: ServedKind,
  to: ServedKind,
): Promise<KubeObject | undefined> {
  if (object === undefined || from === to) return object;
  await from.storage.remote?.prepare([object], formatApiVersion(to.group, to.version));
  return atVersion(object, from, to);
}
