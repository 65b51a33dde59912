import { APPLY_PATCH, type Json, MERGE_PATCH } from "../api.js";
import { deploymentAt, fieldsOf, mapAt } from "../applying.js";
import { answers, type Check, check, holds, like, refuses, same } from "../check.js";
import { define } from "../definitions.js";
import { configMap, deployment } from "../samples.js";
import { succeeded } from "../tools.js";

const SSA = "reference/using-api/server-side-apply";

const OWN = "observed on a kube-apiserver 1.35: apply";

const requests: readonly Check[] = [
  check("applying what is not there creates it", SSA, async (trial) => {
    const { apply } = mapAt(trial);
    answers(await apply("one", { a: "1" }), 201);
    answers(await apply("one", { a: "2" }), 200);
  }),
  check("a manager must be named", OWN, async ({ api, path, name }) => {
    refuses(
      await api.patch(`${path("configmaps")}/${name}`, APPLY_PATCH, configMap(name)),
      422,
      "fieldManager: Required value: is required for apply patch",
    );
  }),
  check(
    "managers' names are short and printable",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      refuses(
        await api.apply(`${path("configmaps")}/${name}`, "x".repeat(129), configMap(name)),
        422,
        "fieldManager: Too long: may not be more than 128 bytes",
      );
      refuses(
        await api.apply(`${path("configmaps")}/${name}`, "a%0Ab", configMap(name)),
        422,
        "fieldManager: Invalid value",
      );
    },
  ),
  check("kind and version must be there, and right", OWN, async ({ api, path, name }) => {
    same(
      (await api.apply(`${path("configmaps")}/${name}`, "m", { metadata: { name } })).code,
      400,
      "the code without a kind",
    );
    same(
      (await api.apply(`${path("configmaps")}/${name}`, "m", { ...configMap(name), apiVersion: "apps/v1" }))
        .code,
      400,
      "the code of another version",
    );
  }),
  check("managedFields must be nil", OWN, async ({ api, path, name }) => {
    refuses(
      await api.apply(`${path("configmaps")}/${name}`, "m", configMap(name, {}, { managedFields: [] })),
      400,
      "metadata.managedFields must be nil",
    );
  }),
  check("unknown fields are refused, whatever is asked", OWN, async ({ api, path, name }) => {
    refuses(
      await api.apply(
        `${path("configmaps")}/${name}`,
        "m",
        { ...configMap(name), more: 1 },
        "&fieldValidation=Ignore",
      ),
      500,
      "failed to create typed patch object (",
      `/${name}; /v1, Kind=ConfigMap): .more: field not declared in schema`,
    );
  }),
  check("values of another type are refused", OWN, async (trial) => {
    const { apply } = deploymentAt(trial);
    refuses(
      await apply("m", deployment(trial.name, { replicas: "two" })),
      500,
      ".spec.replicas: expected numeric (int or float), got string",
    );
  }),
  check("duplicate items of a keyed list are refused", OWN, async (trial) => {
    const { apply } = deploymentAt(trial);
    refuses(
      await apply("m", deployment(trial.name, {}, { env: [{ name: "A" }, { name: "A" }] })),
      500,
      'duplicate entries for key [name="A"]',
    );
  }),
  check("a version is a condition", OWN, async (trial) => {
    const { apply } = mapAt(trial);
    answers(await apply("m", { a: "1" }), 201);
    refuses(await apply("m", { a: "2" }, "", { resourceVersion: "1" }), 409, "the object has been modified");
  }),
  check("a uid is a condition", OWN, async (trial) => {
    const { apply } = mapAt(trial);
    refuses(
      await apply("m", { a: "1" }, "", { uid: "u" }),
      409,
      "uid mismatch: the provided object specified uid u, and no existing object was found",
    );
  }),
  check("applying a status creates nothing", OWN, async ({ api, path, name }) => {
    const body = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name }, status: {} };
    refuses(await api.apply(`${path("deployments", "apps/v1")}/${name}/status`, "m", body), 404);
  }),
  check("the body may be YAML", SSA, async ({ api, path, name }) => {
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata: {a: "1"}\n`;
    like(answers(await api.apply(`${path("configmaps")}/${name}`, "m", text), 201), { data: { a: "1" } });
    same(
      (await api.apply(`${path("configmaps")}/${name}`, "m", "a: [")).code,
      400,
      "the code of what is none",
    );
  }),
];

const custom: readonly Check[] = [
  check(
    "custom resources merge as their schema says",
    `${SSA}: Custom resources and server-side apply`,
    async (trial) => {
      const list = (type: string) => ({
        type: "array",
        "x-kubernetes-list-type": type,
        items: { type: "string" },
      });
      const items = {
        type: "object",
        properties: { name: { type: "string" }, v: { type: "integer" } },
        required: ["name"],
      };
      const properties = {
        set: list("set"),
        atomic: list("atomic"),
        keyed: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["name"],
          items,
        },
        map: { type: "object", additionalProperties: { type: "string" } },
        whole: {
          type: "object",
          "x-kubernetes-map-type": "atomic",
          additionalProperties: { type: "string" },
        },
      };
      const { collection, object } = await define(trial, {
        schema: { type: "object", properties: { spec: { type: "object", properties } } },
      });
      const apply = (manager: string, spec: object) =>
        trial.api.apply(`${collection()}/${trial.name}`, manager, object(trial.name, { spec }));
      answers(
        await apply("one", {
          set: ["a"],
          keyed: [{ name: "a", v: 1 }],
          map: { a: "1" },
          atomic: ["a"],
          whole: { a: "1" },
        }),
        201,
      );
      const both = answers(await apply("two", { set: ["b"], keyed: [{ name: "b", v: 2 }], map: { b: "2" } }));
      like(both.spec, { set: ["a", "b"], map: { a: "1", b: "2" } });
      same(both.spec.keyed.map(({ name }: Json) => name).sort(), ["a", "b"], "keyed");
      refuses(await apply("two", { atomic: ["b"] }), 409, ".spec.atomic");
      refuses(await apply("two", { whole: { b: "1" } }), 409, ".spec.whole");
      same(
        fieldsOf(both.metadata.managedFields, "two"),
        {
          "f:spec": {
            "f:keyed": { 'k:{"name":"b"}': { ".": {}, "f:name": {}, "f:v": {} } },
            "f:map": { "f:b": {} },
            "f:set": { 'v:"b"': {} },
          },
        },
        "fields",
      );
    },
  ),
  check("without a schema everything is deduced", OWN, async (trial) => {
    const { collection, object } = await define(trial);
    const apply = (manager: string, spec: object) =>
      trial.api.apply(`${collection()}/${trial.name}`, manager, object(trial.name, { spec }));
    answers(await apply("one", { a: { b: 1 }, list: [1] }), 201);
    like(answers(await apply("two", { a: { c: 2 } })), { spec: { a: { b: 1, c: 2 } } });
    refuses(await apply("two", { list: [2] }), 409, ".spec.list");
  }),
  check(
    "unknown fields of a custom resource are refused",
    `a conformance test of Kubernetes: FieldValidation should create/apply an invalid CR with extra properties`,
    async (trial) => {
      const schema = {
        type: "object",
        properties: { spec: { type: "object", properties: { a: { type: "string" } } } },
      };
      const { collection, object } = await define(trial, { schema });
      refuses(
        await trial.api.apply(
          `${collection()}/${trial.name}`,
          "m",
          object(trial.name, { spec: { unknownField: 1 } }),
          "&fieldValidation=Strict",
        ),
        500,
        ".spec.unknownField: field not declared in schema",
      );
      answers(
        await trial.api.apply(
          `${collection()}/${trial.name}`,
          "m",
          object(trial.name, { spec: { a: "x" } }),
          "&fieldValidation=Strict",
        ),
        201,
      );
    },
  ),
];

const clients: readonly Check[] = [
  check(
    "kubectl apply: created, unchanged, configured, and what was removed goes",
    "concepts/overview/working-with-objects/object-management: Declarative object configuration",
    async ({ tools, name, ns, api, path }) => {
      const apply = async (object: object) =>
        succeeded(await tools.kubectl(["apply", "-n", ns, "-f", "-"], { input: object }));
      holds((await apply(configMap(name, { a: "1", b: "1" }))).endsWith("created\n"), "created");
      holds((await apply(configMap(name, { a: "1", b: "1" }))).endsWith("unchanged\n"), "unchanged");
      holds((await apply(configMap(name, { a: "2" }))).endsWith("configured\n"), "configured");
      same(answers(await api.get(`${path("configmaps")}/${name}`)).data, { a: "2" }, "data");
    },
  ),
  check(
    "kubectl apply keeps what others wrote",
    "tasks/manage-kubernetes-objects/declarative-config: How apply calculates differences and merges changes",
    async ({ tools, name, ns, api, path }) => {
      const apply = async (object: object) =>
        succeeded(await tools.kubectl(["apply", "-n", ns, "-f", "-"], { input: object }));
      await apply(deployment(name, { replicas: 0 }));
      await api.patch(`${path("deployments", "apps/v1")}/${name}`, MERGE_PATCH, {
        metadata: { annotations: { mine: "1" } },
      });
      await apply(deployment(name, { replicas: 0 }, { image: "app:2" }));
      like(answers(await api.get(`${path("deployments", "apps/v1")}/${name}`)), {
        metadata: { annotations: { mine: "1" } },
        spec: { template: { spec: { containers: [{ image: "app:2" }] } } },
      });
    },
  ),
  check(
    "kubectl apply of a custom resource",
    "observed on a kube-apiserver 1.35: requests",
    async (trial) => {
      const schema = {
        type: "object",
        properties: { spec: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      };
      const { object, collection } = await define(trial, { schema });
      const apply = async (body: object) =>
        succeeded(await trial.tools.kubectl(["apply", "-n", trial.ns, "-f", "-"], { input: body }));
      await apply(object(trial.name, { spec: { a: 1, b: [1] } }));
      holds((await apply(object(trial.name, { spec: { b: [2] } }))).endsWith("configured\n"), "configured");
      same(answers(await trial.api.get(`${collection()}/${trial.name}`)).spec, { b: [2] }, "spec");
    },
  ),
  check("kubectl apply --server-side, with and without conflicts", SSA, async ({ tools, name, ns }) => {
    const apply = (manager: string, value: string, ...more: string[]) =>
      tools.kubectl(["apply", "--server-side", `--field-manager=${manager}`, ...more, "-n", ns, "-f", "-"], {
        input: configMap(name, { a: value }),
      });
    holds(succeeded(await apply("one", "1")).endsWith("serverside-applied\n"), "applied");
    const refused = await apply("two", "2");
    holds(refused.code === 1 && refused.stderr.includes('conflict with "one": .data.a'), refused.stderr);
    succeeded(await apply("two", "2", "--force-conflicts"));
  }),
  check(
    "kubectl goes over from client-side to server-side apply",
    `${SSA}: Upgrading from client-side apply to server-side apply`,
    async ({ tools, name, ns, api, path }) => {
      succeeded(
        await tools.kubectl(["apply", "-n", ns, "-f", "-"], { input: configMap(name, { a: "1", b: "1" }) }),
      );
      succeeded(
        await tools.kubectl(["apply", "--server-side", "-n", ns, "-f", "-"], {
          input: configMap(name, { a: "2" }),
        }),
      );
      same(answers(await api.get(`${path("configmaps")}/${name}`)).data, { a: "2" }, "data");
    },
  ),
  check(
    "kubectl apply --prune takes away what is no longer given",
    "tasks/manage-kubernetes-objects/declarative-config: How to delete objects",
    async ({ tools, name, ns, api, path }) => {
      const both = await tools.kubectl(
        ["apply", "-n", ns, "--prune", "-l", `set=${name}`, "--prune-allowlist=core/v1/ConfigMap", "-f", "-"],
        {
          input: {
            apiVersion: "v1",
            kind: "List",
            items: [
              configMap(`${name}a`, {}, { labels: { set: name } }),
              configMap(`${name}b`, {}, { labels: { set: name } }),
            ],
          },
        },
      );
      succeeded(both);
      succeeded(
        await tools.kubectl(
          [
            "apply",
            "-n",
            ns,
            "--prune",
            "-l",
            `set=${name}`,
            "--prune-allowlist=core/v1/ConfigMap",
            "-f",
            "-",
          ],
          { input: configMap(`${name}a`, {}, { labels: { set: name } }) },
        ),
      );
      same((await api.get(`${path("configmaps")}/${name}b`)).code, 404, "the code of what was pruned");
    },
  ),
];

export const apply: readonly Check[] = [...requests, ...custom, ...clients];
