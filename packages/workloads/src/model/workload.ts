import type { KubeObject, LabelSelectorObject } from "@capstan/kube";
import type { PodTemplate } from "./pod.js";

export type IntOrString = number | string;

/** A condition of a workload of `apps`: no observed generation, `lastUpdateTime` for Deployments only. */
export interface WorkloadCondition {
  type: string;
  status: "True" | "False" | "Unknown";
  reason?: string;
  message?: string;
  lastUpdateTime?: string;
  lastTransitionTime?: string;
}

export interface DeploymentSpec {
  replicas?: number;
  selector: LabelSelectorObject;
  template: PodTemplate;
  strategy?: {
    type?: string;
    rollingUpdate?: { maxSurge?: IntOrString; maxUnavailable?: IntOrString };
  };
  minReadySeconds?: number;
  revisionHistoryLimit?: number | null;
  paused?: boolean;
  progressDeadlineSeconds?: number | null;
}

export interface DeploymentStatus {
  observedGeneration?: number;
  replicas?: number;
  updatedReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  unavailableReplicas?: number;
  terminatingReplicas?: number;
  collisionCount?: number;
  conditions?: WorkloadCondition[];
}

export interface Deployment extends KubeObject {
  spec: DeploymentSpec;
  status?: DeploymentStatus;
}

interface ReplicaSetSpec {
  replicas?: number;
  selector: LabelSelectorObject;
  template: PodTemplate;
  minReadySeconds?: number;
}

export interface ReplicaSetStatus {
  observedGeneration?: number;
  replicas?: number;
  fullyLabeledReplicas?: number;
  readyReplicas?: number;
  availableReplicas?: number;
  terminatingReplicas?: number;
  conditions?: WorkloadCondition[];
}

export interface ReplicaSet extends KubeObject {
  spec: ReplicaSetSpec;
  status?: ReplicaSetStatus;
}

export interface ReplicationController extends KubeObject {
  spec: Omit<ReplicaSetSpec, "selector"> & { selector?: Record<string, string> };
  status?: ReplicaSetStatus;
}

export interface ClaimTemplate {
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> };
  spec: Record<string, unknown>;
}

interface StatefulSetSpec {
  replicas?: number;
  serviceName?: string;
  selector: LabelSelectorObject;
  template: PodTemplate;
  volumeClaimTemplates?: ClaimTemplate[];
  podManagementPolicy?: string;
  updateStrategy?: {
    type?: string;
    rollingUpdate?: { partition?: number; maxUnavailable?: IntOrString };
  };
  revisionHistoryLimit?: number | null;
  minReadySeconds?: number;
  ordinals?: { start?: number };
  persistentVolumeClaimRetentionPolicy?: { whenDeleted?: string; whenScaled?: string };
}

export interface StatefulSetStatus {
  observedGeneration?: number;
  replicas?: number;
  readyReplicas?: number;
  currentReplicas?: number;
  updatedReplicas?: number;
  availableReplicas?: number;
  currentRevision?: string;
  updateRevision?: string;
  collisionCount?: number;
}

export interface StatefulSet extends KubeObject {
  spec: StatefulSetSpec;
  status?: StatefulSetStatus;
}

interface DaemonSetSpec {
  selector: LabelSelectorObject;
  template: PodTemplate;
  updateStrategy?: {
    type?: string;
    rollingUpdate?: { maxSurge?: IntOrString; maxUnavailable?: IntOrString };
  };
  minReadySeconds?: number;
  revisionHistoryLimit?: number | null;
}

export interface DaemonSetStatus {
  observedGeneration?: number;
  desiredNumberScheduled: number;
  currentNumberScheduled: number;
  numberMisscheduled: number;
  numberReady: number;
  updatedNumberScheduled?: number;
  numberAvailable?: number;
  numberUnavailable?: number;
  collisionCount?: number;
}

export interface DaemonSet extends KubeObject {
  spec: DaemonSetSpec;
  status?: DaemonSetStatus;
}

/** A stored revision of a StatefulSet's or DaemonSet's template (`apps/v1` ControllerRevision). */
export interface ControllerRevision extends KubeObject {
  data?: unknown;
  revision: number;
}

export const DEPLOYMENT = { apiVersion: "apps/v1", kind: "Deployment" } as const;
export const REPLICATION_CONTROLLER = { apiVersion: "v1", kind: "ReplicationController" } as const;
export const REPLICA_SET = { apiVersion: "apps/v1", kind: "ReplicaSet" } as const;
export const STATEFUL_SET = { apiVersion: "apps/v1", kind: "StatefulSet" } as const;
export const DAEMON_SET = { apiVersion: "apps/v1", kind: "DaemonSet" } as const;
export const CONTROLLER_REVISION = { apiVersion: "apps/v1", kind: "ControllerRevision" } as const;
export const POD = { apiVersion: "v1", kind: "Pod" } as const;
export const NODE = { apiVersion: "v1", kind: "Node" } as const;
export const SERVICE = { apiVersion: "v1", kind: "Service" } as const;
export const ENDPOINTS = { apiVersion: "v1", kind: "Endpoints" } as const;
export const ENDPOINT_SLICE = { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice" } as const;
export const JOB = { apiVersion: "batch/v1", kind: "Job" } as const;
export const CRON_JOB = { apiVersion: "batch/v1", kind: "CronJob" } as const;
export const CLAIM = { apiVersion: "v1", kind: "PersistentVolumeClaim" } as const;
export const VOLUME = { apiVersion: "v1", kind: "PersistentVolume" } as const;
export const STORAGE_CLASS = { apiVersion: "storage.k8s.io/v1", kind: "StorageClass" } as const;
export const VOLUME_ATTRIBUTES_CLASS = {
  apiVersion: "storage.k8s.io/v1",
  kind: "VolumeAttributesClass",
} as const;
export const AUTOSCALER = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler" } as const;
export const DISRUPTION_BUDGET = { apiVersion: "policy/v1", kind: "PodDisruptionBudget" } as const;
