import type { KubeObject } from "@capstan/kube";
import { keyRange, type ObjectStorage } from "../handler/object-storage.js";
import type { KindRegistry } from "../registry/kind-registry.js";

/** What admission reads of the stored objects: built-in kinds, by their resource in the stored version. */
export interface AdmissionState {
  get(group: string, resource: string, namespace: string | undefined, name: string): KubeObject | undefined;
  list(group: string, resource: string, namespace?: string): readonly KubeObject[];
}

/** Reads straight from the store. */
export function storedState(registry: KindRegistry, objects: ObjectStorage): AdmissionState {
  const find = (group: string, resource: string) =>
    registry.find(group, "v1", resource) ?? registry.find(group, "v1beta1", resource);
  return {
    get: (group, resource, namespace, name) => {
      const kind = find(group, resource);
      return kind && objects.latest(kind, namespace, name)?.object;
    },
    list: (group, resource, namespace) => {
      const kind = find(group, resource);
      if (!kind) return [];
      return objects
        .range(keyRange(kind, namespace))
        .entries.map((entry) => objects.wrap(kind, entry).object);
    },
  };
}

/** Objects of any served kind, for what is configured by kind. */
export interface ParamSource {
  /** Undefined where no such kind is served. */
  kind(apiVersion: string, kind: string): { readonly namespaced: boolean } | undefined;
  list(apiVersion: string, kind: string, namespace: string | undefined): readonly KubeObject[];
}

/** Reads straight from the store. */
export function storedParams(registry: KindRegistry, objects: ObjectStorage): ParamSource {
  return {
    kind: (apiVersion, kind) => registry.findKind(apiVersion, kind),
    list: (apiVersion, kindName, namespace) => {
      const kind = registry.findKind(apiVersion, kindName);
      if (!kind) return [];
      return objects
        .range(keyRange(kind, namespace))
        .entries.map((entry) => objects.wrap(kind, entry).object);
    },
  };
}
