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
import { getCondition, type KubeObject, type ObjectKey } from "@capstan/kube";
import { configWatches, keysOf, kubeConfigReferences } from "../config-watches.js";
import { artifactOf, CHART_SOURCE_TYPES, chartSourceKey, chartSourceRef } from "./chart-source.js";
import { dependencyKeys } from "./dependencies.js";
import { HelmRelease } from "./resource.js";

const SOURCE_INDEX = "source";
const DEPENDENCY_INDEX = "dependency";
const CONFIG_INDEX = "config";

/** By what HelmReleases are found when something else changes. */
export const HELM_INDEXES: Readonly<Record<string, (object: HelmRelease) => readonly string[]>> = {
  [SOURCE_INDEX]: (object) => [chartSourceKey(chartSourceRef(object))],
  [DEPENDENCY_INDEX]: dependencyKeys,
  [CONFIG_INDEX]: configKeys,
};

/** What wakes a HelmRelease itself. */
export const HELM_WAKES: Predicate = anyOf(
  declaredStateChanged,
  annotationChanged("reconcile.fluxcd.io/forceAt"),
  annotationChanged("reconcile.fluxcd.io/resetAt"),
);

/** What else wakes one: its chart, what it depends on, what it reads values from. */
export const HELM_WATCHES: readonly Watch[] = [
  ...CHART_SOURCE_TYPES.map(
    (type): Watch => ({
      type,
      optional: true,
      predicate: changed(offered),
      map: (source, cache) => {
        const { namespace = "", name } = source.metadata;
        return find(cache, SOURCE_INDEX, chartSourceKey({ kind: source.kind, namespace, name }));
      },
    }),
  ),
  {
    type: HelmRelease,
    predicate: changed(readiness),
    map: (object, cache) => find(cache, DEPENDENCY_INDEX, formatKey(object.metadata)),
  },
  ...configWatches((cache, reference) => find(cache, CONFIG_INDEX, reference)),
];

function find(cache: Cache, index: string, value: string): readonly ObjectKey[] {
  return keysOf(cache.byIndex<HelmRelease>(HelmRelease, index, value));
}

/** What of a source matters to releases: its artifact, and whether it may be used. */
function offered(source: KubeObject): string {
  const status = source["status"];
  const fields = typeof status === "object" && status !== null ? { ...status } : {};
  const { observedGeneration, conditions } = fields as {
    readonly observedGeneration?: unknown;
    readonly conditions?: readonly { readonly type: string; readonly status?: string }[];
  };
  const current = observedGeneration === source.metadata.generation;
  return JSON.stringify([artifactOf(source)?.revision, current, getCondition(conditions, "Stalled")?.status]);
}

/** What dependants look at. */
function readiness(object: KubeObject): string {
  // The informer of this watch holds HelmReleases.
  const { metadata, status } = object as HelmRelease;
  const ready = getCondition(status?.conditions, "Ready");
  return JSON.stringify([metadata.generation, status?.observedGeneration, ready?.status, ready?.reason]);
}

function configKeys(object: HelmRelease): readonly string[] {
  const namespace = object.metadata.namespace ?? "";
  const { valuesFrom = [], kubeConfig } = object.spec;
  return [
    ...valuesFrom.map(({ kind, name }) => `${kind}/${namespace}/${name}`),
    ...kubeConfigReferences(namespace, kubeConfig),
  ];
}
