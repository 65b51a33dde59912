import type { KubeObject } from "@capstan/kube";
import { CommandError, exitCode } from "../exit-code.js";
import { definitions } from "../home/reconcilers.js";
import type { View } from "../output/view.js";
import { version } from "../version.js";

export interface InstallOptions {
  readonly export?: boolean;
  readonly namespace?: string;
  readonly image?: string;
  /** False leaves out the binding to cluster-admin: every Kustomization then names a service account. */
  readonly clusterAdmin?: boolean;
}

const NAME = "capstan-controllers";
const LABELS = { "app.kubernetes.io/name": "capstan", "app.kubernetes.io/component": "controllers" };

/**
 * `capstan install --export`: the manifests for a real cluster, to be committed or piped into
 * `kubectl apply -f -`. Nothing is written to a cluster: that is the way of a Git repository.
 */
export function install(options: InstallOptions): View {
  if (options.export !== true) {
    throw new CommandError(
      "use `capstan install --export | kubectl apply --server-side -f -`",
      exitCode.usage,
    );
  }
  const namespace = options.namespace ?? "capstan-system";
  const objects = [
    namespaceOf(namespace),
    ...definitions({ allowLocal: false }),
    ...accessOf(namespace, options.clusterAdmin !== false),
    deploymentOf(namespace, options.image ?? `capstan:${version}`),
    serviceOf(namespace),
    networkPolicyOf(namespace),
  ];
  return { kind: "objects", objects, columns: [{ header: "NAME", cell: (object) => object.metadata.name }] };
}

function namespaceOf(name: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name, labels: { ...LABELS, "pod-security.kubernetes.io/enforce": "restricted" } },
  };
}

/** What the controllers may do themselves, and, unless left out, that they may apply anything. */
function accessOf(namespace: string, clusterAdmin: boolean): readonly KubeObject[] {
  const rbac = "rbac.authorization.k8s.io";
  const subjects = [{ kind: "ServiceAccount", name: NAME, namespace }];
  const bind = (name: string, role: string): KubeObject => ({
    apiVersion: `${rbac}/v1`,
    kind: "ClusterRoleBinding",
    metadata: { name, labels: LABELS },
    roleRef: { apiGroup: rbac, kind: "ClusterRole", name: role },
    subjects,
  });
  return [
    { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: NAME, namespace, labels: LABELS } },
    { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: NAME, labels: LABELS }, rules: RULES },
    bind(NAME, NAME),
    {
      apiVersion: `${rbac}/v1`,
      kind: "Role",
      metadata: { name: NAME, namespace, labels: LABELS },
      rules: [
        {
          apiGroups: ["coordination.k8s.io"],
          resources: ["leases"],
          verbs: ["get", "create", "update", "patch"],
        },
      ],
    },
    {
      apiVersion: `${rbac}/v1`,
      kind: "RoleBinding",
      metadata: { name: NAME, namespace, labels: LABELS },
      roleRef: { apiGroup: rbac, kind: "Role", name: NAME },
      subjects,
    },
    ...(clusterAdmin ? [bind("capstan-reconciler", "cluster-admin")] : []),
  ];
}

const GROUPS = ["source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io"];

const RULES = [
  {
    apiGroups: GROUPS,
    resources: ["*"],
    verbs: ["get", "list", "watch", "update", "patch"],
  },
  {
    apiGroups: ["apiextensions.k8s.io"],
    resources: ["customresourcedefinitions"],
    verbs: ["get", "list", "watch", "create", "patch"],
  },
  {
    apiGroups: [""],
    resources: ["namespaces", "secrets", "configmaps", "serviceaccounts"],
    verbs: ["get", "list", "watch"],
  },
  { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["impersonate"] },
  { apiGroups: [""], resources: ["users", "groups"], verbs: ["impersonate"] },
  { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
];

function deploymentOf(namespace: string, image: string): KubeObject {
  const probe = (path: string) => ({ httpGet: { path, port: "health" } });
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: NAME, namespace, labels: LABELS },
    spec: {
      replicas: 1,
      // Artifacts lie in the pod that packed them: two must never serve side by side.
      strategy: { type: "Recreate" },
      selector: { matchLabels: LABELS },
      template: {
        metadata: {
          labels: LABELS,
          annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9440" },
        },
        spec: {
          serviceAccountName: NAME,
          terminationGracePeriodSeconds: 30,
          securityContext: {
            fsGroup: 1337,
            runAsNonRoot: true,
            runAsUser: 1337,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: "controllers",
              image,
              args: [
                "controllers",
                "--leader-election",
                "--no-install-definitions",
                `--namespace=${namespace}`,
                "--data-dir=/data",
                "--storage-addr=:9090",
                `--storage-adv-addr=http://${NAME}.${namespace}.svc.cluster.local.`,
                "--health-addr=:9440",
              ],
              ports: [
                { name: "http", containerPort: 9090 },
                { name: "health", containerPort: 9440 },
              ],
              livenessProbe: probe("/healthz"),
              readinessProbe: probe("/readyz"),
              resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "1Gi" } },
              securityContext: {
                allowPrivilegeEscalation: false,
                readOnlyRootFilesystem: true,
                capabilities: { drop: ["ALL"] },
              },
              volumeMounts: [
                { name: "data", mountPath: "/data" },
                { name: "tmp", mountPath: "/tmp" },
              ],
            },
          ],
          volumes: [
            { name: "data", emptyDir: {} },
            { name: "tmp", emptyDir: {} },
          ],
        },
      },
    },
  };
}

function serviceOf(namespace: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name: NAME, namespace, labels: LABELS },
    spec: { selector: LABELS, ports: [{ name: "http", port: 80, targetPort: "http" }] },
  };
}

/** Artifacts are for pods of this namespace; health and metrics for everybody. */
function networkPolicyOf(namespace: string): KubeObject {
  return {
    apiVersion: "networking.k8s.io/v1",
    kind: "NetworkPolicy",
    metadata: { name: NAME, namespace, labels: LABELS },
    spec: {
      podSelector: { matchLabels: LABELS },
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        { from: [{ podSelector: {} }], ports: [{ port: "http", protocol: "TCP" }] },
        { from: [{ namespaceSelector: {} }], ports: [{ port: "health", protocol: "TCP" }] },
      ],
      egress: [{}],
    },
  };
}
