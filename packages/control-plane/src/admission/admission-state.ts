import type { KubeObject } from "@capstan/kube";
import type { ObjectStorage } from "../handler/object-storage.js";
import { ShortLists } from "../handler/short-lists.js";
import type { KindRegistry } from "../registry/kind-registry.js";

/** What admission reads of the stored objects: built-in kinds, by their resource in the stored version. */
export interface AdmissionState {
  get(group: string, resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  list(group: string, resource: string, namespace?: string): readonly KubeObject[];
}

/** Reads from the store. */
export function storedState(registry: KindRegistry, objects: ObjectStorage): AdmissionState {
  const lists = new ShortLists(objects);
  const find = (group: string, resource: string) =>
    registry.find(group, "v1", resource) ?? registry.find(group, "v1beta1", resource);
  return {
    get: (group, resource, namespace, name) => {
      const kind = find(group, resource);
      return kind && objects.latest(kind, namespace, name)?.object;
    },
    list: (group, resource, namespace) => {
      const kind = find(group, resource);
      return kind ? lists.list(kind, namespace) : [];
    },
  };
}

/** Objects of any served kind, for what is configured by kind. */
export interface ParamSource {
  /** Undefined where no such kind is served. */
  kind(apiVersion: string, kind: string): { readonly namespaced: boolean } | undefined;
  list(apiVersion: string, kind: string, namespace: string | undefined): readonly KubeObject[];
}

/** Reads from the store. */
export function storedParams(registry: KindRegistry, objects: ObjectStorage): ParamSource {
  const lists = new ShortLists(objects);
  return {
    kind: (apiVersion, kind) => registry.findKind(apiVersion, kind),
    list: (apiVersion, kindName, namespace) => {
      const kind = registry.findKind(apiVersion, kindName);
      return kind ? lists.list(kind, namespace) : [];
    },
  };
}
