import type { KubeObject } from "@capstan/kube";
import type { CustomResourceDefinition } from "../../crd/definition.js";
import { immutableDefinitionFields, validateDefinition } from "../../crd/definition-validation.js";
import type { FieldError } from "../../registry/kind.js";
import { validateRole, validateRoleBinding, validateRoleBindingUpdate } from "./access.js";
import { validateAutoscaler } from "./autoscaling.js";
import * as config from "./config.js";
import { coreEvent, groupEvent } from "./events.js";
import * as flowControl from "./flow-control.js";
import * as jobs from "./jobs.js";
import { nameRule } from "./names.js";
import * as networking from "./networking.js";
import { validateMetaUpdate, validateObjectMeta } from "./object-meta.js";
import * as other from "./other-kinds.js";
import { validatePodSpec, validatePodTemplate } from "./pod-spec.js";
import { validateEphemeralUpdate, validatePodUpdate } from "./pod-update.js";
import * as policies from "./policies.js";
import { Problems } from "./problems.js";
import { validateService, validateServiceUpdate } from "./services.js";
import * as storage from "./storage.js";
import * as workloads from "./workloads.js";

type Check = (problems: Problems, object: KubeObject) => void;
type UpdateCheck = (problems: Problems, next: KubeObject, previous: KubeObject) => void;

interface Checks {
  /** In place of all others, those of metadata as well: for kinds that tell problems in an order of their own. */
  readonly whole?: { readonly create: Check; readonly update: UpdateCheck };
  /** On every write of the object. */
  readonly object?: Check;
  /** On creation, beside the former. */
  readonly create?: Check;
  /** On updates, beside the first. */
  readonly update?: UpdateCheck;
  /** On updates of the status alone. */
  readonly status?: UpdateCheck;
  /** On updates through other subresources, beside the first. */
  readonly parts?: Readonly<Record<string, UpdateCheck>>;
}

const validatePod: Check = (problems, pod) => {
  validatePodSpec(problems, "spec", workloads.specOf(pod), false);
};

const validateNewPod: Check = (problems, pod) => {
  const ephemeral = workloads.specOf(pod)["ephemeralContainers"];
  if (Array.isArray(ephemeral) && ephemeral.length > 0) {
    problems.forbidden("spec.ephemeralContainers", "cannot be set on create");
  }
};

const validateTemplateObject: Check = (problems, object) => {
  const template = object["template"];
  validatePodTemplate(problems, "template", template as Record<string, unknown> | undefined);
};

/** A definition whose list of versions was left out has none. */
function asDefinition(object: KubeObject): CustomResourceDefinition {
  const spec = workloads.specOf(object);
  return {
    ...object,
    spec: { ...spec, versions: spec["versions"] ?? [] },
  } as unknown as CustomResourceDefinition;
}

const CHECKS: Readonly<Record<string, Checks>> = {
  "admissionregistration.v1.MutatingWebhookConfiguration": { object: policies.validateWebhooks },
  "admissionregistration.v1.ValidatingAdmissionPolicy": { object: policies.validateAdmissionPolicy },
  "admissionregistration.v1.ValidatingAdmissionPolicyBinding": { object: policies.validateAdmissionBinding },
  "admissionregistration.v1.ValidatingWebhookConfiguration": { object: policies.validateWebhooks },
  "admissionregistration.v1beta1.MutatingAdmissionPolicy": { object: policies.validateMutatingPolicy },
  "admissionregistration.v1beta1.MutatingAdmissionPolicyBinding": {
    object: policies.validateMutatingBinding,
  },
  "apiextensions.v1.CustomResourceDefinition": {
    object: (problems, object) => {
      problems.list.push(...validateDefinition(asDefinition(object)));
    },
    update: (problems, next, previous) => {
      problems.list.push(...immutableDefinitionFields(asDefinition(next), asDefinition(previous)));
    },
  },
  "apiregistration.v1.APIService": { object: flowControl.validateApiService },
  "apps.v1.ControllerRevision": {
    object: workloads.validateControllerRevision,
    update: workloads.validateControllerRevisionUpdate,
  },
  "apps.v1.DaemonSet": {
    object: workloads.validateDaemonSet,
    update: workloads.selectorUnchanged,
    status: workloads.validateWorkloadStatus,
  },
  "apps.v1.Deployment": {
    object: workloads.validateDeployment,
    update: workloads.selectorUnchanged,
    status: workloads.validateWorkloadStatus,
  },
  "apps.v1.ReplicaSet": {
    object: workloads.validateReplicaSet,
    update: workloads.selectorUnchanged,
    status: workloads.validateWorkloadStatus,
  },
  "apps.v1.StatefulSet": {
    object: workloads.validateStatefulSet,
    update: workloads.validateStatefulSetUpdate,
    status: workloads.validateWorkloadStatus,
  },
  "authorization.v1.LocalSubjectAccessReview": { object: other.validateAccessReview },
  "authorization.v1.SelfSubjectAccessReview": { object: other.validateAccessReview },
  "authorization.v1.SubjectAccessReview": { object: other.validateAccessReview },
  "autoscaling.v1.HorizontalPodAutoscaler": { object: validateAutoscaler },
  "autoscaling.v2.HorizontalPodAutoscaler": { object: validateAutoscaler },
  "batch.v1.CronJob": { object: jobs.validateCronJob },
  "batch.v1.Job": { object: jobs.validateJob, update: jobs.validateJobUpdate },
  "certificates.v1.CertificateSigningRequest": {
    object: other.validateCertificateRequest,
    update: other.validateSpecUnchanged,
  },
  "coordination.v1.Lease": { object: other.validateLease },
  "core.v1.ConfigMap": { object: config.validateConfigMap, update: config.validateImmutable },
  "core.v1.Endpoints": { object: networking.validateEndpoints },
  "core.v1.Event": { whole: coreEvent },
  "core.v1.LimitRange": { object: storage.validateLimitRange },
  "core.v1.Namespace": { object: other.validateNamespace },
  "core.v1.Node": { object: other.validateNode, update: other.validateNodeUpdate },
  "core.v1.PersistentVolume": { object: storage.validateVolume, update: storage.validateVolumeUpdate },
  "core.v1.PersistentVolumeClaim": { object: storage.validateClaim, update: storage.validateClaimUpdate },
  "core.v1.Pod": {
    object: validatePod,
    create: validateNewPod,
    update: validatePodUpdate,
    parts: { ephemeralcontainers: validateEphemeralUpdate },
  },
  "core.v1.PodTemplate": { object: validateTemplateObject },
  "core.v1.ReplicationController": {
    object: workloads.validateReplicationController,
    status: workloads.validateWorkloadStatus,
  },
  "core.v1.ResourceQuota": { object: storage.validateResourceQuota },
  "core.v1.Secret": { object: config.validateSecret, update: config.validateSecretUpdate },
  "core.v1.Service": { object: validateService, update: validateServiceUpdate },
  "discovery.v1.EndpointSlice": {
    object: networking.validateEndpointSlice,
    update: networking.validateEndpointSliceUpdate,
  },
  "events.v1.Event": { whole: groupEvent },
  "flowcontrol.v1.FlowSchema": { object: flowControl.validateFlowSchema },
  "flowcontrol.v1.PriorityLevelConfiguration": { object: flowControl.validatePriorityLevel },
  "networking.v1.IPAddress": {
    object: networking.validateAddress,
    update: networking.validateAddressUpdate,
  },
  "networking.v1.Ingress": {
    object: networking.validateIngress,
    create: networking.validateIngressClassAnnotation,
  },
  "networking.v1.IngressClass": {
    object: networking.validateIngressClass,
    update: networking.validateIngressClassUpdate,
  },
  "networking.v1.NetworkPolicy": { object: networking.validateNetworkPolicy },
  "networking.v1.ServiceCIDR": { object: other.validateServiceCidr },
  "node.v1.RuntimeClass": { object: other.validateRuntimeClass, update: other.validateRuntimeClassUpdate },
  "policy.v1.PodDisruptionBudget": { object: networking.validateDisruptionBudget },
  "rbac.v1.ClusterRole": { object: validateRole },
  "rbac.v1.ClusterRoleBinding": { object: validateRoleBinding, update: validateRoleBindingUpdate },
  "rbac.v1.Role": { object: validateRole },
  "rbac.v1.RoleBinding": { object: validateRoleBinding, update: validateRoleBindingUpdate },
  "scheduling.v1.PriorityClass": {
    object: other.validatePriorityClass,
    update: other.validatePriorityClassUpdate,
  },
  "storage.v1.CSIDriver": { object: storage.validateDriver, update: storage.validateDriverUpdate },
  "storage.v1.CSINode": { object: storage.validateNodeDrivers },
  "storage.v1.StorageClass": {
    object: storage.validateStorageClass,
    update: storage.validateStorageClassUpdate,
  },
  "storage.v1.VolumeAttachment": {
    object: storage.validateAttachment,
    update: other.validateSpecUnchanged,
  },
  "storage.v1.VolumeAttributesClass": { update: storage.validateAttributesClassUpdate },
};

/** Objects that are answered and not kept need no name. */
const UNNAMED = /^(?:authentication|authorization)\.v1\.|^core\.v1\.Binding$/;

function validateObject(problems: Problems, message: string, object: KubeObject): void {
  if (!UNNAMED.test(message)) validateObjectMeta(problems, object, nameRule(message));
  CHECKS[message]?.object?.(problems, object);
}

/** Why an object of the published type may not be created; empty where it may. */
export function validateBuiltIn(message: string, object: KubeObject): readonly FieldError[] {
  const problems = new Problems();
  const checks = CHECKS[message];
  if (checks?.whole === undefined) {
    validateObject(problems, message, object);
    checks?.create?.(problems, object);
  } else checks.whole.create(problems, object);
  return problems.list;
}

/** Why an object may not become another; empty where it may. */
export function validateBuiltInUpdate(
  message: string,
  next: KubeObject,
  previous: KubeObject,
): readonly FieldError[] {
  const problems = new Problems();
  const checks = CHECKS[message];
  if (checks?.whole === undefined) {
    validateMetaUpdate(problems, next, previous);
    validateObject(problems, message, next);
    checks?.update?.(problems, next, previous);
  } else checks.whole.update(problems, next, previous);
  return problems.list;
}

/** Why a subresource of an object may not be changed so. */
export function validateBuiltInPart(
  message: string,
  subresource: string,
  next: KubeObject,
  previous: KubeObject,
): readonly FieldError[] {
  const problems = new Problems();
  const checks = CHECKS[message];
  const part = checks?.parts?.[subresource];
  validateMetaUpdate(problems, next, previous);
  if (part === undefined) checks?.status?.(problems, next, previous);
  else {
    validateObject(problems, message, next);
    part(problems, next, previous);
  }
  return problems.list;
}
