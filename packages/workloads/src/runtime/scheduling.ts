import type { KubeObject } from "@capstan/kube";
import { parseQuantity, quantityMilli, quantityValue } from "@capstan/kube";
import type { Container, Pod, Toleration } from "../model/pod.js";
import { simulationOf } from "./simulation.js";

/** CPU in thousandths, memory in bytes, pods by number. */
export interface Resources {
  readonly cpu: number;
  readonly memory: number;
  readonly pods: number;
}

interface Taint {
  readonly key?: string;
  readonly value?: string;
  readonly effect?: string;
}

/** What the scheduler looks at besides the pod. */
export interface SchedulingView {
  readonly node: KubeObject;
  /** What pods on the node ask for. */
  readonly used: Resources;
  /** The claim of a name in the pod's namespace. */
  readonly claim: (name: string) => KubeObject | undefined;
}

const PREEMPTION_HINT = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
const PREEMPTION_NONE =
  "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.";

/** Why no node takes a pod, as the event and the condition say it; `undefined` where the node does. */
export function unschedulableReason(pod: Pod, { node, used, claim }: SchedulingView): string | undefined {
  const claims = claimNames(pod);
  const missing = claims.find((name) => claim(name) === undefined);
  if (missing !== undefined) return all(`persistentvolumeclaim "${missing}" not found`);
  if (claims.some((name) => !isBound(claim(name))))
    return all("pod has unbound immediate PersistentVolumeClaims");
  const reason = nodeReason(pod, node) ?? resourceReason(pod, node, used);
  return reason === undefined ? undefined : one(reason);
}

function all(text: string): string {
  return `0/1 nodes are available: ${text}. ${PREEMPTION_HINT}`;
}

function one(text: string): string {
  return `0/1 nodes are available: 1 ${text}. ${PREEMPTION_NONE}`;
}

/** The claims that a pod mounts, those of its generic ephemeral volumes included. */
export function claimNames(pod: Pod): string[] {
  const names: string[] = [];
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.persistentVolumeClaim !== undefined) names.push(volume.persistentVolumeClaim.claimName);
    else if (volume.ephemeral !== undefined) names.push(`${pod.metadata.name}-${volume.name}`);
  }
  return names;
}

function isBound(claim: KubeObject | undefined): boolean {
  return (claim?.["status"] as { phase?: string } | undefined)?.phase === "Bound";
}

function nodeReason(pod: Pod, node: KubeObject): string | undefined {
  const spec = (node["spec"] ?? {}) as { unschedulable?: boolean; taints?: Taint[] };
  if (simulationOf(pod) === "unschedulable")
    return "node(s) were made unschedulable for the pod by its annotation";
  if (spec.unschedulable === true) return "node(s) were unschedulable";
  const taint = spec.taints?.find((each) => !isTolerated(each, pod.spec.tolerations ?? []));
  if (taint !== undefined) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  if (!matchesNode(pod, node)) return "node(s) didn't match Pod's node affinity/selector";
  return undefined;
}

/** Whether a pod may be on a node in spite of a taint; preferences never keep it away. */
export function isTolerated(taint: Taint, tolerations: readonly Toleration[]): boolean {
  if (taint.effect === "PreferNoSchedule") return true;
  return tolerations.some(({ key, operator, value, effect }) => {
    if (effect !== undefined && effect !== "" && effect !== taint.effect) return false;
    if (key === undefined || key === "") return operator === "Exists";
    if (key !== taint.key) return false;
    return operator === "Exists" || (value ?? "") === (taint.value ?? "");
  });
}

interface NodeSelectorTerm {
  readonly matchExpressions?: readonly NodeRequirement[];
  readonly matchFields?: readonly NodeRequirement[];
}

interface NodeRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

/** Whether a node is one that the pod's selector and required affinity allow. */
export function matchesNode(pod: { readonly spec: Pod["spec"] }, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const selector = Object.entries(pod.spec.nodeSelector ?? {});
  if (!selector.every(([key, value]) => labels[key] === value)) return false;
  const affinity = pod.spec.affinity?.["nodeAffinity"] as
    | { requiredDuringSchedulingIgnoredDuringExecution?: { nodeSelectorTerms?: NodeSelectorTerm[] } }
    | undefined;
  const terms = affinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  return terms === undefined || terms.some((term) => matchesTerm(term, node.metadata.name, labels));
}

function matchesTerm(
  term: NodeSelectorTerm,
  name: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  const { matchExpressions = [], matchFields = [] } = term;
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((requirement) => meets(requirement, labels[requirement.key])) &&
    matchFields.every((requirement) =>
      meets(requirement, requirement.key === "metadata.name" ? name : undefined),
    )
  );
}

function meets({ operator, values = [] }: NodeRequirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

function resourceReason(pod: Pod, node: KubeObject, used: Resources): string | undefined {
  const status = (node["status"] ?? {}) as { allocatable?: Record<string, string> };
  const free = status.allocatable ?? {};
  const wanted = podRequests(pod);
  if (free["pods"] !== undefined && used.pods + 1 > quantityValue(parseQuantity(free["pods"])))
    return "Too many pods";
  if (
    free["cpu"] !== undefined &&
    wanted.cpu > 0 &&
    used.cpu + wanted.cpu > quantityMilli(parseQuantity(free["cpu"]))
  ) {
    return "Insufficient cpu";
  }
  const memory = free["memory"];
  if (
    memory !== undefined &&
    wanted.memory > 0 &&
    used.memory + wanted.memory > quantityValue(parseQuantity(memory))
  ) {
    return "Insufficient memory";
  }
  return undefined;
}

/** What a pod asks of its node: its containers together, or its largest init container where that is more. */
export function podRequests(pod: Pod): Resources {
  const init = pod.spec.initContainers ?? [];
  const sidecars = init.filter(({ restartPolicy }) => restartPolicy === "Always");
  const amount = (containers: readonly Container[], name: "cpu" | "memory") =>
    containers.reduce((sum, container) => sum + request(container, name), 0);
  const total = (name: "cpu" | "memory") => {
    const running = amount([...pod.spec.containers, ...sidecars], name);
    const starting = Math.max(0, ...init.map((container) => request(container, name)));
    const overhead = pod.spec.overhead?.[name];
    return Math.max(running, starting) + (overhead === undefined ? 0 : quantity(name, overhead));
  };
  return { cpu: total("cpu"), memory: total("memory"), pods: 1 };
}

function request(container: Container, name: "cpu" | "memory"): number {
  const value = container.resources?.requests?.[name];
  return value === undefined ? 0 : quantity(name, value);
}

function quantity(name: "cpu" | "memory", value: string | number): number {
  const parsed = parseQuantity(value);
  return name === "cpu" ? quantityMilli(parsed) : quantityValue(parsed);
}
