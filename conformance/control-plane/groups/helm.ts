import type { Json } from "../api.js";
import { answers, type Check, check, eventually, holds, like, same, type Trial } from "../check.js";
import { failed, succeeded } from "../tools.js";

const DOCS = "Helm's documentation: ";

/** A small chart: a ConfigMap, a hook, a definition of its own; `more` are further templates. */
function chart(trial: Trial, more: Readonly<Record<string, string>> = {}): string {
  const name = `chart-${trial.name}`;
  const write = (file: string, text: string) => trial.tools.file(`${name}/${file}`, text);
  write("Chart.yaml", "apiVersion: v2\nname: small\nversion: 1.2.3\nappVersion: '9'\n");
  write("values.yaml", "word: first\nextra: false\n");
  write(
    "templates/map.yaml",
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-map}\ndata: {word: {{ .Values.word }}, revision: '{{ .Release.Revision }}'}\n" +
      "{{- if .Values.extra }}\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-extra}\n{{- end }}\n",
  );
  for (const [file, text] of Object.entries(more)) write(file, text);
  return trial.tools
    .file(`${name}/templates/NOTES.txt`, "Installed {{ .Release.Name }}.\n")
    .replace("/templates/NOTES.txt", "");
}

const helm = (trial: Trial, ...args: string[]) => trial.tools.helm([...args, "-n", trial.ns]);
const done = async (trial: Trial, ...args: string[]) => succeeded(await helm(trial, ...args));
const word = async (trial: Trial) =>
  answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}-map`)).data.word;

const HOOK = (kind: string, name: string, more = "") => `apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .Release.Name }}-${name}
  annotations: {helm.sh/hook: ${kind}${more}}
`;

const WORKLOAD = `apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, labels: {app: {{ .Release.Name }}}}
spec:
  replicas: 2
  selector: {matchLabels: {app: {{ .Release.Name }}}}
  template:
    metadata: {labels: {app: {{ .Release.Name }}}, annotations: { {{- .Values.annotations }} }}
    spec: {containers: [{name: main, image: 'app:{{ .Values.word }}', ports: [{containerPort: 80}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: {{ .Release.Name }}}
spec: {selector: {app: {{ .Release.Name }}}, ports: [{port: 80}]}
`;

export const helmChecks: readonly Check[] = [
  check("helm install makes objects and a release record", `${DOCS}helm install`, async (trial) => {
    const told = await done(trial, "install", trial.name, chart(trial));
    holds(/STATUS: deployed\nREVISION: 1\n/.test(told) && told.includes(`Installed ${trial.name}.`), told);
    same(await word(trial), "first", "the word");
    like(answers(await trial.api.get(`${trial.path("secrets")}/sh.helm.release.v1.${trial.name}.v1`)), {
      type: "helm.sh/release.v1",
      metadata: { labels: { owner: "helm", status: "deployed", version: "1" } },
    });
    like(answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}-map`)).metadata, {
      annotations: { "meta.helm.sh/release-name": trial.name, "meta.helm.sh/release-namespace": trial.ns },
      labels: { "app.kubernetes.io/managed-by": "Helm" },
    });
  }),
  check(
    "helm upgrade, history, rollback, status, get, list, uninstall",
    `${DOCS}helm upgrade; helm rollback`,
    async (trial) => {
      const at = chart(trial);
      await done(trial, "install", trial.name, at);
      await done(trial, "upgrade", trial.name, at, "--set", "word=second,extra=true");
      same(await word(trial), "second", "the word after the upgrade");
      answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}-extra`));
      await done(trial, "rollback", trial.name, "1");
      same(await word(trial), "first", "the word after the rollback");
      same(
        (await trial.api.get(`${trial.path("configmaps")}/${trial.name}-extra`)).code,
        404,
        "the code of what came with the upgrade",
      );
      const history = JSON.parse(await done(trial, "history", trial.name, "-o", "json"));
      same(
        history.map(({ revision, status }: Json) => [revision, status]),
        [
          [1, "superseded"],
          [2, "superseded"],
          [3, "deployed"],
        ],
        "the history",
      );
      like(JSON.parse(await done(trial, "list", "-o", "json", "--filter", `^${trial.name}$`)), [
        { name: trial.name, revision: "3", status: "deployed", chart: "small-1.2.3" },
      ]);
      holds((await done(trial, "status", trial.name)).includes("STATUS: deployed"), "the status");
      holds(
        (await done(trial, "get", "values", trial.name, "--revision", "2")).includes("word: second"),
        "the values of a revision",
      );
      holds((await done(trial, "get", "manifest", trial.name)).includes(`${trial.name}-map`), "the manifest");
      await done(trial, "uninstall", trial.name);
      same(
        (await trial.api.get(`${trial.path("configmaps")}/${trial.name}-map`)).code,
        404,
        "the code after uninstalling",
      );
      failed(await helm(trial, "status", trial.name));
    },
  ),
  check("hooks run in order, and go as they say", `${DOCS}Chart Hooks`, async (trial) => {
    const at = chart(trial, {
      "templates/pre.yaml": HOOK("pre-install", "pre", ", helm.sh/hook-delete-policy: hook-succeeded"),
      "templates/post.yaml": HOOK("post-install", "post"),
      "templates/gone.yaml": HOOK("post-delete", "gone"),
    });
    await done(trial, "install", trial.name, at);
    same(
      (await trial.api.get(`${trial.path("configmaps")}/${trial.name}-pre`)).code,
      404,
      "the code of a hook that goes",
    );
    answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}-post`));
    await done(trial, "uninstall", trial.name);
    answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}-gone`));
  }),
  check(
    "a chart brings definitions and their objects",
    `${DOCS}Custom Resource Definitions`,
    async (trial) => {
      const singular = trial.name.replaceAll("-", "");
      const group = `${singular}.example.com`;
      const at = chart(trial, {
        "crds/things.yaml": `apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.${group}}\nspec:\n  group: ${group}\n  scope: Namespaced\n  names: {plural: things, singular: thing, kind: Thing}\n  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {a: {type: integer, default: 5}}}}}}}]\n`,
        "templates/thing.yaml": `apiVersion: ${group}/v1\nkind: Thing\nmetadata: {name: {{ .Release.Name }}}\nspec: {}\n`,
      });
      trial.after(() =>
        trial.api.delete(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}`),
      );
      await done(trial, "install", trial.name, at);
      like(answers(await trial.api.get(`/apis/${group}/v1/namespaces/${trial.ns}/things/${trial.name}`)), {
        spec: { a: 5 },
      });
      await done(trial, "upgrade", trial.name, at, "--set", "word=x");
      await done(trial, "uninstall", trial.name);
      answers(await trial.api.get(`/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.${group}`));
    },
  ),
  check("an upgrade that is refused leaves the release as it was", `${DOCS}helm upgrade`, async (trial) => {
    const at = chart(trial);
    await done(trial, "install", trial.name, at);
    const broken = chart(trial, {
      "templates/bad.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n",
    });
    holds(
      failed(await helm(trial, "upgrade", trial.name, broken)).includes("Bad_Name"),
      "the refusal is told",
    );
    same(
      JSON.parse(await done(trial, "history", trial.name, "-o", "json")).map(({ status }: Json) => status),
      ["deployed", "failed"],
      "the history",
    );
  }),
  check("what somebody else made is not taken over", `${DOCS}helm install`, async (trial) => {
    answers(await trial.api.post(trial.path("configmaps"), { metadata: { name: `${trial.name}-map` } }), 201);
    const told = failed(await helm(trial, "install", trial.name, chart(trial)));
    holds(told.includes("exists and cannot be imported into the current release"), told);
    await done(trial, "install", trial.name, chart(trial), "--take-ownership");
  }),
  check("a dry run against the server writes nothing", `${DOCS}helm install`, async (trial) => {
    holds(
      (await done(trial, "install", trial.name, chart(trial), "--dry-run=server")).includes(
        `name: ${trial.name}-map`,
      ),
      "the manifest is shown",
    );
    same((await trial.api.get(`${trial.path("configmaps")}/${trial.name}-map`)).code, 404, "the code");
  }),
  check("lookup and capabilities see the API", `${DOCS}Using the lookup function`, async (trial) => {
    const at = chart(trial, {
      "templates/look.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}-look}\ndata:\n  ns: {{ (lookup "v1" "Namespace" "" "default").metadata.name }}\n  has: '{{ .Capabilities.APIVersions.Has "apps/v1/Deployment" }}'\n  minor: '{{ .Capabilities.KubeVersion.Minor }}'\n`,
    });
    await done(trial, "install", trial.name, at);
    like(answers(await trial.api.get(`${trial.path("configmaps")}/${trial.name}-look`)).data, {
      ns: "default",
      has: "true",
      minor: /^\d+$/,
    });
  }),
  check(
    "--wait waits for what is deployed, and tells what never becomes ready",
    `${DOCS}helm install`,
    async (trial) => {
      const at = chart(trial, { "templates/work.yaml": WORKLOAD });
      await done(trial, "install", trial.name, at, "--wait", "--timeout", "40s");
      like(answers(await trial.api.get(`${trial.path("deployments", "apps/v1")}/${trial.name}`)).status, {
        readyReplicas: 2,
      });
      await done(trial, "upgrade", trial.name, at, "--set", "word=second", "--wait", "--timeout", "40s");
      const never = await helm(
        trial,
        "upgrade",
        trial.name,
        at,
        "--set",
        "word=third,annotations=capstan.dev/simulate: never-ready",
        "--wait",
        "--timeout",
        "3s",
      );
      holds(never.code === 1, "an upgrade that never becomes ready fails");
      await done(trial, "rollback", trial.name, "2", "--wait", "--timeout", "40s");
      await done(trial, "uninstall", trial.name, "--wait", "--timeout", "40s");
      await eventually(async () =>
        same(
          (await trial.api.get(`${trial.path("deployments", "apps/v1")}/${trial.name}`)).code,
          404,
          "the code",
        ),
      );
    },
    "workloads",
  ),
  check(
    "helm test runs the chart's tests",
    `${DOCS}Chart Tests`,
    async (trial) => {
      const test =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}-test, annotations: {helm.sh/hook: test, capstan.dev/simulate-run-for: 100ms}}\nspec: {restartPolicy: Never, containers: [{name: t, image: 'app:1'}]}\n";
      await done(trial, "install", trial.name, chart(trial, { "templates/test.yaml": test }));
      holds(
        (await done(trial, "test", trial.name, "--timeout", "40s")).includes("Phase:          Succeeded"),
        "the test has succeeded",
      );
    },
    "workloads",
  ),
];
