import type { Json } from "../api.js";
import { answers, type Check, check, eventually, holds, like, same } from "../check.js";
import { define } from "../definitions.js";
import { RESOURCES } from "../facts.js";
import { succeeded } from "../tools.js";

const OPENAPI = "concepts/overview/kubernetes-api: OpenAPI interface definition";
const VERSIONS = new Set(
  RESOURCES.trim()
    .split("\n")
    .map((line) => line.split("|")[0]?.trim() ?? ""),
);

const openapi: readonly Check[] = [
  check("/openapi/v3 names a document of each group version", OPENAPI, async ({ api }) => {
    const { paths } = answers(await api.get("/openapi/v3"));
    for (const path of ["api/v1", "apis/apps/v1", "apis/batch/v1"]) {
      holds(
        /\?hash=[0-9A-F]{128}$/.test(paths[path]?.serverRelativeURL),
        `${path} has an address with a hash`,
      );
    }
  }),
  check("a document under its hash may be kept for ever", OPENAPI, async ({ api }) => {
    const { paths } = answers(await api.get("/openapi/v3"));
    const answer = await api.get(paths["apis/batch/v1"].serverRelativeURL);
    answers(answer);
    holds(String(answer.headers["cache-control"]).startsWith("public, immutable"), "cache-control allows it");
    same(
      (
        await api.get(paths["apis/batch/v1"].serverRelativeURL, {
          headers: { "if-none-match": String(answer.headers.etag) },
        })
      ).code,
      304,
      "the code",
    );
  }),
  check("a document under a wrong hash sends to the right one", OPENAPI, async ({ api }) => {
    const answer = await api.get("/openapi/v3/apis/batch/v1?hash=0000");
    same(answer.code, 301, "the code");
    holds(/\?hash=[0-9A-F]{128}$/.test(String(answer.headers.location)), "the location has the hash");
  }),
  check("a document that does not exist is 404", OPENAPI, async ({ api }) => {
    same((await api.get("/openapi/v3/apis/none.example.com/v1")).code, 404, "the code");
  }),
  check(
    "patches of a built-in kind take strategic merge patches, of a custom one not",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      const types = async (path: string, url: string) =>
        Object.keys(answers(await trial.api.get(path)).paths[url].patch.requestBody.content);
      const built = await types("/openapi/v3/api/v1", "/api/v1/namespaces/{namespace}/configmaps/{name}");
      holds(built.includes("application/strategic-merge-patch+json"), "configmaps take it");
      const { group, plural } = await define(trial);
      await eventually(async () => {
        const custom = await types(
          `/openapi/v3/apis/${group}/v1`,
          `/apis/${group}/v1/namespaces/{namespace}/${plural}/{name}`,
        );
        same(
          [...custom].sort(),
          ["application/apply-patch+yaml", "application/json-patch+json", "application/merge-patch+json"],
          "the custom kind's types",
        );
      });
    },
  ),
  check(
    "operations name their kind, action and fieldValidation",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api }) => {
      const { paths } = answers(await api.get("/openapi/v3/apis/apps/v1"));
      const { patch } = paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"];
      like(patch, {
        "x-kubernetes-action": "patch",
        "x-kubernetes-group-version-kind": { group: "apps", version: "v1", kind: "Deployment" },
      });
      holds(
        patch.parameters.some(({ name }: Json) => name === "fieldValidation"),
        "fieldValidation is a parameter",
      );
    },
  ),
  check(
    "schemas carry list types, merge keys and int-or-string",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api }) => {
      const { components } = answers(await api.get("/openapi/v3/api/v1"));
      like(components.schemas["io.k8s.api.core.v1.ServiceSpec"].properties.ports, {
        type: "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["port", "protocol"],
        "x-kubernetes-patch-merge-key": "port",
        "x-kubernetes-patch-strategy": "merge",
      });
      like(components.schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"], {
        format: "int-or-string",
      });
      like(components.schemas["io.k8s.api.core.v1.Pod"]["x-kubernetes-group-version-kind"], [
        { group: "", version: "v1", kind: "Pod" },
      ]);
    },
  ),
  check(
    "what is never absent has a default, of structs and of elements",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api }) => {
      const { schemas } = answers(await api.get("/openapi/v3/apis/apps/v1")).components;
      const ref = (name: string) => ({ $ref: `#/components/schemas/io.k8s.api.${name}` });
      like(schemas["io.k8s.api.apps.v1.Deployment"].properties.spec, {
        default: {},
        allOf: [ref("apps.v1.DeploymentSpec")],
      });
      like(schemas["io.k8s.api.core.v1.PodSpec"].properties.containers.items, {
        default: {},
        allOf: [ref("core.v1.Container")],
      });
      same(schemas["io.k8s.api.core.v1.Container"].properties.args.items.default, "", "of an argument");
      same(
        schemas["io.k8s.api.core.v1.PodSpec"].properties.securityContext.default,
        undefined,
        "of a field that may be absent",
      );
      const { definitions } = answers(await api.get("/openapi/v2"));
      same(
        definitions["io.k8s.api.core.v1.ContainerPort"].properties.protocol.default,
        undefined,
        "in the second edition",
      );
    },
  ),
  check(
    "deletions take options and answer with a status, of some kinds with the object",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api }) => {
      const { paths } = answers(await api.get("/openapi/v3/api/v1"));
      const deletion = (resource: string) =>
        paths[`/api/v1/namespaces/{namespace}/${resource}/{name}`].delete;
      const type = ({ content }: Json) => Object.values<Json>(content)[0].schema.$ref.split(".").pop();
      same(type(deletion("configmaps").requestBody), "DeleteOptions", "what is sent");
      same(type(deletion("configmaps").responses["200"]), "Status", "the answer of a config map");
      same(type(deletion("pods").responses["202"]), "Pod", "the answer of a pod");
    },
  ),
  check(
    "parts of objects have operations, under the kinds of the parts",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api }) => {
      const { paths } = answers(await api.get("/openapi/v3/apis/apps/v1"));
      like(paths["/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"].patch, {
        operationId: "patchAppsV1NamespacedDeploymentScale",
        "x-kubernetes-group-version-kind": { group: "autoscaling", version: "v1", kind: "Scale" },
      });
      const core = answers(await api.get("/openapi/v3/api/v1")).paths;
      like(core["/api/v1/namespaces/{namespace}/pods/{name}/eviction"].post, {
        "x-kubernetes-group-version-kind": { group: "policy", version: "v1", kind: "Eviction" },
      });
    },
  ),
  check(
    "a document of the third edition is refused to who does not take JSON",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api }) => {
      const answer = await api.get("/openapi/v3/apis/batch/v1", { headers: { accept: "text/html" } });
      same([answer.code, answer.text], [406, ""], "the answer");
    },
  ),
  check("a document of the third edition comes as protobuf too", OPENAPI, async ({ api }) => {
    const accept = "application/com.github.proto-openapi.spec.v3@v1.0+protobuf";
    const answer = await api.get("/openapi/v3/apis/apps/v1", { headers: { accept } });
    same(
      [answer.code, answer.headers["content-type"]],
      [200, "application/com.github.proto-openapi.spec.v3.v1.0+protobuf"],
      "the answer",
    );
    holds(answer.text.includes("io.k8s.api.apps.v1.Deployment"), "a type is in it");
  }),
  check(
    "kubectl explain tells what apiVersion and metadata mean",
    "reference/kubectl/generated/kubectl_explain",
    async ({ tools }) => {
      const version = succeeded(await tools.kubectl(["explain", "configmap.apiVersion"]));
      holds(/versioned schema of this representation/.test(version), "the version is described");
      const list = succeeded(await tools.kubectl(["explain", "configmap"]));
      holds(/^ +metadata\s+<ObjectMeta>/m.test(list), "the metadata is told");
    },
  ),
  check("/openapi/v2 is one swagger document with an ETag", OPENAPI, async ({ api }) => {
    const answer = await api.get("/openapi/v2");
    like(answers(answer), {
      swagger: "2.0",
      definitions: { "io.k8s.api.apps.v1.Deployment": { type: "object" } },
    });
    const again = await api.get("/openapi/v2", { headers: { "if-none-match": String(answer.headers.etag) } });
    if (again.headers.etag === answer.headers.etag) same(again.code, 304, "the code");
  }),
  check("/openapi/v2 comes as protobuf too", OPENAPI, async ({ api }) => {
    const accept = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    const answer = await api.get("/openapi/v2", { headers: { accept } });
    same(answer.code, 200, "the code");
    same(
      answer.headers["content-type"],
      "application/com.github.proto-openapi.spec.v2.v1.0+protobuf",
      "the content type",
    );
    for (const text of ["io.k8s.api.apps.v1.Deployment", "x-kubernetes-patch-merge-key"]) {
      holds(answer.text.includes(text), `${text} is in it`);
    }
    const tag = String(answer.headers.etag);
    const again = await api.get("/openapi/v2", { headers: { accept, "if-none-match": tag } });
    if (again.headers.etag === tag) same(again.code, 304, "the code");
  }),
  check("/openapi/v2 comes in the form that a client prefers", OPENAPI, async ({ api }) => {
    const proto = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    const ask = (accept: string) => api.get("/openapi/v2", { headers: { accept } });
    for (const [accept, type] of [
      [`${proto},application/json;q=0.5`, proto],
      [`${proto};q=0.5,application/json`, "application/json"],
      ["application/*", "application/json"],
    ] as const) {
      same((await ask(accept)).headers["content-type"], type, `the type for ${accept}`);
    }
    const refused = await ask("text/html");
    same([refused.code, refused.text], [406, ""], "the answer where there is no such form");
  }),
];

const asked: readonly Check[] = [
  check(
    "kubectl api-resources prints names, short names, versions and kinds",
    "reference/kubectl/generated/kubectl_api-resources",
    async ({ tools }) => {
      const text = succeeded(await tools.kubectl(["api-resources", "--no-headers"]));
      for (const line of [
        /^configmaps\s+cm\s+v1\s+true\s+ConfigMap$/m,
        /^deployments\s+deploy\s+apps\/v1\s+true\s+Deployment$/m,
        /^nodes\s+no\s+v1\s+false\s+Node$/m,
      ]) {
        holds(line.test(text), `a line is like ${line}`);
      }
    },
  ),
  check(
    "kubectl api-resources narrows by verb, group and category",
    "reference/kubectl/generated/kubectl_api-resources",
    async ({ tools }) => {
      const all = succeeded(await tools.kubectl(["api-resources", "--categories=all", "-o", "name"]))
        .trim()
        .split("\n");
      same(
        all.filter((name) => !name.includes("example")).sort(),
        [
          "cronjobs.batch",
          "daemonsets.apps",
          "deployments.apps",
          "horizontalpodautoscalers.autoscaling",
          "jobs.batch",
          "pods",
          "replicasets.apps",
          "replicationcontrollers",
          "services",
          "statefulsets.apps",
        ],
        "the category all",
      );
      const reviews = succeeded(
        await tools.kubectl([
          "api-resources",
          "--api-group=authentication.k8s.io",
          "--verbs=create",
          "-o",
          "name",
        ]),
      );
      same(
        reviews.trim().split("\n").sort(),
        ["selfsubjectreviews.authentication.k8s.io", "tokenreviews.authentication.k8s.io"],
        "the group",
      );
    },
  ),
  check(
    "kubectl api-versions lists group versions",
    "reference/kubectl/generated/kubectl_api-versions",
    async ({ tools }) => {
      const versions = succeeded(await tools.kubectl(["api-versions"]))
        .trim()
        .split("\n");
      for (const version of VERSIONS) holds(versions.includes(version), `${version} is listed`);
    },
  ),
  check(
    "kubectl explain knows fields of built-in kinds",
    "reference/kubectl/generated/kubectl_explain",
    async ({ tools }) => {
      const field = succeeded(
        await tools.kubectl(["explain", "deployment.spec.strategy.rollingUpdate.maxSurge"]),
      );
      holds(
        /KIND: +Deployment/.test(field) && /FIELD: maxSurge <IntOrString>/.test(field),
        "kind and type are told",
      );
      holds(
        /^ +replicas\s+<integer>/m.test(succeeded(await tools.kubectl(["explain", "deployment.spec"]))),
        "the fields are told",
      );
      const missing = await tools.kubectl(["explain", "pod.spec.nothing"]);
      holds(
        missing.code === 1 && missing.stderr.includes('field "nothing" does not exist'),
        "a missing field is told",
      );
    },
  ),
  check(
    "kubectl version tells the server's",
    "reference/kubectl/generated/kubectl_version",
    async ({ tools }) => {
      holds(
        /Server Version: v1\.35\./.test(succeeded(await tools.kubectl(["version"]))),
        "the server's version is told",
      );
    },
  ),
  check(
    "kubectl get of a category lists all of its kinds",
    "reference/kubectl/generated/kubectl_get",
    async (trial) => {
      await trial.api.post(trial.path("services"), {
        metadata: { name: trial.name },
        spec: { ports: [{ port: 80 }] },
      });
      const text = succeeded(await trial.tools.kubectl(["get", "all", "-n", trial.ns, "-o", "name"]));
      holds(text.includes(`service/${trial.name}`), "the service is among all");
    },
  ),
];

export const openapiAndClients: readonly Check[] = [...openapi, ...asked];
