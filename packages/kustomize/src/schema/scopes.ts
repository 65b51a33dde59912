import { builtinSchema } from "./builtin.js";

const CLUSTER_SCOPED: Readonly<Record<string, readonly string[]>> = {
  "admissionregistration.k8s.io/v1": ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
  "admissionregistration.k8s.io/v1beta1": ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"],
  "apiextensions.k8s.io/v1": ["CustomResourceDefinition"],
  "apiextensions.k8s.io/v1beta1": ["CustomResourceDefinition"],
  "apiregistration.k8s.io/v1": ["APIService"],
  "apiregistration.k8s.io/v1beta1": ["APIService"],
  "certificates.k8s.io/v1": ["CertificateSigningRequest"],
  "certificates.k8s.io/v1beta1": ["CertificateSigningRequest"],
  "flowcontrol.apiserver.k8s.io/v1beta1": ["FlowSchema", "PriorityLevelConfiguration"],
  "networking.k8s.io/v1": ["IngressClass"],
  "networking.k8s.io/v1beta1": ["IngressClass"],
  "node.k8s.io/v1": ["RuntimeClass"],
  "node.k8s.io/v1beta1": ["RuntimeClass"],
  "policy/v1beta1": ["PodSecurityPolicy"],
  "rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding"],
  "rbac.authorization.k8s.io/v1beta1": ["ClusterRole", "ClusterRoleBinding"],
  "scheduling.k8s.io/v1": ["PriorityClass"],
  "scheduling.k8s.io/v1beta1": ["PriorityClass"],
  "storage.k8s.io/v1": ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
  "storage.k8s.io/v1beta1": ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment"],
  v1: ["ComponentStatus", "Namespace", "Node", "NodeProxyOptions", "PersistentVolume"],
};

/**
 * Which kinds are certainly cluster-scoped: those of Kubernetes 1.21, as kustomize 5.7 knows them, and
 * those of a schema that the kustomization brings.
 */
export class Scopes {
  readonly #custom = new Map<string, boolean>();
  /** Whether a kind was asked for that Kubernetes 1.21 does not have. */
  sawUnknown = false;

  isClusterScoped(apiVersion: string, kind: string): boolean {
    if (Object.hasOwn(CLUSTER_SCOPED, apiVersion) && CLUSTER_SCOPED[apiVersion]?.includes(kind)) return true;
    if (!this.sawUnknown && builtinSchema(apiVersion, kind) === undefined) this.sawUnknown = true;
    return this.#custom.size > 0 && this.#custom.get(`${apiVersion} ${kind}`) === true;
  }

  learn(apiVersion: string, kind: string, clusterScoped: boolean): void {
    this.#custom.set(`${apiVersion} ${kind}`, clusterScoped);
  }
}
