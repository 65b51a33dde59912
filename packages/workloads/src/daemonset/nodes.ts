import type { KubeObject } from "@capstan/kube";
import type { Pod, PodTemplate, Toleration } from "../model/pod.js";
import type { DaemonSet } from "../model/workload.js";
import { isTolerated, matchesNode } from "../runtime/scheduling.js";

const always: readonly Toleration[] = [
  { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/pid-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
];
const onHostNetwork: Toleration = {
  key: "node.kubernetes.io/network-unavailable",
  operator: "Exists",
  effect: "NoSchedule",
};

/** The tolerations of a daemon's pods: those of the template, and those that every daemon has. */
export function daemonTolerations(template: PodTemplate): Toleration[] {
  const own = template.spec.tolerations ?? [];
  const added = template.spec.hostNetwork === true ? [...always, onHostNetwork] : always;
  return [
    ...own,
    ...added.filter((each) => !own.some(({ key, effect }) => key === each.key && effect === each.effect)),
  ];
}

/** Whether a node is to have a pod of the daemon, and whether one that it has may stay. */
export function nodeVerdict(
  set: DaemonSet,
  node: KubeObject,
): { readonly run: boolean; readonly stay: boolean } {
  const { template } = set.spec;
  const fixed = template.spec.nodeName ?? "";
  if ((fixed !== "" && fixed !== node.metadata.name) || !matchesNode(template, node))
    return { run: false, stay: false };
  const spec = (node["spec"] ?? {}) as { taints?: { key: string; value?: string; effect: string }[] };
  const tolerations = daemonTolerations(template);
  const refused = (spec.taints ?? []).filter((taint) => !isTolerated(taint, tolerations));
  return { run: refused.length === 0, stay: !refused.some(({ effect }) => effect === "NoExecute") };
}

interface FieldTerm {
  readonly matchFields?: readonly { readonly key: string; readonly values?: readonly string[] }[];
}

/** The affinity that ties a pod to one node: what the template requires of nodes is met by that. */
export function affinityTo(
  node: string,
  affinity: Record<string, unknown> | undefined,
): Record<string, unknown> {
  const before = (affinity?.["nodeAffinity"] ?? {}) as Record<string, unknown>;
  const matchFields = [{ key: "metadata.name", operator: "In", values: [node] }];
  const required = { nodeSelectorTerms: [{ matchFields }] };
  return {
    ...affinity,
    nodeAffinity: { ...before, requiredDuringSchedulingIgnoredDuringExecution: required },
  };
}

/** The node that a daemon's pod is on or is meant for. */
export function nodeOf(pod: Pod): string | undefined {
  if ((pod.spec.nodeName ?? "") !== "") return pod.spec.nodeName;
  const affinity = pod.spec.affinity?.["nodeAffinity"] as
    | { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: FieldTerm[] } }
    | undefined;
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === "metadata.name")
    ?.values?.[0];
}
