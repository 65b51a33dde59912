import { genericKind } from "./generic-kind.js";
import type { ServedKind } from "./kind.js";

const NAMESPACED = true;

/** Kinds without schemas, in the order they are listed: enough to store and watch ordinary objects. */
export const PROVISIONAL_KINDS: readonly ServedKind[] = [
  kind("", "v1", "Namespace", "namespaces", !NAMESPACED, true),
  kind("", "v1", "ConfigMap", "configmaps", NAMESPACED),
  kind("", "v1", "Secret", "secrets", NAMESPACED),
  kind("", "v1", "ServiceAccount", "serviceaccounts", NAMESPACED),
  kind("", "v1", "Service", "services", NAMESPACED, true),
  kind("", "v1", "Pod", "pods", NAMESPACED, true),
  kind("", "v1", "Event", "events", NAMESPACED),
  kind("", "v1", "Node", "nodes", !NAMESPACED, true),
  kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", NAMESPACED, true),
  kind("", "v1", "PersistentVolume", "persistentvolumes", !NAMESPACED, true),
  kind("apps", "v1", "Deployment", "deployments", NAMESPACED, true, SCALE()),
  kind("apps", "v1", "ReplicaSet", "replicasets", NAMESPACED, true, SCALE()),
  kind("apps", "v1", "StatefulSet", "statefulsets", NAMESPACED, true, SCALE()),
  kind("apps", "v1", "DaemonSet", "daemonsets", NAMESPACED, true),
  kind("apps", "v1", "ControllerRevision", "controllerrevisions", NAMESPACED),
  kind("batch", "v1", "Job", "jobs", NAMESPACED, true),
  kind("batch", "v1", "CronJob", "cronjobs", NAMESPACED, true),
  kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", NAMESPACED, true),
  kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", NAMESPACED, true),
  kind("networking.k8s.io", "v1", "Ingress", "ingresses", NAMESPACED, true),
  kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", NAMESPACED),
  kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", NAMESPACED),
  kind("coordination.k8s.io", "v1", "Lease", "leases", NAMESPACED),
  kind("rbac.authorization.k8s.io", "v1", "Role", "roles", NAMESPACED),
  kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", NAMESPACED),
  kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", !NAMESPACED),
  kind("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", !NAMESPACED),
];

function kind(
  group: string,
  version: string,
  name: string,
  resource: string,
  namespaced: boolean,
  statusSubresource = false,
  extra: Partial<ServedKind> = {},
): ServedKind {
  return genericKind({ group, version, kind: name, resource, namespaced, statusSubresource, extra });
}

function SCALE(): Partial<ServedKind> {
  return {
    scale: {
      specReplicasPath: ".spec.replicas",
      statusReplicasPath: ".status.replicas",
      labelSelectorPath: ".spec.selector",
    },
  };
}
