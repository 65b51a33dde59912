import {
  type KubeObject,
  type LabelSelectorObject,
  labelSelectorFromObject,
  matchesLabels,
} from "@capstan/kube";
import type { ServedKind } from "../../registry/kind.js";
import type { Machinery } from "../call.js";
import { keyRange } from "../object-storage.js";
import { member } from "./review-body.js";

/** The disruption budget whose selector matches a pod, if there is one. */
export function disruptionBudgetFor(
  machinery: Machinery,
  kind: ServedKind,
  pod: KubeObject,
): KubeObject | undefined {
  const { entries } = machinery.objects.range(keyRange(kind, pod.metadata.namespace));
  for (const entry of entries) {
    const budget = machinery.objects.wrap(kind, entry).object;
    const selector = member(budget, "spec")["selector"] as LabelSelectorObject | undefined;
    if (selector === undefined) continue;
    if (matchesLabels(labelSelectorFromObject(selector), pod.metadata.labels ?? {})) return budget;
  }
  return undefined;
}
