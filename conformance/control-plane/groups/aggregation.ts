import type { Json } from "../api.js";
import { Answered, Backend } from "../backend.js";
import { answers, type Check, check, eventually, holds, like, same, type Trial } from "../check.js";
import { DEFINITIONS, definitionBody } from "../definitions.js";
import { succeeded } from "../tools.js";

const LAYER = "concepts/extend-kubernetes/api-extension/apiserver-aggregation";
const TASK = "tasks/extend-kubernetes/configure-aggregation-layer";
const OWN = "observed on a kube-apiserver 1.35: APIServices";
const NAMESPACES = "observed on a namespace controller of Kubernetes 1.35";
const APISERVICES = "/apis/apiregistration.k8s.io/v1/apiservices";
const AUTOMANAGED = "kube-aggregator.kubernetes.io/automanaged";

async function conditionOf({ api }: Trial, name: string): Promise<Json> {
  const { status } = answers(await api.get(`${APISERVICES}/${name}`));
  return status.conditions?.find((each: Json) => each.type === "Available");
}

const becomes = (trial: Trial, name: string, condition: Json) =>
  eventually(async () => like(await conditionOf(trial, name), condition));

/** Registers `v1` of a group of the check's own, with a Service in its namespace. */
async function register(
  trial: Trial,
  port?: number,
): Promise<{ readonly group: string; readonly name: string }> {
  const group = `${trial.name}.example.com`;
  const name = `v1.${group}`;
  trial.after(() => trial.api.delete(`${APISERVICES}/${name}`));
  const spec = {
    group,
    version: "v1",
    groupPriorityMinimum: 1000,
    versionPriority: 15,
    insecureSkipTLSVerify: true,
    service: { namespace: trial.ns, name: trial.name, ...(port === undefined ? {} : { port }) },
  };
  answers(await trial.api.post(APISERVICES, { metadata: { name }, spec }), 201);
  return { group, name };
}

const service = async ({ api, path, name }: Trial, spec: object) =>
  answers(await api.post(path("services"), { metadata: { name }, spec }), 201);

/** A registered API with a server of its own, once it is available. */
async function served(
  trial: Trial,
  answer: (path: string, method: string) => unknown = () => undefined,
): Promise<{ readonly group: string; readonly backend: Backend }> {
  const group = `${trial.name}.example.com`;
  const verbs = ["get", "list", "delete", "deletecollection"];
  const documents: Record<string, unknown> = {
    [`/apis/${group}/v1`]: {
      kind: "APIResourceList",
      apiVersion: "v1",
      groupVersion: `${group}/v1`,
      resources: [{ name: "orders", singularName: "order", namespaced: true, kind: "Order", verbs }],
    },
    [`/apis/${group}/v1/namespaces/${trial.ns}/orders`]: orderList(group, trial.ns, ["one"]),
  };
  const backend = await Backend.start((path, method) => answer(path, method) ?? documents[path]);
  trial.after(() => backend.close());
  await service(trial, { type: "ExternalName", externalName: "localhost" });
  const { name } = await register(trial, backend.port);
  await becomes(trial, name, { status: "True", reason: "Passed", message: "all checks passed" });
  return { group, backend };
}

const orderList = (group: string, namespace: string, names: readonly string[], finalizers?: string[]) => ({
  kind: "OrderList",
  apiVersion: `${group}/v1`,
  metadata: {},
  items: names.map((name) => ({
    kind: "Order",
    apiVersion: `${group}/v1`,
    metadata: { name, namespace, ...(finalizers === undefined ? {} : { finalizers }) },
  })),
});

/** Waits until a namespace says this of its deletion. */
const tells = ({ api, name }: Trial, wanted: Readonly<Record<string, readonly [string, string, string]>>) =>
  eventually(async () => {
    const { conditions = [] } = answers(await api.get(`/api/v1/namespaces/${name}`)).status;
    const found = conditions.map(({ type, status, reason, message }: Json) => [
      type,
      [status, reason, message],
    ]);
    like(Object.fromEntries(found), wanted);
  }, 25_000);

/** The versions of a group in aggregated discovery. */
async function discovered({ api }: Trial, group: string): Promise<Json> {
  const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  const { items } = answers(await api.get("/apis", { headers: { accept } }));
  return items.find((each: Json) => each.metadata.name === group)?.versions;
}

export const aggregation: readonly Check[] = [
  check("what the API serves itself is registered, and always available", OWN, async (trial) => {
    const registered = answers(await trial.api.get(`${APISERVICES}/v1.apps`));
    like(registered, {
      metadata: { labels: { [AUTOMANAGED]: "onstart" } },
      spec: { group: "apps", version: "v1", groupPriorityMinimum: 17_800, versionPriority: 15 },
    });
    like(await conditionOf(trial, "v1.apps"), {
      status: "True",
      reason: "Local",
      message: "Local APIServices are always available",
    });
    like(answers(await trial.api.get(`${APISERVICES}/v1.`)).spec, {
      group: undefined,
      version: "v1",
      groupPriorityMinimum: 18_000,
    });
    same((await trial.api.get(`${APISERVICES}/v1.apiregistration.k8s.io`)).code, 404, "the code");
  }),
  check("versions of custom resources are registered for as long as they are served", OWN, async (trial) => {
    const { api } = trial;
    const group = `${trial.name}.example.com`;
    const { spec } = definitionBody(trial);
    const metadata = { name: `${spec.names.plural}.${group}` };
    const definition = `${DEFINITIONS}/${metadata.name}`;
    trial.after(() => api.delete(definition));
    answers(await api.post(DEFINITIONS, { metadata, spec: { ...spec, group } }), 201);
    const name = `v1.${group}`;
    await eventually(async () => {
      const found = answers(await api.get(`${APISERVICES}/${name}`));
      like(found, {
        metadata: { labels: { [AUTOMANAGED]: "true" } },
        spec: { group, version: "v1", groupPriorityMinimum: 1000, versionPriority: 100 },
      });
    });
    const { uid } = answers(await api.get(`${APISERVICES}/${name}`)).metadata;
    await api.delete(`${APISERVICES}/${name}`);
    await eventually(async () => {
      const again = answers(await api.get(`${APISERVICES}/${name}`));
      holds(again.metadata.uid !== uid, "it is another one");
    });
    answers(await api.delete(definition));
    await eventually(async () => answers(await api.get(`${APISERVICES}/${name}`), 404));
  }),
  check(
    "an API without its Service is not available, and 503",
    `${LAYER}: Response latency`,
    async (trial) => {
      const { group, name } = await register(trial);
      await becomes(trial, name, {
        status: "False",
        reason: "ServiceNotFound",
        message: `service/${trial.name} in "${trial.ns}" is not present`,
      });
      for (const path of [`/apis/${group}/v1`, `/apis/${group}/v1/orders`]) {
        const answer = await trial.api.get(path);
        same([answer.code, answer.text], [503, "service unavailable\n"], "the answer");
      }
    },
  ),
  check("what leads to a server is told by what is missing", OWN, async (trial) => {
    const { api, path, ns } = trial;
    const { name } = await register(trial);
    const named = `service/${trial.name} in "${ns}"`;
    await service(trial, { ports: [{ name: "other", port: 8443 }] });
    await becomes(trial, name, {
      reason: "ServicePortError",
      message: `${named} is not listening on port 443`,
    });
    answers(await api.delete(`${path("services")}/${trial.name}`));
    await service(trial, { ports: [{ name: "https", port: 443 }] });
    await becomes(trial, name, {
      reason: "EndpointsNotFound",
      message: `cannot find endpointslices for ${named}`,
    });
    const slice = {
      metadata: { name: trial.name, labels: { "kubernetes.io/service-name": trial.name } },
      addressType: "IPv4",
      ports: [{ name: "other", port: 8443 }],
      endpoints: [{ addresses: ["192.0.2.1"] }],
    };
    answers(await api.post(path("endpointslices", "discovery.k8s.io/v1"), slice), 201);
    await becomes(trial, name, {
      reason: "MissingEndpoints",
      message: `endpointslices for ${named} have no addresses with port name "https"`,
    });
  }),
  check("a server that refuses connections is told", OWN, async (trial) => {
    const backend = await Backend.start(() => undefined);
    const { port } = backend;
    backend.close();
    await service(trial, { type: "ExternalName", externalName: "localhost" });
    const { group, name } = await register(trial, port);
    const url = `https://localhost:${port}/apis/${group}/v1`;
    await becomes(trial, name, {
      status: "False",
      reason: "FailedDiscoveryCheck",
      message: `failing or missing response from ${url}: Get "${url}": dial tcp 127.0.0.1:${port}: connect: connection refused`,
    });
  }),
  check("a group is listed whether its server is there or not", LAYER, async (trial) => {
    const { api } = trial;
    const { group, name } = await register(trial);
    await becomes(trial, name, { status: "False" });
    const version = { groupVersion: `${group}/v1`, version: "v1" };
    like(answers(await api.get(`/apis/${group}`)), {
      kind: "APIGroup",
      name: group,
      versions: [version],
      preferredVersion: version,
    });
    await eventually(async () => {
      like(await discovered(trial, group), [{ version: "v1", freshness: "Stale", resources: undefined }]);
    });
  }),
  check(
    "requests go to the server, in the name of who asks",
    `${TASK}: Kubernetes Apiserver Authentication and Authorization`,
    async (trial) => {
      const { group, backend } = await served(trial);
      const list = answers(await trial.api.get(`/apis/${group}/v1/namespaces/${trial.ns}/orders?limit=5`));
      like(list, { kind: "OrderList", items: [{ metadata: { name: "one" } }] });
      const asked = backend.asked.findLast(({ url }) => url.includes("/orders"));
      like(asked, {
        method: "GET",
        url: /limit=5/,
        headers: { "x-remote-user": /./, authorization: undefined },
      });
      holds(String(asked?.headers["x-remote-group"]).includes("system:authenticated"), "groups are told");
      answers(await trial.api.get(`/apis/${group}/v1/namespaces/${trial.ns}/others`), 404);
    },
  ),
  check("nobody reaches a server past authorization", TASK, async (trial) => {
    const { group, backend } = await served(trial);
    const path = `/apis/${group}/v1/namespaces/${trial.ns}/orders`;
    answers(await trial.api.get(path, { as: trial.name }), 403);
    answers(await trial.api.get(path, { token: "wrong" }), 401);
    holds(!backend.asked.some(({ url }) => url.includes("/orders")), "the server was not asked");
  }),
  check("an API of another server is in discovery, and kubectl reads it", LAYER, async (trial) => {
    const { group } = await served(trial);
    await eventually(async () => {
      like(await discovered(trial, group), [
        { version: "v1", freshness: "Current", resources: [{ resource: "orders", scope: "Namespaced" }] },
      ]);
    });
    const args = ["get", `orders.${group}`, "-n", trial.ns, "-o", "name"];
    same(succeeded(await trial.tools.kubectl(args)).trim(), `order.${group}/one`, "the names");
  }),
  check(
    "a namespace takes what another server holds with it",
    NAMESPACES,
    async (trial) => {
      const { api, name } = trial;
      let finalizers: string[] | undefined = ["example.com/hold"];
      let there = true;
      const { group, backend } = await served(trial, (path, method) => {
        if (!path.includes(`/namespaces/${name}/orders`)) return undefined;
        if (method === "DELETE" && finalizers === undefined) there = false;
        return orderList(group, name, there ? ["one"] : [], finalizers);
      });
      answers(await api.post("/api/v1/namespaces", { metadata: { name } }), 201);
      answers(await api.delete(`/api/v1/namespaces/${name}`));
      await tells(trial, {
        NamespaceDeletionDiscoveryFailure: [
          "False",
          "ResourcesDiscovered",
          "All resources successfully discovered",
        ],
        NamespaceContentRemaining: [
          "True",
          "SomeResourcesRemain",
          `Some resources are remaining: orders.${group} has 1 resource instances`,
        ],
        NamespaceFinalizersRemaining: [
          "True",
          "SomeFinalizersRemain",
          "Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances",
        ],
      });
      finalizers = undefined;
      await eventually(async () => answers(await api.get(`/api/v1/namespaces/${name}`), 404), 40_000);
      const url = `/apis/${group}/v1/namespaces/${name}/orders`;
      holds(
        backend.asked.some((each) => each.method === "DELETE" && each.url === url),
        "the collection was deleted",
      );
    },
    "controllers",
  ),
  check(
    "a namespace stays while another server does not delete, and tells what that says",
    NAMESPACES,
    async (trial) => {
      const { api, name } = trial;
      let broken = true;
      const { group } = await served(trial, (path, method) => {
        if (!path.includes(`/namespaces/${name}/orders`)) return undefined;
        if (method !== "DELETE" || !broken) return orderList(group, name, []);
        return new Answered(500, { kind: "Status", status: "Failure", message: "no room", code: 500 });
      });
      answers(await api.post("/api/v1/namespaces", { metadata: { name } }), 201);
      answers(await api.delete(`/api/v1/namespaces/${name}`));
      await tells(trial, {
        NamespaceDeletionContentFailure: [
          "True",
          "ContentDeletionFailed",
          "Failed to delete all resource types, 1 remaining: no room",
        ],
        NamespaceContentRemaining: ["False", "ContentRemoved", "All content successfully removed"],
      });
      broken = false;
      await eventually(async () => answers(await api.get(`/api/v1/namespaces/${name}`), 404), 40_000);
    },
    "controllers",
  ),
];
