import { JSON_PATCH, MERGE_PATCH } from "../api.js";
import { answers, type Check, check, holds, like, refuses, same } from "../check.js";
import { configMap, deployment } from "../samples.js";
import { failed, succeeded } from "../tools.js";

const VALIDATION = "reference/using-api/api-concepts: Field validation";

const E2E = "a conformance test of Kubernetes: ";

const STRICT = "?fieldValidation=Strict";

const strictness: readonly Check[] = [
  check(
    "Strict refuses unknown and duplicate fields, in their order",
    `${E2E}FieldValidation should detect unknown and duplicate fields of a typed object`,
    async ({ api, path, name }) => {
      const text = JSON.stringify(deployment(name)).replace(
        '"spec":{',
        '"spec":{"unknownField":1,"replicas":1,"replicas":2,',
      );
      refuses(
        await api.post(`${path("deployments", "apps/v1")}${STRICT}`, text),
        400,
        `Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.unknownField", duplicate field "spec.replicas"`,
      );
    },
  ),
  check(
    "Strict refuses unknown metadata",
    `${E2E}FieldValidation should detect unknown metadata fields of a typed object`,
    async ({ api, path, name }) => {
      refuses(
        await api.post(`${path("configmaps")}${STRICT}`, { metadata: { name, unknownMeta: 1 } }),
        400,
        'unknown field "metadata.unknownMeta"',
      );
    },
  ),
  check("Warn is what happens unasked: fields go, warnings come", VALIDATION, async ({ api, path, name }) => {
    const text = JSON.stringify(configMap(name)).replace('"data":{', '"more":1,"data":{"a":"0",');
    const answer = await api.post(path("configmaps"), text);
    like(answers(answer, 201), { more: undefined, data: { a: "1" } });
    same([...answer.warnings].sort(), ['duplicate field "data.a"', 'unknown field "more"'], "warnings");
  }),
  check("Ignore says nothing", VALIDATION, async ({ api, path, name }) => {
    const answer = await api.post(`${path("configmaps")}?fieldValidation=Ignore`, {
      metadata: { name },
      more: 1,
    });
    like(answers(answer, 201), { more: undefined });
    same(answer.warnings, [], "warnings");
  }),
  check("another directive is refused", VALIDATION, async ({ api, path, name }) => {
    refuses(
      await api.post(`${path("configmaps")}?fieldValidation=Maybe`, configMap(name)),
      422,
      'fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
    );
  }),
  check("Strict holds for merge patches too", VALIDATION, async ({ api, path, name }) => {
    await api.post(path("deployments", "apps/v1"), deployment(name, { replicas: 0 }));
    const answer = await api.patch(`${path("deployments", "apps/v1")}/${name}${STRICT}`, MERGE_PATCH, {
      spec: { foo: 1 },
    });
    refuses(answer, 422, 'strict decoding error: unknown field "spec.foo"');
  }),
  check(
    "unknown members of JSON patch operations are told",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      await api.post(path("configmaps"), configMap(name));
      const patch = [{ op: "add", path: "/data/b", value: "1", foo: 1 }];
      refuses(
        await api.patch(`${path("configmaps")}/${name}${STRICT}`, JSON_PATCH, patch),
        422,
        'json patch unknown field "[0].foo"',
      );
    },
  ),
  check(
    "duplicates in YAML are told by line",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path, name }) => {
      const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: "1"\n  a: "2"\n`;
      refuses(
        await api.post(`${path("configmaps")}${STRICT}`, text, {
          headers: { "content-type": "application/yaml" },
        }),
        400,
        'line 7: key "a" already set in map',
      );
    },
  ),
  check(
    "kubectl create sends Strict",
    "reference/kubectl/generated/kubectl_create",
    async ({ tools, name, ns }) => {
      const said = failed(
        await tools.kubectl(["create", "-n", ns, "-f", "-"], { input: { ...configMap(name), more: 1 } }),
      );
      holds(said.includes('strict decoding error: unknown field "more"'), said);
    },
  ),
];

const clients: readonly Check[] = [
  check(
    "kubectl create makes objects of every sort",
    "reference/kubectl/generated/kubectl_create",
    async ({ tools, name, ns, api, path }) => {
      const create = async (...args: string[]) =>
        succeeded(await tools.kubectl(["create", ...args, "-n", ns]));
      await create("deployment", name, "--image=app:1", "--replicas=0");
      await create("service", "clusterip", name, "--tcp=80:8080");
      await create("serviceaccount", name);
      await create("role", name, "--verb=get", "--resource=pods");
      await create("rolebinding", name, `--role=${name}`, "--user=u");
      await create("cronjob", name, "--image=app:1", "--schedule=0 0 1 1 *");
      await create("quota", name, "--hard=count/jobs.batch=9");
      await create("ingress", name, "--rule=a.example.com/*=s:80");
      await create("poddisruptionbudget", name, "--selector=a=b", "--min-available=1");
      like(answers(await api.get(`${path("services")}/${name}`)), {
        spec: { ports: [{ port: 80, targetPort: 8080 }] },
      });
    },
  ),
  check(
    "kubectl replace, edit, annotate, label, set, scale",
    "reference/kubectl/generated",
    async ({ tools, name, ns, api, path }) => {
      await api.post(path("deployments", "apps/v1"), deployment(name, { replicas: 0 }));
      await api.post(path("configmaps"), configMap(name));
      const run = async (args: string[], input?: object) =>
        succeeded(await tools.kubectl([...args, "-n", ns], input === undefined ? {} : { input }));
      await run(["replace", "-f", "-"], configMap(name, { a: "red" }));
      succeeded(
        await tools.kubectl(["edit", "configmap", name, "-n", ns], {
          env: { KUBE_EDITOR: "sed -i -e s/red/blue/" },
        }),
      );
      like(answers(await api.get(`${path("configmaps")}/${name}`)), { data: { a: "blue" } });
      await run(["annotate", "deployment", name, "a=b"]);
      await run(["label", "deployment", name, "c=d"]);
      await run(["set", "image", `deployment/${name}`, "main=app:2"]);
      await run(["scale", `deployment/${name}`, "--replicas=0", "--current-replicas=0"]);
      like(answers(await api.get(`${path("deployments", "apps/v1")}/${name}`)), {
        metadata: { annotations: { a: "b" }, labels: { c: "d" } },
        spec: { template: { spec: { containers: [{ image: "app:2" }] } } },
      });
    },
  ),
  check(
    "kubectl explain, diff and dry runs write nothing",
    "reference/kubectl/generated/kubectl_diff",
    async ({ tools, name, ns, api, path }) => {
      await api.post(path("configmaps"), configMap(name));
      const diff = await tools.kubectl(["diff", "-n", ns, "-f", "-"], { input: configMap(name, { a: "2" }) });
      holds(diff.code === 1 && /^\+ {2}a: "2"$/m.test(diff.stdout), "the difference is shown");
      const dry = succeeded(
        await tools.kubectl(["create", "-n", ns, "--dry-run=server", "-f", "-"], {
          input: configMap(`${name}b`),
        }),
      );
      holds(dry.includes("created (server dry run)"), dry);
      same((await api.get(`${path("configmaps")}/${name}b`)).code, 404, "the code of what was not made");
      like(answers(await api.get(`${path("configmaps")}/${name}`)), { data: { a: "1" } });
    },
  ),
  check(
    "a dry run goes through everything and keeps nothing",
    "reference/using-api/api-concepts: Dry-run",
    async ({ api, path, name }) => {
      const made = answers(await api.post(`${path("configmaps")}?dryRun=All`, configMap(name)), 201);
      like(made.metadata, { uid: /./, creationTimestamp: /./, resourceVersion: undefined });
      same((await api.get(`${path("configmaps")}/${name}`)).code, 404, "the code afterwards");
      refuses(
        await api.post(`${path("configmaps")}?dryRun=Some`, configMap(name)),
        422,
        "dryRun: Unsupported value",
      );
      refuses(
        await api.post(`${path("configmaps")}?dryRun=All`, configMap("A_")),
        422,
        "metadata.name: Invalid value",
      );
    },
  ),
  check(
    "kubectl events, wait and rollout see a deployment become available",
    "reference/kubectl/generated/kubectl_rollout",
    async ({ tools, name, ns }) => {
      succeeded(await tools.kubectl(["create", "deployment", name, "--image=app:1", "-n", ns]));
      succeeded(await tools.kubectl(["rollout", "status", `deployment/${name}`, "-n", ns, "--timeout=30s"]));
      succeeded(
        await tools.kubectl([
          "wait",
          `deployment/${name}`,
          "-n",
          ns,
          "--for=condition=Available",
          "--timeout=30s",
        ]),
      );
    },
    "workloads",
  ),
];

const withErrors: readonly Check[] = [
  check(
    "warnings come with errors, too",
    "observed on a kube-apiserver 1.35: requests",
    async ({ api, path }) => {
      const answer = await api.post(path("configmaps"), { metadata: { name: "A_" }, bogus: 1 });
      refuses(answer, 422, "metadata.name: Invalid value");
      same(answer.warnings, ['unknown field "bogus"'], "the warnings");
      const missing = await api.get(`${path("endpoints")}/none`);
      refuses(missing, 404, 'endpoints "none" not found');
      same(
        missing.warnings,
        ["v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"],
        "the warnings of what is not there",
      );
    },
  ),
];

export const strictnessAndClients: readonly Check[] = [...strictness, ...withErrors, ...clients];
