import { formatKey, resourceVersionChanged, type Watch } from "@capstan/controller";
import type { KubeObject, ObjectKey } from "@capstan/kube";

type Cache = Parameters<Watch["map"]>[1];

/** Secrets and ConfigMaps that ask for it wake whoever reads them. */
const WATCHED = "reconcile.fluxcd.io/watch=Enabled";

/** Watches of what is read from Secrets and ConfigMaps; `readers` finds who reads `Kind/namespace/name`. */
export function configWatches(readers: (cache: Cache, reference: string) => readonly ObjectKey[]): Watch[] {
  return ["Secret", "ConfigMap"].map((kind) => ({
    type: { apiVersion: "v1", kind },
    selection: { labelSelector: WATCHED, metadataOnly: true },
    predicate: resourceVersionChanged,
    map: (object, cache) => readers(cache, `${kind}/${formatKey(object.metadata)}`),
  }));
}

/** The keys of objects. */
export function keysOf(objects: readonly KubeObject[]): readonly ObjectKey[] {
  return objects.map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name }));
}

/** The cluster that a `spec.kubeConfig` refers to, as the references that `configWatches` looks for. */
export function kubeConfigReferences(
  namespace: string,
  kubeConfig:
    | {
        readonly secretRef?: { readonly name: string } | undefined;
        readonly configMapRef?: { readonly name: string } | undefined;
      }
    | undefined,
): readonly string[] {
  const { secretRef, configMapRef } = kubeConfig ?? {};
  return [
    ...(secretRef === undefined ? [] : [`Secret/${namespace}/${secretRef.name}`]),
    ...(configMapRef === undefined ? [] : [`ConfigMap/${namespace}/${configMapRef.name}`]),
  ];
}
