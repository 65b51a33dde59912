import type { FieldSpec } from "./field-spec.js";
import type { NameReference, TransformerConfig } from "./transformer-config.js";

/** `[paths, kinds, create?, group?, version?]`, one row of a table below. */
type Row = readonly [
  paths: readonly string[],
  kinds: readonly string[],
  create?: boolean,
  group?: string,
  version?: string,
];

function expand(rows: readonly Row[]): FieldSpec[] {
  return rows.flatMap(([paths, kinds, create = false, group = "", version = ""]) =>
    kinds.flatMap((kind) => paths.map((path): FieldSpec => ({ group, version, kind, path, create }))),
  );
}

const ANY = [""];
const TEMPLATE = "spec/template/metadata";
const JOB_TEMPLATE = "spec/jobTemplate/spec/template";
const WORKLOADS = ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"];

const AFFINITY = ["podAffinity", "podAntiAffinity"].flatMap((kind) => [
  `spec/template/spec/affinity/${kind}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector/matchLabels`,
  `spec/template/spec/affinity/${kind}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector/matchLabels`,
]);
const SPREAD = "spec/template/spec/topologySpreadConstraints/labelSelector/matchLabels";

const TEMPLATE_LABELS: readonly Row[] = [
  [["metadata/labels"], ANY, true],
  [[`${TEMPLATE}/labels`], ["ReplicationController"], true, "", "v1"],
  [[`${TEMPLATE}/labels`], ["Deployment", "ReplicaSet", "DaemonSet"], true],
  [[`${TEMPLATE}/labels`, "spec/volumeClaimTemplates[]/metadata/labels"], ["StatefulSet"], true, "apps"],
  [[`${TEMPLATE}/labels`], ["Job"], true, "batch"],
  [["spec/jobTemplate/metadata/labels", `${JOB_TEMPLATE}/metadata/labels`], ["CronJob"], true, "batch"],
];

const COMMON_LABELS: readonly Row[] = [
  [["spec/selector"], ["Service", "ReplicationController"], true, "", "v1"],
  [["spec/selector/matchLabels"], ["Deployment"], true],
  [[...AFFINITY, SPREAD], ["Deployment"], false, "apps"],
  [["spec/selector/matchLabels"], ["ReplicaSet", "DaemonSet"], true],
  [["spec/selector/matchLabels"], ["StatefulSet"], true, "apps"],
  [[...AFFINITY, SPREAD], ["StatefulSet"], false, "apps"],
  [["spec/selector/matchLabels"], ["Job"], false, "batch"],
  [["spec/jobTemplate/spec/selector/matchLabels"], ["CronJob"], false, "batch"],
  [["spec/selector/matchLabels"], ["PodDisruptionBudget"], false, "policy"],
  [
    [
      "spec/podSelector/matchLabels",
      "spec/ingress/from/podSelector/matchLabels",
      "spec/egress/to/podSelector/matchLabels",
    ],
    ["NetworkPolicy"],
    false,
    "networking.k8s.io",
  ],
  ...TEMPLATE_LABELS,
];

const COMMON_ANNOTATIONS: readonly Row[] = [
  [["metadata/annotations"], ANY, true],
  [[`${TEMPLATE}/annotations`], ["ReplicationController"], true, "", "v1"],
  [[`${TEMPLATE}/annotations`], ["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet"], true],
  [[`${TEMPLATE}/annotations`], ["Job"], true, "batch"],
  [
    ["spec/jobTemplate/metadata/annotations", `${JOB_TEMPLATE}/metadata/annotations`],
    ["CronJob"],
    true,
    "batch",
  ],
];

const POD_IMAGES = ["containers[]/image", "initContainers[]/image", "volumes[]/image/reference"];

function containerPaths(prefix: string): string[] {
  return ["containers", "initContainers"].flatMap((list) =>
    ["args", "command", "env/value", "volumeMounts/mountPath"].map((field) => `${prefix}/${list}/${field}`),
  );
}

const VAR_REFERENCES: readonly Row[] = [
  [[...containerPaths(`${JOB_TEMPLATE}/spec`), `${JOB_TEMPLATE}/volumes/nfs/server`], ["CronJob"]],
  [containerPaths("spec/template/spec"), ["DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"]],
  [["spec/template/spec/volumes/nfs/server"], ["DaemonSet", "Deployment", "Job", "ReplicaSet"]],
  [[`${TEMPLATE}/annotations`], ["Deployment"]],
  [["spec/rules/host", "spec/tls/hosts", "spec/tls/secretName"], ["Ingress"]],
  [[...containerPaths("spec"), "spec/volumes/nfs/server"], ["Pod"]],
  [["spec/ports/port", "spec/ports/targetPort"], ["Service"]],
  [["spec/volumeClaimTemplates/spec/nfs/server"], ["StatefulSet"]],
  [["spec/nfs/server"], ["PersistentVolume"]],
  [["metadata/labels", "metadata/annotations"], ANY],
];

function podConfigPaths(spec: string): string[] {
  return [
    `${spec}/volumes/configMap/name`,
    ...["containers", "initContainers"].map((list) => `${spec}/${list}/env/valueFrom/configMapKeyRef/name`),
    ...["containers", "initContainers"].map((list) => `${spec}/${list}/envFrom/configMapRef/name`),
    `${spec}/volumes/projected/sources/configMap/name`,
  ];
}

function podSecretPaths(spec: string): string[] {
  return [
    `${spec}/volumes/secret/secretName`,
    ...["containers", "initContainers"].map((list) => `${spec}/${list}/env/valueFrom/secretKeyRef/name`),
    ...["containers", "initContainers"].map((list) => `${spec}/${list}/envFrom/secretRef/name`),
    `${spec}/imagePullSecrets/name`,
    `${spec}/volumes/projected/sources/secret/name`,
  ];
}

function podRows(paths: (spec: string) => string[]): Row[] {
  return [
    [paths("spec"), ["Pod"], false, "", "v1"],
    [paths("template/spec"), ["PodTemplate"]],
    [paths("spec/template/spec"), WORKLOADS],
    [paths(`${JOB_TEMPLATE}/spec`), ["CronJob"]],
  ];
}

/** Fields of pod specs that name a service account, claim or priority class. */
function podFieldRows(field: string): Row[] {
  return [
    [[`spec/${field}`], ["Pod"]],
    [
      [`spec/template/spec/${field}`],
      ["StatefulSet", "Deployment", "ReplicationController", "Job", "DaemonSet"],
    ],
    [[`${JOB_TEMPLATE}/spec/${field}`], ["CronJob"]],
  ];
}

const RBAC = "rbac.authorization.k8s.io";
const ADMISSION = "admissionregistration.k8s.io";

const NAME_REFERENCES: readonly (readonly [
  kind: string,
  group: string,
  version: string,
  rows: readonly Row[],
])[] = [
  ...["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map(
    (kind) => [kind, "", "", [[["spec/scaleTargetRef/name"], ["HorizontalPodAutoscaler"]]] as Row[]] as const,
  ),
  [
    "ConfigMap",
    "",
    "v1",
    [
      ...podRows(podConfigPaths),
      [["spec/configSource/configMap"], ["Node"]],
      [["rules/resourceNames"], ["Role", "ClusterRole"]],
      [["metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"], ["Ingress"]],
    ],
  ],
  [
    "Secret",
    "",
    "v1",
    [
      ...podRows(podSecretPaths),
      [
        ["spec/template/spec/containers/env/valueFrom/secretKeyRef/name"],
        ["Service"],
        false,
        "serving.knative.dev",
        "v1",
      ],
      [
        [
          "spec/tls/secretName",
          "metadata/annotations/ingress.kubernetes.io\\/auth-secret",
          "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret",
          "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret",
        ],
        ["Ingress"],
      ],
      [["imagePullSecrets/name"], ["ServiceAccount"]],
      [
        ["secretName", "adminSecretName", "userSecretName", "secretRef"].map((name) => `parameters/${name}`),
        ["StorageClass"],
      ],
      [["rules/resourceNames"], ["Role", "ClusterRole"]],
      [["spec/azureFile/secretName"], ["PersistentVolume"]],
    ],
  ],
  [
    "Service",
    "",
    "v1",
    [
      [["spec/serviceName"], ["StatefulSet"], false, "apps"],
      [
        [
          "spec/rules/http/paths/backend/serviceName",
          "spec/backend/serviceName",
          "spec/rules/http/paths/backend/service/name",
          "spec/defaultBackend/service/name",
        ],
        ["Ingress"],
      ],
      [["spec/service/name"], ["APIService"], false, "apiregistration.k8s.io"],
      [
        ["webhooks/clientConfig/service"],
        ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"],
        false,
        ADMISSION,
      ],
    ],
  ],
  ["Role", RBAC, "", [[["roleRef/name"], ["RoleBinding"], false, RBAC]]],
  ["ClusterRole", RBAC, "", [[["roleRef/name"], ["RoleBinding", "ClusterRoleBinding"], false, RBAC]]],
  [
    "ServiceAccount",
    "",
    "v1",
    [
      [["subjects"], ["RoleBinding", "ClusterRoleBinding"], false, RBAC],
      ...podFieldRows("serviceAccountName"),
    ],
  ],
  ["PersistentVolumeClaim", "", "v1", podFieldRows("volumes/persistentVolumeClaim/claimName")],
  [
    "PersistentVolume",
    "",
    "v1",
    [
      [["spec/volumeName"], ["PersistentVolumeClaim"]],
      [["rules/resourceNames"], ["ClusterRole"]],
    ],
  ],
  [
    "StorageClass",
    "storage.k8s.io",
    "v1",
    [
      [["spec/storageClassName"], ["PersistentVolume", "PersistentVolumeClaim"]],
      [["spec/volumeClaimTemplates/spec/storageClassName"], ["StatefulSet"]],
    ],
  ],
  ["PriorityClass", "scheduling.k8s.io", "v1", podFieldRows("priorityClassName")],
  // The group is written like this in kustomize as well, so that it never matches.
  ["IngressClass", "networking.k8s.io/v1", "v1", [[["spec/ingressClassName"], ["Ingress"]]]],
  [
    "ValidatingAdmissionPolicy",
    ADMISSION,
    "",
    [[["spec/policyName"], ["ValidatingAdmissionPolicyBinding"], false, ADMISSION]],
  ],
];

/** The field specs that kustomize 5.7 has built in. */
export const DEFAULT_CONFIG: TransformerConfig = {
  namePrefix: expand([[["metadata/name"], ANY]]),
  nameSuffix: expand([[["metadata/name"], ANY]]),
  namespace: expand([
    [["metadata/name"], ["Namespace"], true],
    [["spec/service/namespace"], ["APIService"], true, "apiregistration.k8s.io"],
    [
      ["spec/conversion/webhook/clientConfig/service/namespace"],
      ["CustomResourceDefinition"],
      false,
      "apiextensions.k8s.io",
    ],
  ]),
  commonLabels: expand(COMMON_LABELS),
  labels: [],
  templateLabels: expand(TEMPLATE_LABELS),
  commonAnnotations: expand(COMMON_ANNOTATIONS),
  nameReference: NAME_REFERENCES.map(
    ([kind, group, version, rows]): NameReference => ({ kind, group, version, fieldSpecs: expand(rows) }),
  ),
  varReference: expand(VAR_REFERENCES),
  images: expand([
    [POD_IMAGES.map((path) => `spec/${path}`), ANY, true],
    [POD_IMAGES.map((path) => `spec/template/spec/${path}`), ANY, true],
  ]),
  replicas: expand([
    [["spec/replicas"], ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"], true],
  ]),
};
