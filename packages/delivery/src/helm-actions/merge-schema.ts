import { gvkOf, type Schema, type TypeMeta } from "@capstan/kube";

type Members = Readonly<Record<string, Schema>>;

function fields(properties: Members): Schema {
  return { type: "object", properties };
}

/** A list whose items are told apart by a member, or, without one, by themselves. */
function mergedBy(key: string | undefined, item?: Members, retain = false): Schema {
  return {
    type: "array",
    patchStrategy: retain ? ["merge", "retainKeys"] : ["merge"],
    ...(key === undefined ? {} : { patchMergeKey: key }),
    ...(item === undefined ? {} : { items: fields(item) }),
  };
}

const METADATA = fields({ finalizers: mergedBy(undefined), ownerReferences: mergedBy("uid") });

const CONTAINERS = mergedBy("name", {
  env: mergedBy("name"),
  ports: mergedBy("containerPort"),
  volumeMounts: mergedBy("mountPath"),
  volumeDevices: mergedBy("devicePath"),
});

const POD_SPEC = fields({
  containers: CONTAINERS,
  initContainers: CONTAINERS,
  ephemeralContainers: CONTAINERS,
  volumes: mergedBy("name", undefined, true),
  resourceClaims: mergedBy("name", undefined, true),
  imagePullSecrets: mergedBy("name"),
  hostAliases: mergedBy("ip"),
  schedulingGates: mergedBy("name"),
  topologySpreadConstraints: mergedBy("topologyKey"),
});

const POD_TEMPLATE = fields({ metadata: METADATA, spec: POD_SPEC });
const WORKLOAD: Members = { template: POD_TEMPLATE };
const DEPLOYMENT: Members = { ...WORKLOAD, strategy: { type: "object", patchStrategy: ["retainKeys"] } };
const WEBHOOKS: Members = { webhooks: mergedBy("name", { matchConditions: mergedBy("name") }) };

/** What kinds have beside metadata that is not merged as plain JSON, by group and kind. */
const KINDS: ReadonlyMap<string, Members> = new Map<string, Members>([
  ["/Pod", { spec: POD_SPEC }],
  ["/PodTemplate", { template: POD_TEMPLATE }],
  ["/ReplicationController", { spec: fields(WORKLOAD) }],
  ["/Service", { spec: fields({ ports: mergedBy("port") }) }],
  ["/ServiceAccount", { secrets: mergedBy("name") }],
  ["/Node", { spec: fields({ podCIDRs: mergedBy(undefined) }) }],
  ["apps/DaemonSet", { spec: fields(WORKLOAD) }],
  ["apps/Deployment", { spec: fields(DEPLOYMENT) }],
  ["apps/ReplicaSet", { spec: fields(WORKLOAD) }],
  ["apps/StatefulSet", { spec: fields(WORKLOAD) }],
  ["batch/Job", { spec: fields(WORKLOAD) }],
  [
    "batch/CronJob",
    { spec: fields({ jobTemplate: fields({ metadata: METADATA, spec: fields(WORKLOAD) }) }) },
  ],
  [
    "policy/PodDisruptionBudget",
    { spec: fields({ selector: { type: "object", patchStrategy: ["replace"] } }) },
  ],
  ["storage.k8s.io/CSINode", { spec: fields({ drivers: mergedBy("name") }) }],
  ["admissionregistration.k8s.io/MutatingWebhookConfiguration", WEBHOOKS],
  ["admissionregistration.k8s.io/ValidatingWebhookConfiguration", WEBHOOKS],
  [
    "admissionregistration.k8s.io/MutatingAdmissionPolicy",
    { spec: fields({ matchConditions: mergedBy("name") }) },
  ],
  [
    "admissionregistration.k8s.io/ValidatingAdmissionPolicy",
    { spec: fields({ matchConditions: mergedBy("name"), variables: mergedBy("name") }) },
  ],
]);

/** The groups of Kubernetes itself whose objects take strategic merge patches. */
const GROUPS: ReadonlySet<string> = new Set([
  "",
  "admissionregistration.k8s.io",
  "apps",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "extensions",
  "flowcontrol.apiserver.k8s.io",
  "internal.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/**
 * How the lists and maps of a kind merge, as the Go types of Kubernetes 1.36 say; `undefined` for kinds of
 * others and for definitions, which the real helm merges as plain JSON.
 */
export function mergeSchemaOf(type: TypeMeta): Schema | undefined {
  const { group, kind } = gvkOf(type);
  if (!GROUPS.has(group)) return undefined;
  return fields({ metadata: METADATA, ...KINDS.get(`${group}/${kind}`) });
}
