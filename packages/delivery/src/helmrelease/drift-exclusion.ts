import type { KubeObject } from "@capstan/kube";

const KEY = "helm.toolkit.fluxcd.io/driftDetection";

/** Whether an object says, in a label or annotation, that it is left alone. */
export function isExcluded(object: KubeObject): boolean {
  const { labels = {}, annotations = {} } = object.metadata;
  return [labels, annotations].some((values) => values[KEY]?.toLowerCase() === "disabled");
}
