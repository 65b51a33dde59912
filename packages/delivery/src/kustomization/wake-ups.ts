import {
  annotationChanged,
  anyOf,
  type Cache,
  changed,
  declaredStateChanged,
  formatKey,
  type Predicate,
  type Watch,
} from "@capstan/controller";
import type { KubeObject, ObjectKey } from "@capstan/kube";
import { configWatches, keysOf, kubeConfigReferences } from "../config-watches.js";
import { APPROVAL_ANNOTATION, BUDGET_ANNOTATION } from "../plan/budget.js";
import { dependencyKeys, sortByDependency } from "./dependencies.js";
import { Kustomization } from "./resource.js";
import { artifactOf, SOURCE_TYPES, sourceKey, sourceRefOf } from "./source.js";

const SOURCE_INDEX = "source";
const DEPENDENCY_INDEX = "dependency";
const CONFIG_INDEX = "config";

/** By what Kustomizations are found when something else changes. */
export const INDEXES: Readonly<Record<string, (object: Kustomization) => readonly string[]>> = {
  [SOURCE_INDEX]: (object) => [sourceKey(sourceRefOf(object))],
  [DEPENDENCY_INDEX]: dependencyKeys,
  [CONFIG_INDEX]: configKeys,
};

/** What wakes a Kustomization itself. */
export const WAKES: Predicate = anyOf(
  declaredStateChanged,
  annotationChanged(APPROVAL_ANNOTATION),
  annotationChanged(BUDGET_ANNOTATION),
);

/** What else wakes one: its source, what it depends on, what it reads variables and keys from. */
export const WATCHES: readonly Watch[] = [
  ...SOURCE_TYPES.map(
    (type): Watch => ({
      type,
      optional: true,
      predicate: changed((object) => artifactOf(object)?.revision),
      map: (object, cache) => ofSource(object, cache),
    }),
  ),
  {
    type: Kustomization,
    predicate: changed(readiness),
    map: (object, cache) => keysOf(find(cache, DEPENDENCY_INDEX, formatKey(object.metadata))),
  },
  ...configWatches((cache, reference) => keysOf(find(cache, CONFIG_INDEX, reference))),
];

function ofSource(source: KubeObject, cache: Cache): readonly ObjectKey[] {
  const { namespace = "", name } = source.metadata;
  const objects = find(cache, SOURCE_INDEX, sourceKey({ kind: source.kind, namespace, name }));
  return keysOf(sortByDependency(objects));
}

function find(cache: Cache, index: string, value: string): readonly Kustomization[] {
  return cache.byIndex<Kustomization>(Kustomization, index, value);
}

/** What dependants look at. */
function readiness(object: KubeObject): string {
  // The informer of this watch holds Kustomizations.
  const { metadata, status, spec } = object as Kustomization;
  const ready = status?.conditions?.find((condition) => condition.type === "Ready");
  return JSON.stringify([
    metadata.generation,
    status?.observedGeneration,
    status?.lastAppliedRevision,
    ready?.status,
    ready?.reason,
    spec.dependsOn,
  ]);
}

function configKeys(object: Kustomization): readonly string[] {
  const namespace = object.metadata.namespace ?? "";
  const { postBuild, decryption, kubeConfig } = object.spec;
  const keys = decryption?.secretRef?.name;
  return [
    ...(postBuild?.substituteFrom ?? []).map(({ kind, name }) => `${kind}/${namespace}/${name}`),
    ...(keys === undefined ? [] : [`Secret/${namespace}/${keys}`]),
    ...kubeConfigReferences(namespace, kubeConfig),
  ];
}
