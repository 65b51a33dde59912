import type { MergeSchema } from "./merge-schema.js";

/** A type by the fields that lead to merged lists; all other fields are of no interest to a merge. */
class Shape implements MergeSchema {
  readonly merged: boolean;
  readonly keys: readonly string[];
  readonly #fields: ReadonlyMap<string, Shape>;
  readonly #item: Shape | undefined;

  constructor(fields: Readonly<Record<string, Shape>>, keys?: readonly string[], item?: Shape) {
    this.#fields = new Map(Object.entries(fields));
    this.merged = keys !== undefined;
    this.keys = keys ?? [];
    this.#item = item;
  }

  field(name: string): MergeSchema | undefined {
    return this.#fields.get(name) ?? PLAIN;
  }

  elements(): MergeSchema | undefined {
    return this.#item ?? PLAIN;
  }
}

function type(fields: Readonly<Record<string, Shape>>): Shape {
  return new Shape(fields);
}

function listBy(keys: readonly string[], item?: Shape): Shape {
  return new Shape({}, keys, item);
}

const PLAIN = type({});
const META = type({ finalizers: listBy([]), ownerReferences: listBy(["uid"]) });
const CONDITIONS = type({ conditions: listBy(["type"]) });

const CONTAINER_LISTS = {
  env: listBy(["name"]),
  volumeMounts: listBy(["mountPath"]),
  volumeDevices: listBy(["devicePath"]),
};
const CONTAINER = type({ ...CONTAINER_LISTS, ports: listBy(["containerPort", "protocol"]) });

const POD_SPEC = type({
  containers: listBy(["name"], CONTAINER),
  initContainers: listBy(["name"], CONTAINER),
  ephemeralContainers: listBy(["name"], type(CONTAINER_LISTS)),
  volumes: listBy(["name"]),
  imagePullSecrets: listBy(["name"]),
  hostAliases: listBy(["ip"]),
  topologySpreadConstraints: listBy(["topologyKey", "whenUnsatisfiable"]),
});
const POD_TEMPLATE = type({ metadata: META, spec: POD_SPEC });
const TEMPLATED = type({ template: POD_TEMPLATE });
const OBJECT = type({ metadata: META });
const WORKLOAD = type({ metadata: META, spec: TEMPLATED, status: CONDITIONS });
const WITH_CONDITIONS = type({ metadata: META, status: CONDITIONS });
const WEBHOOKS = type({ metadata: META, webhooks: listBy(["name"]) });
const CRON_JOB = type({
  metadata: META,
  spec: type({ jobTemplate: type({ metadata: META, spec: TEMPLATED }) }),
});

type Kinds = readonly (readonly [apiVersions: readonly string[], kinds: Readonly<Record<string, Shape>>])[];

function allKinds(): Kinds {
  return [
    [
      ["v1"],
      {
        Pod: type({
          metadata: META,
          spec: POD_SPEC,
          status: type({ conditions: listBy(["type"]), podIPs: listBy(["ip"]) }),
        }),
        PodTemplate: type({ metadata: META, template: POD_TEMPLATE }),
        ReplicationController: WORKLOAD,
        Service: type({
          metadata: META,
          spec: type({ ports: listBy(["port", "protocol"]) }),
          status: CONDITIONS,
        }),
        ServiceAccount: type({ metadata: META, secrets: listBy(["name"]) }),
        Namespace: WITH_CONDITIONS,
        PersistentVolumeClaim: WITH_CONDITIONS,
        ComponentStatus: type({ metadata: META, conditions: listBy(["type"]) }),
        Node: type({
          metadata: META,
          spec: type({ podCIDRs: listBy([]) }),
          status: type({ conditions: listBy(["type"]), addresses: listBy(["type"]) }),
        }),
        ...objects("Binding ConfigMap Endpoints Event LimitRange PersistentVolume ResourceQuota Secret"),
      },
    ],
    [
      ["apps/v1"],
      {
        DaemonSet: WORKLOAD,
        Deployment: WORKLOAD,
        ReplicaSet: WORKLOAD,
        StatefulSet: WORKLOAD,
        ControllerRevision: OBJECT,
      },
    ],
    [["batch/v1"], { Job: WORKLOAD, CronJob: CRON_JOB }],
    [["batch/v1beta1"], { CronJob: CRON_JOB }],
    [
      ["admissionregistration.k8s.io/v1", "admissionregistration.k8s.io/v1beta1"],
      { MutatingWebhookConfiguration: WEBHOOKS, ValidatingWebhookConfiguration: WEBHOOKS },
    ],
    [["apiextensions.k8s.io/v1", "apiextensions.k8s.io/v1beta1"], objects("CustomResourceDefinition")],
    [["apiregistration.k8s.io/v1", "apiregistration.k8s.io/v1beta1"], { APIService: WITH_CONDITIONS }],
    [["authentication.k8s.io/v1"], objects("TokenRequest TokenReview")],
    [["authentication.k8s.io/v1beta1"], objects("TokenReview")],
    [
      ["authorization.k8s.io/v1", "authorization.k8s.io/v1beta1"],
      objects("LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview"),
    ],
    [["autoscaling/v1"], objects("HorizontalPodAutoscaler Scale")],
    [["autoscaling/v2beta1", "autoscaling/v2beta2"], objects("HorizontalPodAutoscaler")],
    [["certificates.k8s.io/v1", "certificates.k8s.io/v1beta1"], objects("CertificateSigningRequest")],
    [["coordination.k8s.io/v1", "coordination.k8s.io/v1beta1"], objects("Lease")],
    [["discovery.k8s.io/v1", "discovery.k8s.io/v1beta1"], objects("EndpointSlice")],
    [["events.k8s.io/v1", "events.k8s.io/v1beta1"], objects("Event")],
    [["extensions/v1beta1"], objects("Ingress")],
    [["flowcontrol.apiserver.k8s.io/v1beta1"], objects("FlowSchema PriorityLevelConfiguration")],
    [["networking.k8s.io/v1"], objects("Ingress IngressClass NetworkPolicy")],
    [["networking.k8s.io/v1beta1"], objects("Ingress IngressClass")],
    [["node.k8s.io/v1", "node.k8s.io/v1beta1"], objects("RuntimeClass")],
    [["policy/v1"], { PodDisruptionBudget: WITH_CONDITIONS }],
    [["policy/v1beta1"], { PodDisruptionBudget: WITH_CONDITIONS, ...objects("Eviction PodSecurityPolicy") }],
    [
      ["rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io/v1beta1"],
      objects("ClusterRole ClusterRoleBinding Role RoleBinding"),
    ],
    [["scheduling.k8s.io/v1", "scheduling.k8s.io/v1beta1"], objects("PriorityClass")],
    [
      ["storage.k8s.io/v1", "storage.k8s.io/v1beta1"],
      {
        CSINode: type({ metadata: META, spec: type({ drivers: listBy(["name"]) }) }),
        ...objects("CSIDriver StorageClass VolumeAttachment"),
      },
    ],
    [["storage.k8s.io/v1beta1"], objects("CSIStorageCapacity")],
  ];
}

function objects(kinds: string): Record<string, Shape> {
  return Object.fromEntries(kinds.split(" ").map((kind) => [kind, OBJECT]));
}

/** Made at the first look-up: most builds merge nothing. */
let table: ReadonlyMap<string, Shape> | undefined;

function tableOf(): ReadonlyMap<string, Shape> {
  return new Map(
    allKinds().flatMap(([apiVersions, kinds]) =>
      apiVersions.flatMap((apiVersion) =>
        Object.entries(kinds).map(([kind, shape]): [string, Shape] => [`${apiVersion} ${kind}`, shape]),
      ),
    ),
  );
}

/** The schemas of Kubernetes 1.21, which kustomize 5.7 has built in. */
export function builtinSchema(apiVersion: string, kind: string): MergeSchema | undefined {
  table ??= tableOf();
  return table.get(`${apiVersion} ${kind}`);
}

const DEFINITIONS: ReadonlyMap<string, Shape> = new Map([
  ["io.k8s.api.core.v1.PodTemplateSpec", POD_TEMPLATE],
  ["io.k8s.api.core.v1.PodSpec", POD_SPEC],
  ["io.k8s.api.core.v1.Container", CONTAINER],
  ["io.k8s.api.batch.v1.JobSpec", TEMPLATED],
  ["io.k8s.api.batch.v1.JobTemplateSpec", type({ metadata: META, spec: TEMPLATED })],
  ["io.k8s.api.apps.v1.DeploymentSpec", TEMPLATED],
  ["io.k8s.api.apps.v1.StatefulSetSpec", TEMPLATED],
  ["io.k8s.api.apps.v1.DaemonSetSpec", TEMPLATED],
  ["io.k8s.api.core.v1.ServiceSpec", type({ ports: listBy(["port", "protocol"]) })],
  ["io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta", META],
]);

/** A type of Kubernetes 1.21 by its name in OpenAPI, of those that custom schemas refer to. */
export function builtinDefinition(name: string): MergeSchema | undefined {
  return DEFINITIONS.get(name);
}
