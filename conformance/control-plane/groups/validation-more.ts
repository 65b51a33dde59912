import { type Check, check, refuses } from "../check.js";

const OWN = "observed on a kube-apiserver 1.35: kinds";

const containers = [{ name: "c", image: "i" }];
const container = (members: object) => ({ containers: [{ ...containers[0], ...members }] });
const pod = (spec: object) => ({ spec: { containers, ...spec } });
const volume = (source: object) => pod({ volumes: [{ name: "v", ...source }] });
const job = (spec: object) => ({
  spec: { template: { spec: { restartPolicy: "Never", containers } }, ...spec },
});
const claim = (spec: object) => ({
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } }, ...spec },
});
const persistent = (spec: object) => ({
  spec: { accessModes: ["ReadWriteOnce"], capacity: { storage: "1Gi" }, ...spec },
});
const quota = (spec: object) => ({ spec });
const limits = (...list: object[]) => ({ spec: { limits: list } });

/** Where it is posted (below the namespace, unless it begins with a slash), what, and what is told. */
const REFUSED: readonly (readonly [string, object, number, string])[] = [
  [
    "v1 pods",
    pod(container({ env: [{ name: "A", valueFrom: { resourceFieldRef: { resource: "foo" } } }] })),
    422,
    'resourceFieldRef.resource: Unsupported value: "foo": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory"',
  ],
  [
    "v1 pods",
    volume({
      projected: {
        sources: [
          { secret: { name: "a", items: [{ key: "k", path: "p" }] } },
          { configMap: { name: "b", items: [{ key: "k", path: "p" }] } },
        ],
      },
    }),
    422,
    'spec.volumes[0].projected: Invalid value: "b": conflicting duplicate paths',
  ],
  ["v1 pods", volume({ csi: { driver: "A B" } }), 422, 'spec.volumes[0].csi.driver: Invalid value: "A B"'],
  [
    "v1 pods",
    volume({ image: { pullPolicy: "X" } }),
    422,
    'spec.volumes[0].image.reference: Required value, spec.volumes[0].image.pullPolicy: Unsupported value: "X"',
  ],
  [
    "v1 pods",
    pod({ resourceClaims: [{ name: "r" }] }),
    422,
    "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`",
  ],
  [
    "v1 pods",
    pod({ securityContext: { sysctls: [{ name: "a b", value: "x" }] } }),
    422,
    'spec.securityContext.sysctls[0].name: Invalid value: "a b": must have at most 253 characters and match regex',
  ],
  ["v1 pods", pod({ runtimeClassName: "none" }), 403, 'pod rejected: RuntimeClass "none" not found'],
  [
    "v1 pods",
    pod({ overhead: { cpu: "1" } }),
    403,
    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
  ],
  [
    "batch/v1 jobs",
    job({ completionMode: "Indexed", completions: 1, backoffLimitPerIndex: 1, maxFailedIndexes: 5 }),
    422,
    "spec.maxFailedIndexes: Invalid value: 5: must be less than or equal to completions",
  ],
  [
    "batch/v1 jobs",
    job({ managedBy: "x" }),
    422,
    'spec.managedBy: Invalid value: "x": must be a domain-prefixed path',
  ],
  [
    "v1 resourcequotas",
    quota({ hard: { services: "1" }, scopes: ["BestEffort"] }),
    422,
    'spec.scopes: Invalid value: ["BestEffort"]: unsupported scope applied to resource',
  ],
  [
    "v1 resourcequotas",
    quota({
      hard: { pods: "1" },
      scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] },
    }),
    422,
    "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
  ],
  ["v1 limitranges", limits({ type: "X" }), 422, "must be a standard limit type or fully qualified"],
  [
    "v1 limitranges",
    limits({ type: "Container", maxLimitRequestRatio: { cpu: "500m" } }),
    422,
    "ratio 500m is less than 1",
  ],
  [
    "v1 limitranges",
    limits({ type: "PersistentVolumeClaim" }),
    422,
    "either minimum or maximum storage value is required, but neither was provided",
  ],
  [
    "v1 persistentvolumeclaims",
    claim({ dataSourceRef: { kind: "A", name: "b" } }),
    422,
    "must be 'PersistentVolumeClaim' when referencing the default apiGroup",
  ],
  [
    "v1 persistentvolumeclaims",
    claim({ volumeAttributesClassName: "A_" }),
    422,
    'spec.volumeAttributesClassName: Invalid value: "A_"',
  ],
  [
    "/api/v1/persistentvolumes",
    persistent({ hostPath: { path: "/" }, persistentVolumeReclaimPolicy: "Recycle" }),
    422,
    "may not be 'recycle' for a hostPath mount of '/'",
  ],
  [
    "/api/v1/persistentvolumes",
    persistent({ csi: { driver: "", volumeHandle: "" } }),
    422,
    "spec.csi.driver: Required value, spec.csi.volumeHandle: Required value",
  ],
  [
    "/api/v1/persistentvolumes",
    persistent({ hostPath: { path: "/x" }, nodeAffinity: {} }),
    422,
    "spec.nodeAffinity.required: Required value: must specify required node constraints",
  ],
  [
    "/apis/storage.k8s.io/v1/storageclasses",
    { provisioner: "a/b", parameters: { "": "x" } },
    422,
    'parameters: Invalid value: "": field can not be empty.',
  ],
  [
    "/apis/storage.k8s.io/v1/storageclasses",
    { provisioner: "a/b", allowedTopologies: [{ matchLabelExpressions: [{ key: "a" }] }] },
    422,
    "allowedTopologies[0].matchLabelExpressions[0].values: Required value",
  ],
  [
    "/apis/storage.k8s.io/v1/csinodes",
    { spec: { drivers: [{ name: "", nodeID: "" }] } },
    422,
    "spec.drivers[0].name: Required value, spec.drivers[0].nodeID: Required value",
  ],
  [
    "discovery.k8s.io/v1 endpointslices",
    { addressType: "IPv4", endpoints: [{ addresses: ["192.0.2.1"], hostname: "A_" }] },
    422,
    'endpoints[0].hostname: Invalid value: "A_"',
  ],
  [
    "/apis/node.k8s.io/v1/runtimeclasses",
    { handler: "a", overhead: { podFixed: { cpu: "-1" } } },
    422,
    'overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0',
  ],
  [
    "/api/v1/namespaces",
    { spec: { finalizers: ["x"] } },
    422,
    "name is neither a standard finalizer name nor is it fully qualified",
  ],
  [
    "/apis/networking.k8s.io/v1/servicecidrs",
    { spec: { cidrs: ["x"] } },
    422,
    'spec.cidrs[0]: Invalid value: "x": must be a valid CIDR value',
  ],
];

export const validationMore: readonly Check[] = REFUSED.map(([at, body, code, message]) => {
  const [version = "", resource = ""] = at.split(" ");
  const plural = resource === "" ? at.split("/").at(-1) : resource;
  return check(`${plural} are validated: ${message}`, OWN, async ({ api, path, name }) => {
    const collection = at.startsWith("/") ? at : path(resource, version);
    refuses(await api.post(`${collection}?dryRun=All`, { metadata: { name }, ...body }), code, message);
  });
});
