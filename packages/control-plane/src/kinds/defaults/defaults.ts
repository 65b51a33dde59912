import { deepCopy, type KubeObject } from "@capstan/kube";
import type { Members } from "../members.js";
import { defaultAutoscaler, defaultAutoscalerV1 } from "./autoscaling.js";
import * as core from "./core.js";
import * as extensions from "./extensions.js";
import { defaultEndpointSlice, defaultIngressClass, defaultNetworkPolicy } from "./networking.js";
import { defaultPod } from "./pod-spec.js";
import * as policies from "./policies.js";
import * as storage from "./storage.js";
import * as workloads from "./workloads.js";

/** Defaulting functions by published type; they change the object that they are given. */
const DEFAULTS: Readonly<Record<string, (object: Members) => void>> = {
  "core.v1.Endpoints": core.defaultEndpoints,
  "core.v1.LimitRange": core.defaultLimitRange,
  "core.v1.Namespace": core.defaultNamespace,
  "core.v1.Node": core.defaultNode,
  "core.v1.PersistentVolume": storage.defaultPersistentVolume,
  "core.v1.PersistentVolumeClaim": storage.defaultClaim,
  "core.v1.Pod": defaultPod,
  "core.v1.PodTemplate": workloads.defaultPodTemplateObject,
  "core.v1.ReplicationController": workloads.defaultReplicationController,
  "core.v1.Secret": core.defaultSecret,
  "core.v1.Service": core.defaultService,
  "core.v1.ServiceAccount": core.defaultServiceAccount,
  "admissionregistration.v1.MutatingWebhookConfiguration": (object) => policies.defaultWebhooks(object, true),
  "admissionregistration.v1.ValidatingWebhookConfiguration": (object) =>
    policies.defaultWebhooks(object, false),
  "admissionregistration.v1.ValidatingAdmissionPolicy": policies.defaultAdmissionPolicy,
  "admissionregistration.v1.ValidatingAdmissionPolicyBinding": policies.defaultAdmissionPolicyBinding,
  "admissionregistration.v1beta1.MutatingAdmissionPolicy": policies.defaultAdmissionPolicy,
  "admissionregistration.v1beta1.MutatingAdmissionPolicyBinding": policies.defaultAdmissionPolicyBinding,
  "apiextensions.v1.CustomResourceDefinition": extensions.defaultCustomResourceDefinition,
  "apiregistration.v1.APIService": extensions.defaultApiService,
  "apps.v1.DaemonSet": workloads.defaultDaemonSet,
  "apps.v1.Deployment": workloads.defaultDeployment,
  "apps.v1.ReplicaSet": workloads.defaultReplicaSet,
  "apps.v1.StatefulSet": workloads.defaultStatefulSet,
  "autoscaling.v1.HorizontalPodAutoscaler": defaultAutoscalerV1,
  "autoscaling.v2.HorizontalPodAutoscaler": defaultAutoscaler,
  "batch.v1.CronJob": workloads.defaultCronJob,
  "batch.v1.Job": workloads.defaultJob,
  "discovery.v1.EndpointSlice": defaultEndpointSlice,
  "flowcontrol.v1.FlowSchema": policies.defaultFlowSchema,
  "flowcontrol.v1.PriorityLevelConfiguration": policies.defaultPriorityLevel,
  "networking.v1.IngressClass": defaultIngressClass,
  "networking.v1.NetworkPolicy": defaultNetworkPolicy,
  "rbac.v1.ClusterRoleBinding": policies.defaultRoleBinding,
  "rbac.v1.RoleBinding": policies.defaultRoleBinding,
  "resource.v1.ResourceClaim": extensions.defaultResourceClaim,
  "resource.v1.ResourceClaimTemplate": extensions.defaultResourceClaimTemplate,
  "scheduling.v1.PriorityClass": extensions.defaultPriorityClass,
  "storage.v1.CSIDriver": storage.defaultCsiDriver,
  "storage.v1.StorageClass": storage.defaultStorageClass,
};

/**
 * Fills in what the real server fills in, on an object of the published type that is left as it was;
 * `undefined` for kinds without defaults.
 */
export function defaultsOf(message: string): ((object: KubeObject) => KubeObject) | undefined {
  const fill = DEFAULTS[message];
  if (fill === undefined) return undefined;
  return (object) => {
    const copy = deepCopy(object);
    fill(copy as unknown as Members);
    return copy;
  };
}
