import fc from "fast-check";

/** A request as a hostile client would send it. */
export interface RandomRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

const containers = [
  { name: "c", image: "i", ports: [{ containerPort: 80 }], resources: { limits: { cpu: "1" } } },
];
const template = { metadata: { labels: { a: "b" } }, spec: { containers } };
const selector = { matchLabels: { a: "b" } };
const rules = [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["configmaps"] }];

/** One object of each kind that has rules of its own, by the path of its collection. */
const SAMPLES: readonly (readonly [path: string, object: Readonly<Record<string, unknown>>])[] = [
  [
    "/api/v1/namespaces/default/configmaps",
    { data: { a: "b" }, binaryData: { c: "AAAA" }, immutable: false },
  ],
  ["/api/v1/namespaces/default/secrets", { type: "Opaque", stringData: { a: "b" }, data: { c: "AAAA" } }],
  ["/api/v1/namespaces/default/pods", { spec: { containers, volumes: [{ name: "v", emptyDir: {} }] } }],
  [
    "/api/v1/namespaces/default/services",
    {
      spec: {
        ports: [{ port: 80, targetPort: "http", nodePort: 30080 }],
        type: "NodePort",
        selector: { a: "b" },
      },
    },
  ],
  [
    "/api/v1/namespaces/default/persistentvolumeclaims",
    { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
  ],
  [
    "/api/v1/namespaces/default/limitranges",
    { spec: { limits: [{ type: "Container", max: { cpu: "1" } }] } },
  ],
  ["/api/v1/namespaces/default/resourcequotas", { spec: { hard: { pods: "1" }, scopes: ["BestEffort"] } }],
  [
    "/api/v1/namespaces/default/serviceaccounts/default/token",
    { spec: { audiences: ["a"], expirationSeconds: 600 } },
  ],
  ["/api/v1/namespaces", { spec: { finalizers: ["kubernetes"] } }],
  ["/api/v1/nodes", { spec: { taints: [{ key: "a", effect: "NoSchedule" }] } }],
  [
    "/apis/apps/v1/namespaces/default/deployments",
    { spec: { replicas: 1, selector, template, strategy: { rollingUpdate: { maxSurge: "25%" } } } },
  ],
  ["/apis/apps/v1/namespaces/default/statefulsets", { spec: { serviceName: "s", selector, template } }],
  [
    "/apis/batch/v1/namespaces/default/jobs",
    { spec: { template: { spec: { containers, restartPolicy: "Never" } } } },
  ],
  [
    "/apis/batch/v1/namespaces/default/cronjobs",
    { spec: { schedule: "* * * * *", jobTemplate: { spec: { template } } } },
  ],
  [
    "/apis/networking.k8s.io/v1/namespaces/default/ingresses",
    {
      spec: {
        rules: [
          {
            host: "a.b",
            http: {
              paths: [
                { path: "/", pathType: "Prefix", backend: { service: { name: "s", port: { number: 80 } } } },
              ],
            },
          },
        ],
      },
    },
  ],
  [
    "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
    { spec: { podSelector: selector, ingress: [{ from: [{ ipBlock: { cidr: "10.0.0.0/8" } }] }] } },
  ],
  ["/apis/policy/v1/namespaces/default/poddisruptionbudgets", { spec: { minAvailable: "50%", selector } }],
  [
    "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
    {
      spec: {
        maxReplicas: 3,
        scaleTargetRef: { kind: "Deployment", name: "d" },
        metrics: [
          {
            type: "Resource",
            resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
          },
        ],
      },
    },
  ],
  [
    "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    {
      rules: [{ apiGroups: [""], resources: ["pods"], verbs: ["get"] }],
      aggregationRule: { clusterRoleSelectors: [selector] },
    },
  ],
  [
    "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    {
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ kind: "User", name: "u" }],
    },
  ],
  [
    "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    { spec: { user: "u", resourceAttributes: { verb: "get", resource: "pods" } } },
  ],
  ["/apis/authentication.k8s.io/v1/tokenreviews", { spec: { token: "x" } }],
  [
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    {
      spec: {
        group: "a.b",
        scope: "Namespaced",
        names: { plural: "xs", kind: "X", singular: "x" },
        versions: [
          {
            name: "v1",
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: "object",
                properties: { a: { type: "array", items: { type: "string", pattern: "a+" } } },
                "x-kubernetes-validations": [{ rule: "self.a.size() > 1" }],
              },
            },
          },
        ],
      },
    },
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    {
      spec: {
        matchConstraints: { resourceRules: rules },
        validations: [{ expression: "object.data.size() < 3" }],
      },
    },
  ],
  [
    "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
    {
      webhooks: [
        {
          name: "a.b.c",
          rules,
          sideEffects: "None",
          admissionReviewVersions: ["v1"],
          clientConfig: { url: "https://127.0.0.1:1/" },
          failurePolicy: "Ignore",
          timeoutSeconds: 1,
        },
      ],
    },
  ],
  [
    "/apis/coordination.k8s.io/v1/namespaces/default/leases",
    { spec: { holderIdentity: "h", renewTime: "2026-01-01T00:00:00.000000Z" } },
  ],
];

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    -1,
    0,
    2 ** 53,
    1e308,
    1.5,
    "",
    "\u0000",
    "\ud800",
    "../..",
    "-",
    "a/b/c",
    "(a+)+$",
    "a".repeat(300),
    "é".repeat(100_000),
    "9".repeat(400),
    "1e999999999",
    [],
    {},
    [[]],
    [null],
    { "": {} },
    { constructor: { prototype: { polluted: true } } },
    { $patch: "delete" },
    { $patch: "nonsense" },
    { "$deleteFromPrimitiveList/a": [1] },
    { "$setElementOrder/containers": [{}] },
  ),
  fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text) as unknown),
);

/** A body with some of its parts replaced, added or under names that reach for prototypes. */
function mutated(object: unknown): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat(1_000),
    value: hostile,
    key: fc.constantFrom("", "__proto__", "constructor", "toString", "metadata"),
  });
  return fc.array(change, { maxLength: 4 }).map((changes) => {
    let text = JSON.stringify(object);
    for (const { at, value, key } of changes) text = mutateText(text, at, value, key);
    return text;
  });
}

/** Replaces the value of the `at`th member of a JSON text, and gives it another name where `key` has one. */
function mutateText(text: string, at: number, value: unknown, key: string): string {
  let index = 0;
  const members = text.match(/"(?:[^"\\]|\\.)*":/g)?.length ?? 1;
  const target = at % members;
  return JSON.stringify(JSON.parse(text), (name, member: unknown) => {
    if (name === "" || typeof name !== "string") return member;
    if (index++ !== target) return member;
    return value;
  }).replace(/"([a-zA-Z]+)":/, (whole) => (key === "" ? whole : `"${key}":`));
}

const segment = fc.constantFrom(
  "default",
  "x",
  "%2e%2e",
  "%00",
  "%zz",
  "..",
  "a".repeat(400),
  "status",
  "scale",
  "log",
  "__proto__",
  "constructor",
  "é",
);
const query = fc.constantFrom(
  "",
  "?watch=true&timeoutSeconds=1",
  "?limit=-1",
  "?limit=1&continue=bm9uc2Vuc2U",
  "?continue=%00",
  "?resourceVersion=99999999999999999999",
  "?resourceVersion=x&resourceVersionMatch=Exact",
  "?labelSelector=a%20in%20(",
  "?labelSelector=%3D%3D",
  "?fieldSelector=__proto__%3Dx",
  "?dryRun=All",
  "?dryRun=None",
  "?fieldValidation=Strict",
  "?fieldManager=m&force=true",
  `?fieldManager=${"m".repeat(200)}`,
  "?timeout=1x",
  "?pretty=true",
  "?sendInitialEvents=true",
  "?propagationPolicy=Nonsense",
  "?gracePeriodSeconds=-5",
);
const contentType = fc.constantFrom(
  "application/json",
  "application/yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
  "application/vnd.kubernetes.protobuf",
  "text/plain",
);
const accept = fc.constantFrom(
  "application/json",
  "application/json;as=Table;v=v1;g=meta.k8s.io,application/json",
  "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io",
  "application/vnd.kubernetes.protobuf",
  "application/yaml",
  "*/*",
  "nonsense",
);

function metadata(name: string): Readonly<Record<string, unknown>> {
  return { name, labels: { a: "b" }, annotations: { c: "d" }, finalizers: [], ownerReferences: [] };
}

const patchBody = fc.oneof(
  fc
    .array(
      fc.record({
        op: fc.constantFrom("add", "remove", "replace", "move", "copy", "test", "nonsense"),
        path: fc.constantFrom(
          "",
          "/",
          "/metadata/labels/x",
          "/spec/0/-1",
          "/data/~2",
          "/__proto__/polluted",
          "/constructor/prototype/polluted",
        ),
        from: fc.constantFrom("", "/metadata", "/data"),
        value: hostile,
      }),
      { maxLength: 5 },
    )
    .map((operations) => JSON.stringify(operations)),
  hostile.map((value) => JSON.stringify(value)),
);

/** Requests for things that are there and things that are not, with bodies that nearly fit. */
export const randomRequest: fc.Arbitrary<RandomRequest> = fc
  .record({
    sample: fc.constantFrom(...SAMPLES),
    name: fc.constantFrom("a", "b", "shape", "Bad_Name"),
    method: fc.constantFrom(
      "GET",
      "POST",
      "POST",
      "PUT",
      "PATCH",
      "PATCH",
      "DELETE",
      "HEAD",
      "OPTIONS",
      "TRACE",
    ),
    rest: fc.array(segment, { maxLength: 2 }),
    query,
    contentType,
    accept,
    withName: fc.boolean(),
  })
  .chain(({ sample: [collection, object], name, method, rest, query: parameters, withName, ...types }) => {
    const path = [collection, ...(withName ? [name] : []), ...rest.slice(withName ? 1 : 2)].join("/");
    const whole = mutated({ metadata: metadata(name), ...object });
    const body = method === "PATCH" ? fc.oneof(patchBody, whole) : whole;
    const bodiless = method === "GET" || method === "HEAD";
    return (bodiless ? fc.constant(undefined) : body).map((text) => ({
      method,
      path: `${path}${parameters}`,
      headers: { "content-type": types.contentType, accept: types.accept },
      body: text,
    }));
  });
