import type { Column } from "../registry/kind.js";
import { columnsOf, type Row } from "./cells.js";
import * as core from "./core-rows.js";
import * as network from "./network-rows.js";
import * as other from "./other-rows.js";
import { podRow } from "./pod-row.js";
import * as workload from "./workload-rows.js";

const REPLICAS =
  "Name, Desired:integer, Current:integer, Ready:integer, Age, Containers*, Images*, Selector*";
const EVENT = "Last Seen, Type, Reason, Object, Subobject*, Source*, Message, First Seen*, Count*, Name*";
const BINDING = "Name, Role, Age, Users*, Groups*, ServiceAccounts*";

/** Columns and rows by kind; kinds of several groups share them. */
const TABLES: Readonly<Record<string, readonly [string, Row]>> = {
  APIService: ["Name, Service, Available, Age", other.apiServiceRow],
  CSIDriver: [
    "Name, AttachRequired:boolean, PodInfoOnMount:boolean, StorageCapacity:boolean, TokenRequests, RequiresRepublish:boolean, Modes, Age",
    other.csiDriverRow,
  ],
  CSINode: ["Name, Drivers:integer, Age", other.csiNodeRow],
  CertificateSigningRequest: [
    "Name, Age, SignerName, Requestor, RequestedDuration, Condition",
    other.certificateRequestRow,
  ],
  ClusterRoleBinding: [BINDING, other.bindingRow],
  ComponentStatus: ["Name, Status, Message, Error", core.componentStatusRow],
  ConfigMap: ["Name, Data, Age", core.configMapRow],
  ControllerRevision: ["Name, Controller, Revision, Age", workload.controllerRevisionRow],
  CronJob: [
    "Name, Schedule, Timezone, Suspend:boolean, Active:integer, Last Schedule, Age, Containers*, Images*, Selector*",
    workload.cronJobRow,
  ],
  DaemonSet: [
    "Name, Desired:integer, Current:integer, Ready:integer, Up-to-date:integer, Available:integer, Node Selector, Age, Containers*, Images*, Selector*",
    workload.daemonSetRow,
  ],
  Deployment: [
    "Name, Ready, Up-to-date, Available, Age, Containers*, Images*, Selector*",
    workload.deploymentRow,
  ],
  EndpointSlice: ["Name, AddressType, Ports, Endpoints, Age", network.endpointSliceRow],
  Endpoints: ["Name, Endpoints, Age", network.endpointsRow],
  Event: [EVENT, core.eventRow],
  FlowSchema: [
    "Name, PriorityLevel, MatchingPrecedence, DistinguisherMethod, Age, MissingPL",
    other.flowSchemaRow,
  ],
  HorizontalPodAutoscaler: [
    "Name, Reference, Targets, MinPods, MaxPods, Replicas, Age",
    workload.autoscalerRow,
  ],
  IPAddress: ["Name, ParentRef", network.ipAddressRow],
  Ingress: ["Name, Class, Hosts, Address, Ports, Age", network.ingressRow],
  IngressClass: ["Name, Controller, Parameters, Age", network.ingressClassRow],
  Job: ["Name, Status, Completions, Duration, Age, Containers*, Images*, Selector*", workload.jobRow],
  Lease: ["Name, Holder, Age", other.leaseRow],
  MutatingAdmissionPolicy: ["Name, Mutations:integer, ParamKind, Age", other.mutatingPolicyRow],
  MutatingAdmissionPolicyBinding: ["Name, PolicyName, ParamRef, Age", other.admissionBindingRow],
  MutatingWebhookConfiguration: ["Name, Webhooks:integer, Age", other.webhooksRow],
  Namespace: ["Name, Status, Age", core.namespaceRow],
  NetworkPolicy: ["Name, Pod-Selector, Age", network.networkPolicyRow],
  Node: [
    "Name, Status, Roles, Age, Version, Internal-IP*, External-IP*, OS-Image*, Kernel-Version*, Container-Runtime*",
    core.nodeRow,
  ],
  PersistentVolume: [
    "Name, Capacity, Access Modes, Reclaim Policy, Status, Claim, StorageClass, VolumeAttributesClass, Reason, Age, VolumeMode*",
    core.persistentVolumeRow,
  ],
  PersistentVolumeClaim: [
    "Name, Status, Volume, Capacity, Access Modes, StorageClass, VolumeAttributesClass, Age, VolumeMode*",
    core.claimRow,
  ],
  Pod: ["Name, Ready, Status, Restarts, Age, IP*, Node*, Nominated Node*, Readiness Gates*", podRow],
  PodDisruptionBudget: [
    "Name, Min Available, Max Unavailable, Allowed Disruptions:integer, Age",
    workload.disruptionBudgetRow,
  ],
  PodTemplate: ["Name, Containers, Images, Pod Labels", workload.podTemplateRow],
  PriorityClass: [
    "Name, Value:integer, Global-Default:boolean, Age, PreemptionPolicy",
    other.priorityClassRow,
  ],
  PriorityLevelConfiguration: [
    "Name, Type, NominalConcurrencyShares, Queues, HandSize, QueueLengthLimit, Age",
    other.priorityLevelRow,
  ],
  ReplicaSet: [REPLICAS, workload.replicaSetRow],
  ReplicationController: [REPLICAS, workload.replicationControllerRow],
  ResourceClaim: ["Name, State, Age", other.resourceClaimRow],
  ResourceQuota: ["Name, Request, Limit, Age", core.resourceQuotaRow],
  ResourceSlice: ["Name, Node, Driver, Pool, Age", other.resourceSliceRow],
  RoleBinding: [BINDING, other.bindingRow],
  RuntimeClass: ["Name, Handler, Age", other.runtimeClassRow],
  Secret: ["Name, Type, Data, Age", core.secretRow],
  Service: ["Name, Type, Cluster-IP, External-IP, Port(s), Age, Selector*", network.serviceRow],
  ServiceCIDR: ["Name, CIDRs, Age", network.serviceCidrRow],
  StatefulSet: ["Name, Ready, Age, Containers*, Images*", workload.statefulSetRow],
  StorageClass: [
    "Name, Provisioner, ReclaimPolicy, VolumeBindingMode, AllowVolumeExpansion, Age",
    other.storageClassRow,
  ],
  ValidatingAdmissionPolicy: ["Name, Validations:integer, ParamKind, Age", other.admissionPolicyRow],
  ValidatingAdmissionPolicyBinding: ["Name, PolicyName, ParamRef, Age", other.admissionBindingRow],
  ValidatingWebhookConfiguration: ["Name, Webhooks:integer, Age", other.webhooksRow],
  VolumeAttachment: ["Name, Attacher, PV, Node, Attached:boolean, Age", other.volumeAttachmentRow],
  VolumeAttributesClass: ["Name, DriverName, Age", other.attributesClassRow],
};

const NAME_AND_AGE: readonly [string, Row] = ["Name, Age", other.nameAndAgeRow];
const CREATED: readonly [string, Row] = ["Name, Created At:date", other.createdRow];
const UNPRINTED = new Set([
  "LimitRange",
  "Role",
  "ClusterRole",
  "CSIStorageCapacity",
  "CustomResourceDefinition",
]);

const cache = new Map<string, readonly Column[]>();

/** The columns that kubectl users know of a built-in kind. */
export function builtInColumns(kind: string): readonly Column[] {
  let columns = cache.get(kind);
  if (columns === undefined) {
    const [names, row] = TABLES[kind] ?? (UNPRINTED.has(kind) ? CREATED : NAME_AND_AGE);
    columns = columnsOf(names, row);
    cache.set(kind, columns);
  }
  return columns;
}
