import { compareBytes } from "../value/go-value.js";

const ORDER = (
  "ValidatingWebhookConfiguration MutatingWebhookConfiguration APIService Ingress IngressClass Service CronJob Job " +
  "StatefulSet HorizontalPodAutoscaler Deployment ReplicaSet ReplicationController Pod DaemonSet RoleBindingList " +
  "RoleBinding RoleList Role ClusterRoleBindingList ClusterRoleBinding ClusterRoleList ClusterRole " +
  "CustomResourceDefinition PersistentVolumeClaim PersistentVolume StorageClass ConfigMap SecretList Secret " +
  "ServiceAccount PodDisruptionBudget PodSecurityPolicy LimitRange ResourceQuota NetworkPolicy Namespace PriorityClass"
).split(" ");

const ranks = new Map(ORDER.map((kind, index) => [kind, index]));

/** Compares kinds by the order in which a release is deleted; unknown ones come last, by name. */
export function compareUninstallKinds(a: string, b: string): number {
  const left = ranks.get(a);
  const right = ranks.get(b);
  if (left === undefined && right === undefined) return compareBytes(a, b);
  return (left ?? ORDER.length) - (right ?? ORDER.length);
}
