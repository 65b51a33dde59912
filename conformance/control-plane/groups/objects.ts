import { MERGE_PATCH } from "../api.js";
import { answers, type Check, check, eventually, holds, like, refuses, same } from "../check.js";
import { configMap, deployment, pod, service } from "../samples.js";

const NAMES = "concepts/overview/working-with-objects/names";

const SERVICES = "concepts/services-networking/service";

const naming: readonly Check[] = [
  check(
    "generateName gives a name with five characters behind it",
    "reference/using-api/api-concepts: Generated values",
    async ({ api, path, name }) => {
      const { metadata } = answers(
        await api.post(path("configmaps"), { metadata: { generateName: `${name}-` } }),
        201,
      );
      like(metadata, {
        generateName: `${name}-`,
        name: new RegExp(`^${name}-[bcdfghjklmnpqrstvwxz2456789]{5}$`),
      });
    },
  ),
  check(
    "a long base is cut before the characters",
    "observed on a kube-apiserver 1.35: metadata-lifecycle",
    async ({ api, path }) => {
      const { metadata } = answers(
        await api.post(path("configmaps"), { metadata: { generateName: "a".repeat(250) } }),
        201,
      );
      same(metadata.name.length <= 253 && metadata.name.length >= 63, true, "the length");
    },
  ),
  check("an object without a name is refused", NAMES, async ({ api, path }) => {
    like(
      refuses(
        await api.post(path("configmaps"), { metadata: {} }),
        422,
        "metadata.name: Required value: name or generateName is required",
      ),
      {
        reason: "Invalid",
        details: { kind: "ConfigMap", causes: [{ reason: "FieldValueRequired", field: "metadata.name" }] },
      },
    );
  }),
  check("a second object of a name is 409", NAMES, async ({ api, path, name }) => {
    await api.post(path("configmaps"), configMap(name));
    const status = refuses(
      await api.post(path("configmaps"), configMap(name)),
      409,
      `configmaps "${name}" already exists`,
    );
    like(status, { reason: "AlreadyExists", details: { name, kind: "configmaps" } });
  }),
  check("names of RBAC objects may have colons", NAMES, async ({ api, path, name }) => {
    answers(
      await api.post(path("roles", "rbac.authorization.k8s.io/v1"), {
        metadata: { name: `a:${name}` },
        rules: [],
      }),
      201,
    );
  }),
  check(
    "the server sets uid, time and version, whatever is sent",
    "concepts/overview/working-with-objects/names: UIDs",
    async ({ api, path, name }) => {
      const sent = {
        name,
        uid: "mine",
        creationTimestamp: "2001-01-01T00:00:00Z",
        deletionTimestamp: "2001-01-01T00:00:00Z",
        selfLink: "/x",
      };
      const { metadata } = answers(await api.post(path("configmaps"), { metadata: sent }), 201);
      like(metadata, {
        uid: /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        creationTimestamp: /^20[2-9]\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
        deletionTimestamp: undefined,
        selfLink: undefined,
      });
    },
  ),
  check(
    "a resourceVersion is not for creating",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      refuses(
        await api.post(path("configmaps"), configMap(name, {}, { resourceVersion: "5" })),
        500,
        "resourceVersion should not be set on objects to be created",
      );
    },
  ),
  check(
    "name and namespace of the body are those of the address",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      await api.post(path("configmaps"), configMap(name));
      const at = `${path("configmaps")}/${name}`;
      refuses(
        await api.put(at, configMap("other")),
        400,
        `the name of the object (other) does not match the name on the URL (${name})`,
      );
      refuses(
        await api.put(at, configMap(name, {}, { namespace: "other" })),
        400,
        "the namespace of the provided object does not match the namespace sent on the request",
      );
      refuses(
        await api.put(at, { apiVersion: "v1", kind: "ConfigMap", metadata: {} }),
        400,
        "name must be provided",
      );
    },
  ),
  check(
    "an object of another kind or version is 400",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      refuses(
        await api.post(path("configmaps"), pod(name)),
        400,
        'Pod in version "v1" cannot be handled as a ConfigMap',
      );
      refuses(
        await api.post(path("deployments", "apps/v1"), { ...deployment(name), apiVersion: "apps/v1beta1" }),
        400,
        "the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)",
      );
    },
  ),
  check(
    "kind and version may be left out for built-in kinds",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      like(answers(await api.post(path("configmaps"), { metadata: { name }, data: { a: "b" } }), 201), {
        kind: "ConfigMap",
        apiVersion: "v1",
      });
    },
  ),
  check(
    "a value of the wrong type is 400",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      refuses(
        await api.post(path("configmaps"), { metadata: { name }, data: { a: 1 } }),
        400,
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
      );
    },
  ),
  check("what is no JSON is 400", "observed on a kube-apiserver 1.35: requests", async ({ api, path }) => {
    refuses(
      await api.post(path("configmaps"), "{not json"),
      400,
      "invalid character 'n' looking for beginning of object key string",
    );
  }),
  check(
    "an unknown media type is 415",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path }) => {
      const status = refuses(
        await api.post(path("configmaps"), "x", { headers: { "content-type": "text/plain" } }),
        415,
        "the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf",
      );
      same(status.reason, "UnsupportedMediaType", "the reason");
    },
  ),
  check(
    "a body may be YAML, and an answer too",
    "reference/using-api/api-concepts: Alternate representations of resources",
    async ({ api, path, name }) => {
      const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: "1"\n`;
      const answer = await api.post(path("configmaps"), text, {
        headers: { "content-type": "application/yaml", accept: "application/yaml" },
      });
      same([answer.code, answer.headers["content-type"]], [201, "application/yaml"], "the answer");
      holds(
        answer.text.startsWith('apiVersion: v1\ndata:\n  a: "1"\nkind: ConfigMap\n'),
        "the object is YAML",
      );
    },
  ),
  check(
    "an Accept that nothing fits is 406",
    "reference/using-api/api-concepts: Alternate representations of resources",
    async ({ api, path }) => {
      refuses(
        await api.get(path("configmaps"), { headers: { accept: "text/html" } }),
        406,
        "application/json, application/yaml",
      );
    },
  ),
  check(
    "JSON is indented for people",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      await api.post(path("configmaps"), configMap(name));
      const at = `${path("configmaps")}/${name}`;
      holds(
        (await api.get(`${at}?pretty=true`)).text.startsWith('{\n  "kind": "ConfigMap",\n'),
        "pretty=true indents",
      );
      holds(
        (await api.get(at, { headers: { "user-agent": "curl/8" } })).text.startsWith("{\n  "),
        "curl gets it indented",
      );
      holds((await api.get(at)).text.startsWith('{"kind":"ConfigMap",'), "others do not");
    },
  ),
  check(
    "more than three megabytes are 413",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      const answer = await api.post(path("configmaps"), configMap(name, { a: "x".repeat(3_200_000) }));
      same([answer.code, answer.json?.reason], [413, "RequestEntityTooLarge"], "the answer");
    },
  ),
  check(
    "a ConfigMap of more than one megabyte is refused",
    "concepts/configuration/configmap: Motivation",
    async ({ api, path, name }) => {
      refuses(
        await api.post(path("configmaps"), configMap(name, { a: "x".repeat(1_100_000) })),
        422,
        "may not be more than 1048576 bytes",
      );
    },
  ),
  check(
    "annotations are limited to 256 KiB",
    "observed on a kube-apiserver 1.35: metadata-lifecycle",
    async ({ api, path, name }) => {
      refuses(
        await api.post(path("configmaps"), configMap(name, {}, { annotations: { a: "x".repeat(262_200) } })),
        422,
        "metadata.annotations: Too long: may not be more than 262144 bytes",
      );
    },
  ),
];

const secretsAndServices: readonly Check[] = [
  check(
    "an immutable ConfigMap or Secret stays as it is",
    "concepts/configuration/configmap: Immutable ConfigMaps",
    async ({ api, path, name }) => {
      await api.post(path("configmaps"), { ...configMap(name), immutable: true });
      const at = `${path("configmaps")}/${name}`;
      refuses(
        await api.patch(at, MERGE_PATCH, { data: { a: "2" } }),
        422,
        "data: Forbidden: field is immutable when `immutable` is set",
      );
      refuses(await api.patch(at, MERGE_PATCH, { immutable: false }), 422, "immutable: Forbidden");
      answers(await api.patch(at, MERGE_PATCH, { metadata: { labels: { a: "b" } } }));
    },
  ),
  check(
    "a secret's type stays",
    "concepts/configuration/secret: Types of Secret",
    async ({ api, path, name }) => {
      await api.post(path("secrets"), { metadata: { name }, type: "a" });
      refuses(
        await api.patch(`${path("secrets")}/${name}`, MERGE_PATCH, { type: "b" }),
        422,
        'type: Invalid value: "b": field is immutable',
      );
    },
  ),
  check(
    "stringData is written, never read",
    "concepts/configuration/secret: Restrictions on Secret names and data",
    async ({ api, path, name }) => {
      await api.post(path("secrets"), { metadata: { name }, data: { a: "eA==" } });
      const patched = answers(
        await api.patch(`${path("secrets")}/${name}`, MERGE_PATCH, { stringData: { a: "new", b: "more" } }),
      );
      like(patched, { stringData: undefined, data: { a: "bmV3", b: "bW9yZQ==" } });
    },
  ),
  check(
    "services get addresses of the range, each its own",
    `${SERVICES}: Choosing your own IP address`,
    async ({ api, path, name }) => {
      const ips = new Set<string>();
      for (const each of ["a", "b", "c"]) {
        const { spec } = answers(await api.post(path("services"), service(`${name}${each}`)), 201);
        like(spec, { clusterIP: /^10\./, clusterIPs: [spec.clusterIP] });
        ips.add(spec.clusterIP);
      }
      same(ips.size, 3, "the number of addresses");
    },
  ),
  check(
    "an address is given once, and kept over updates",
    `${SERVICES}: Choosing your own IP address`,
    async ({ api, path, name }) => {
      const { spec } = answers(await api.post(path("services"), service(name)), 201);
      refuses(
        await api.post(path("services"), service(`${name}b`, { clusterIP: spec.clusterIP })),
        422,
        "spec.clusterIPs: Invalid value",
        "provided IP is already allocated",
      );
      like(answers(await api.put(`${path("services")}/${name}`, service(name))), {
        spec: { clusterIP: spec.clusterIP },
      });
      refuses(
        await api.patch(`${path("services")}/${name}`, MERGE_PATCH, {
          spec: { clusterIP: "10.96.200.200", clusterIPs: ["10.96.200.200"] },
        }),
        422,
        "may not change once set",
      );
    },
  ),
  check("a node port is given once", `${SERVICES}: Choosing your own port`, async ({ api, path, name }) => {
    const { spec } = answers(await api.post(path("services"), service(name, { type: "NodePort" })), 201);
    const [{ nodePort }] = spec.ports;
    holds(nodePort >= 30_000 && nodePort <= 32_767, "it is of the range");
    refuses(
      await api.post(
        path("services"),
        service(`${name}b`, { type: "NodePort", ports: [{ port: 1, nodePort }] }),
      ),
      422,
      "provided port is already allocated",
    );
  }),
  check(
    "a service that becomes ClusterIP gives its node port back",
    SERVICES,
    async ({ api, path, name }) => {
      await api.post(path("services"), service(name, { type: "NodePort" }));
      const patched = answers(
        await api.patch(`${path("services")}/${name}`, MERGE_PATCH, { spec: { type: "ClusterIP" } }),
      );
      like(patched.spec.ports, [{ nodePort: undefined }]);
    },
  ),
  check(
    "every namespace gets its service account and the authority's certificate",
    "concepts/security/service-accounts: Default service accounts",
    async ({ api, name, after }) => {
      await api.post("/api/v1/namespaces", { metadata: { name } });
      after(() => api.delete(`/api/v1/namespaces/${name}`));
      await eventually(async () => {
        answers(await api.get(`/api/v1/namespaces/${name}/serviceaccounts/default`));
        like(answers(await api.get(`/api/v1/namespaces/${name}/configmaps/kube-root-ca.crt`)), {
          data: { "ca.crt": /^-----BEGIN CERTIFICATE-----/ },
        });
      });
    },
    "controllers",
  ),
  check(
    "the API's own service and namespaces are there",
    "observed on a kube-apiserver 1.35: authn-authz",
    async ({ api }) => {
      like(answers(await api.get("/api/v1/namespaces/default/services/kubernetes")), {
        spec: { ports: [{ name: "https", port: 443 }] },
      });
      for (const each of ["default", "kube-system", "kube-public", "kube-node-lease"])
        answers(await api.get(`/api/v1/namespaces/${each}`));
      for (const [each, value] of [
        ["system-cluster-critical", 2_000_000_000],
        ["system-node-critical", 2_000_001_000],
      ] as const) {
        like(answers(await api.get(`/apis/scheduling.k8s.io/v1/priorityclasses/${each}`)), { value });
      }
      answers(await api.get("/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication"));
    },
  ),
  check(
    "a selector of a deployment stays",
    "concepts/workloads/controllers/deployment: Label selector updates",
    async ({ api, path, name }) => {
      await api.post(path("deployments", "apps/v1"), deployment(name, { replicas: 0 }));
      const other = {
        spec: { selector: { matchLabels: { app: "x" } }, template: { metadata: { labels: { app: "x" } } } },
      };
      refuses(
        await api.patch(`${path("deployments", "apps/v1")}/${name}`, MERGE_PATCH, other),
        422,
        "spec.selector: Invalid value",
        "field is immutable",
      );
    },
  ),
  check(
    "of a pod only images, deadlines and tolerations change",
    "concepts/workloads/pods: Pod update and replacement",
    async ({ api, path, name }) => {
      await api.post(path("pods"), pod(name, { schedulerName: "nobody" }));
      const at = `${path("pods")}/${name}`;
      const { spec } = answers(await api.get(at));
      answers(
        await api.put(at, {
          ...answers(await api.get(at)),
          spec: { ...spec, containers: [{ ...spec.containers[0], image: "app:2" }] },
        }),
      );
      refuses(
        await api.patch(at, MERGE_PATCH, { spec: { hostname: "other" } }),
        422,
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`",
      );
    },
  ),
  check(
    "a job's template stays",
    "concepts/workloads/controllers/job: Job template",
    async ({ api, path, name }) => {
      const body = {
        metadata: { name },
        spec: {
          suspend: true,
          template: { spec: { restartPolicy: "Never", containers: [{ name: "a", image: "i" }] } },
        },
      };
      const { spec } = answers(await api.post(path("jobs", "batch/v1"), body), 201);
      const patch = {
        spec: { template: { spec: { containers: [{ ...spec.template.spec.containers[0], image: "j" }] } } },
      };
      refuses(
        await api.patch(`${path("jobs", "batch/v1")}/${name}`, MERGE_PATCH, patch),
        422,
        "spec.template: Invalid value",
        "field is immutable",
      );
    },
  ),
  check(
    "a stateful set's storage stays",
    "concepts/workloads/controllers/statefulset: Limitations",
    async ({ api, path, name }) => {
      const spec = { serviceName: "s", replicas: 0, ...deployment(name).spec };
      await api.post(path("statefulsets", "apps/v1"), { metadata: { name }, spec });
      refuses(
        await api.patch(`${path("statefulsets", "apps/v1")}/${name}`, MERGE_PATCH, {
          spec: { serviceName: "t" },
        }),
        422,
        "spec: Forbidden: updates to statefulset spec for fields other than",
      );
    },
  ),
  check(
    "a binding's role stays",
    "reference/access-authn-authz/rbac: RoleBinding and ClusterRoleBinding",
    async ({ api, path, name }) => {
      const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "a" };
      await api.post(path("rolebindings", "rbac.authorization.k8s.io/v1"), { metadata: { name }, roleRef });
      refuses(
        await api.patch(`${path("rolebindings", "rbac.authorization.k8s.io/v1")}/${name}`, MERGE_PATCH, {
          roleRef: { name: "b" },
        }),
        422,
        "roleRef: Invalid value",
        "cannot change roleRef",
      );
    },
  ),
  check(
    "generation counts changes of the spec, not of labels",
    "observed on a kube-apiserver 1.35: metadata-lifecycle",
    async ({ api, path, name }) => {
      const at = `${path("replicasets", "apps/v1")}/${name}`;
      const { spec } = deployment(name, { replicas: 0 });
      like(answers(await api.post(path("replicasets", "apps/v1"), { metadata: { name }, spec }), 201), {
        metadata: { generation: 1 },
      });
      like(answers(await api.patch(at, MERGE_PATCH, { metadata: { labels: { a: "b" } } })), {
        metadata: { generation: 1 },
      });
      like(answers(await api.patch(at, MERGE_PATCH, { spec: { minReadySeconds: 3 } })), {
        metadata: { generation: 2 },
      });
    },
  ),
  check(
    "status and spec are written apart",
    "observed on a kube-apiserver 1.35: metadata-lifecycle",
    async ({ api, path, name }) => {
      const collection = path("ingresses", "networking.k8s.io/v1");
      const at = `${collection}/${name}`;
      const defaultBackend = { service: { name: "s", port: { number: 1 } } };
      const status = (ip: string) => ({ loadBalancer: { ingress: [{ ip }] } });
      const made = await api.post(collection, {
        metadata: { name },
        spec: { defaultBackend },
        status: status("10.0.0.1"),
      });
      like(answers(made, 201), { status: { loadBalancer: { ingress: undefined } } });
      const patch = { status: status("10.0.0.2"), spec: { ingressClassName: "x" } };
      like(answers(await api.patch(`${at}/status`, MERGE_PATCH, patch)), {
        status: status("10.0.0.2"),
        spec: { ingressClassName: undefined },
      });
      like(answers(await api.patch(at, MERGE_PATCH, { status: status("10.0.0.3") })), {
        status: status("10.0.0.2"),
      });
    },
  ),
];

export const objects: readonly Check[] = [...naming, ...secretsAndServices];
