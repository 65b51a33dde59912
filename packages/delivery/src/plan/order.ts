import type { ObjectId } from "./object-id.js";

const FIRST = [
  "CustomResourceDefinition",
  "Namespace",
  "ClusterRole",
  "ClusterClass",
  "RuntimeClass",
  "PriorityClass",
  "StorageClass",
  "VolumeSnapshotClass",
  "IngressClass",
  "GatewayClass",
  "ClusterRoleBinding",
  "ResourceQuota",
  "ServiceAccount",
  "Role",
  "RoleBinding",
  "ConfigMap",
  "Secret",
  "Service",
  "LimitRange",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
];
const LAST = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

const RANKS = new Map<string, number>([
  ...FIRST.map((kind, index) => [kind, index - FIRST.length] as const),
  ...LAST.map((kind, index) => [kind, index + 1] as const),
]);

/** The order in which objects are applied; the reverse is the order in which they are deleted. */
export function compareForApply(a: ObjectId, b: ObjectId): number {
  return (
    (RANKS.get(a.kind) ?? 0) - (RANKS.get(b.kind) ?? 0) ||
    compareText(a.group, b.group) ||
    compareText(a.kind, b.kind) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

/** Names of the stages of an apply, in order. Each is complete before the next begins. */
export const STAGES = ["definitions", "classes", "custom", "resources"] as const;
export type StageName = (typeof STAGES)[number];

/**
 * The stage of an object: what others are instances of or live in, then cluster-wide classes, then
 * kinds that were named for a stage of their own (`group/Kind`), then the rest.
 */
export function stageOf(id: Pick<ObjectId, "group" | "kind">, customStage: ReadonlySet<string>): StageName {
  const kind = id.kind.toLowerCase();
  if (kind === "customresourcedefinition" && id.group === "apiextensions.k8s.io") return "definitions";
  if (kind === "namespace" && id.group === "") return "definitions";
  if (kind === "clusterrole" && id.group === "rbac.authorization.k8s.io") return "definitions";
  if (id.kind.endsWith("Class")) return "classes";
  return customStage.has(`${id.group}/${id.kind}`) ? "custom" : "resources";
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
