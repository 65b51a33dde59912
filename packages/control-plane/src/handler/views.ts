import type { KubeObject } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import type { ListAnswer } from "./call.js";
import { StoredObject, servedVersion } from "./object-storage.js";

/** Makes Tables; given by the part that knows columns. */
export interface TableView {
  /** The Table of some objects of one kind; `includeObject` is the query parameter. */
  table(
    kind: ServedKind,
    objects: readonly KubeObject[],
    options: {
      readonly includeObject: string | undefined;
      readonly metaVersion: "v1" | "v1beta1";
      readonly now: number;
      readonly metadata: Readonly<Record<string, unknown>>;
      /** Watches name the columns in their first event only. */
      readonly withColumns: boolean;
    },
  ): unknown;
}

/** The `meta.k8s.io` view of an object that has only its metadata. */
export function partialMetadata(object: KubeObject, metaVersion: string): KubeObject {
  return {
    kind: "PartialObjectMetadata",
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: object.metadata,
  };
}

/** An object given as stored or as plain data. */
export function plainObject(object: StoredObject | KubeObject): KubeObject {
  return object instanceof StoredObject ? object.object : object;
}

/** Metadata of a list; one that was computed rather than read has no version (`""`). */
export function listMetadata(list: ListAnswer): Record<string, unknown> {
  return {
    ...(list.resourceVersion === "" ? {} : { resourceVersion: list.resourceVersion }),
    ...(list.continue === undefined ? {} : { continue: list.continue }),
    ...(list.remainingItemCount === undefined ? {} : { remainingItemCount: list.remainingItemCount }),
  };
}

/** A list as plain data; items of built-in kinds do not repeat their type. */
export function listValue(list: ListAnswer): Record<string, unknown> {
  const { kind } = list;
  return {
    kind: kind.listKind,
    apiVersion: servedVersion(kind),
    metadata: listMetadata(list),
    items: list.items.map(({ object }) => {
      if (kind.typedListItems === true) return object;
      const { kind: _kind, apiVersion: _apiVersion, ...item } = object;
      return item;
    }),
  };
}
