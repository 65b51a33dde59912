import type { KubeObject } from "@capstan/kube";

/** Set on a Kustomization: where its objects go that name no namespace themselves. */
export const DEFAULT_NAMESPACE_ANNOTATION = "capstan.dev/default-namespace";

/** The namespaced kinds of Kubernetes' own groups. A build knows nothing of the scope of other kinds. */
const NAMESPACED: ReadonlySet<string> = new Set(
  [
    "/ConfigMap /Endpoints /Event /LimitRange /PersistentVolumeClaim /Pod /PodTemplate",
    "/ReplicationController /ResourceQuota /Secret /Service /ServiceAccount",
    "apps/ControllerRevision apps/DaemonSet apps/Deployment apps/ReplicaSet apps/StatefulSet",
    "autoscaling/HorizontalPodAutoscaler batch/CronJob batch/Job coordination.k8s.io/Lease",
    "discovery.k8s.io/EndpointSlice networking.k8s.io/Ingress networking.k8s.io/NetworkPolicy",
    "policy/PodDisruptionBudget rbac.authorization.k8s.io/Role rbac.authorization.k8s.io/RoleBinding",
    "gateway.networking.k8s.io/Gateway gateway.networking.k8s.io/HTTPRoute gateway.networking.k8s.io/GRPCRoute",
  ].flatMap((line) => line.split(" ")),
);

/**
 * The object in `namespace` when it names none and is of a namespaced kind of Kubernetes' own; else the
 * object as it is. An existing namespace always stays, which `spec.targetNamespace` would overwrite.
 */
export function withDefaultNamespace(object: KubeObject, namespace: string | undefined): KubeObject {
  if (namespace === undefined || (object.metadata.namespace ?? "") !== "") return object;
  const slash = object.apiVersion.indexOf("/");
  const group = slash < 0 ? "" : object.apiVersion.slice(0, slash);
  if (!NAMESPACED.has(`${group}/${object.kind}`)) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}
