import { afterAll, describe, expect, it } from "vitest";
import {
  configMap,
  kustomization,
  objectOf,
  rehearseFiles,
  removeRepositories,
  texts,
  unitOf,
} from "./testing/repository.js";

afterAll(removeRepositories);

const APPS = "Kustomization/flux-system/apps";

describe("a Flux repository", () => {
  it("starts at each cluster and builds what its Kustomizations name", async () => {
    const report = await rehearseFiles({
      "clusters/one/apps.yaml": kustomization("apps", "./apps/one"),
      "clusters/two/apps.yaml": kustomization("apps", "./apps/two"),
      "apps/base/kustomization.yaml": "resources: [cm.yaml]\n",
      "apps/base/cm.yaml": configMap("a"),
      "apps/one/kustomization.yaml": "resources: [../base]\nnamePrefix: one-\n",
      "apps/two/kustomization.yaml": "resources: [../base]\nnamePrefix: two-\n",
    });
    expect(report.entries.map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      "cluster clusters/one",
      "cluster clusters/two",
    ]);
    const objects = report.entries.flatMap(({ unit }) => unit.children[0]?.objects ?? []);
    expect(objects.map(({ object, file, line }) => `${object} ${file}:${line}`)).toEqual([
      "ConfigMap/default/one-a apps/base/cm.yaml:1",
      "ConfigMap/default/two-a apps/base/cm.yaml:1",
    ]);
    expect(report.summary).toMatchObject({ kustomizations: 2, failed: 0, warnings: 0 });
  });

  it("takes a directory that synchronises itself as one entry, by what its Kustomization says", async () => {
    const sync = kustomization("flux-system", "./clusters/one", "  postBuild: {substitute: {name: real}}\n");
    const report = await rehearseFiles({
      "clusters/one/flux-system/gotk-sync.yaml": sync,
      "clusters/one/cm.yaml": configMap("a", '{k: "${name}"}'),
    });
    expect(report.entries.map(({ path }) => path)).toEqual(["clusters/one"]);
    expect(report.entries[0]?.unit.children).toEqual([]);
    expect(report.summary).toMatchObject({ failed: 0, warnings: 0 });
  });

  it("follows Kustomizations that Kustomizations make, and patches that they bring", async () => {
    const report = await rehearseFiles({
      "flux/ks.yaml": kustomization(
        "cluster-apps",
        "./apps",
        "  patches:\n  - patch: '- {op: replace, path: /spec/path, value: ./elsewhere}'\n    target: {kind: Kustomization}\n",
      ),
      "apps/web/ks.yaml": kustomization("web", "./apps/web/app"),
      "elsewhere/cm.yaml": configMap("found"),
      "apps/web/kustomization.yaml": "resources: [ks.yaml]\n",
    });
    expect(report.entries.map(({ path }) => path)).toEqual(["flux"]);
    const web = unitOf(report, "Kustomization/flux-system/web");
    expect(web).toMatchObject({ source: "elsewhere", file: "apps/web/ks.yaml", outcome: "passed" });
    expect(web.objects.map(({ object }) => object)).toEqual(["ConfigMap/default/found"]);
  });

  it("builds in the order of dependencies, so that variables are there", async () => {
    const from = "  postBuild: {substituteFrom: [{kind: ConfigMap, name: settings}]}\n";
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps", from),
      "c/settings.yaml": kustomization("settings", "./settings"),
      "settings/cm.yaml": configMap("settings", "{domain: example.org}", "flux-system"),
      "apps/cm.yaml": configMap("a-${domain}"),
    });
    expect(unitOf(report, APPS).objects[0]?.object).toBe("ConfigMap/default/a-example.org");
  });

  it("tells of dependencies that are not there and of circles", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./x", "  dependsOn: [{name: gone}]\n"),
      "c/a.yaml": kustomization("a", "./x", "  dependsOn: [{name: b}]\n"),
      "c/b.yaml": kustomization("b", "./x", "  dependsOn: [{name: a}]\n"),
      "x/cm.yaml": configMap("x"),
    });
    expect(texts(unitOf(report, APPS).findings)).toEqual([
      "failure c/apps.yaml:1: depends on Kustomization/flux-system/gone, which is not in the repository",
    ]);
    const circle = ["a", "b"].flatMap((name) =>
      texts(unitOf(report, `Kustomization/flux-system/${name}`).findings),
    );
    expect(circle.filter((text) => text.includes("depends on itself"))).toHaveLength(1);
  });

  it("skips what comes from elsewhere, and says from where", async () => {
    const other = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: other, namespace: flux-system}
spec: {url: "https://example.org/other.git", interval: 1h}
`;
    const files = {
      "c/other.yaml": `${other}---\n${kustomization("apps", "./x").replace("name: flux-system}", "name: other}")}`,
      "x/cm.yaml": configMap("x"),
    };
    const skipped = unitOf(await rehearseFiles(files), APPS);
    expect(skipped).toMatchObject({ outcome: "skipped", objects: [] });
    expect(skipped.findings[0]?.message).toBe(
      "its source GitRepository/flux-system/other is another one (https://example.org/other.git)",
    );
    const own = await rehearseFiles(files, { remotes: ["git@example.org:other"] });
    expect(unitOf(own, APPS)).toMatchObject({ outcome: "passed", source: "x" });
  });

  it("puts generated artifacts together", async () => {
    const generator = `apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: g, namespace: flux-system}
spec:
  sources: [{alias: repo, kind: GitRepository, name: flux-system}]
  artifacts:
  - name: apps
    copy:
    - {from: "@repo/apps/**", to: "@artifact/", exclude: ["*.txt"]}
    - {from: "@repo/extra/cm.yaml", to: "@artifact/one/extra.yaml"}
`;
    const apps = kustomization("apps", "./one").replace(
      "{kind: GitRepository, name: flux-system}",
      "{kind: ExternalArtifact, name: apps}",
    );
    const report = await rehearseFiles({
      "c/g.yaml": generator,
      "c/apps.yaml": apps,
      "apps/one/cm.yaml": configMap("a"),
      "extra/cm.yaml": configMap("b"),
    });
    expect(report.entries.map(({ path }) => path)).toEqual(["c"]);
    expect(unitOf(report, APPS).objects.map(({ object, file }) => `${object} ${file}`)).toEqual([
      "ConfigMap/default/a apps/one/cm.yaml",
      "ConfigMap/default/b extra/cm.yaml",
    ]);
  });

  it("leaves out what .sourceignore excludes", async () => {
    const report = await rehearseFiles({
      ".sourceignore": "/apps/draft.yaml\n",
      "c/apps.yaml": kustomization("apps", "./apps"),
      "apps/cm.yaml": configMap("a"),
      "apps/draft.yaml": "not: [valid",
    });
    expect(report.summary.failed).toBe(0);
  });
});

describe("what is found", () => {
  it("names file and line of objects that a schema refuses", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps"),
      "apps/all.yaml": `${configMap("fine")}---\napiVersion: v1\nkind: Service\nmetadata: {name: s, namespace: default}\nspec:\n  ports:\n  - port: 99999\n    protocol: TCP\n  typo: 1\n`,
      "apps/late.yaml": `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: d, namespace: default}\nspec:\n  selector: {matchLabels: {a: b}}\n  template:\n    metadata: {labels: {a: c}}\n    spec:\n      containers:\n      - name: x\n        image: y\n`,
    });
    const apps = unitOf(report, APPS);
    const service = texts(objectOf(apps, "Service/default/s").findings);
    expect(service).toHaveLength(1);
    expect(service[0]).toMatch(/^failure apps\/all\.yaml:13: .*typo/);
    const deployment = texts(objectOf(apps, "Deployment/default/d").findings);
    expect(deployment[0]).toMatch(/^failure apps\/late\.yaml:7: .*spec\.template\.metadata\.labels/);
    expect(objectOf(apps, "ConfigMap/default/fine").outcome).toBe("passed");
    expect(report.summary.failed).toBe(2);
  });

  it("names file and line of what does not build", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps"),
      "apps/kustomization.yaml": "resources:\n- a.yaml\n- gone.yaml\n",
      "apps/a.yaml": "a: 1\nb: [\n",
    });
    const found = texts(unitOf(report, APPS).findings);
    expect(found.some((text) => text.startsWith("failure apps/a.yaml:"))).toBe(true);
    expect(found.some((text) => text.includes("gone.yaml"))).toBe(true);
  });

  it("judges custom resources by definitions of the repository, delivered or not", async () => {
    const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Thing, plural: things, singular: thing, listKind: ThingList}
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {size: {type: integer, maximum: 3}}}}
`;
    const thing = (name: string, size: number) =>
      `apiVersion: example.org/v1\nkind: Thing\nmetadata: {name: ${name}, namespace: default}\nspec: {size: ${size}}\n`;
    const files = {
      "c/apps.yaml": kustomization("apps", "./apps"),
      "apps/a.yaml": thing("a", 2),
      "apps/b.yaml": thing("b", 9),
    };
    const unknown = await rehearseFiles(files);
    expect(unknown.summary).toMatchObject({ failed: 0, unchecked: 2 });
    for (const place of ["apps/crd.yaml", "vendor/crd.yaml"]) {
      const report = await rehearseFiles({ ...files, [place]: definition });
      expect(report.summary).toMatchObject({ failed: 1, unchecked: 0 });
      expect(objectOf(unitOf(report, APPS), "Thing/default/b").outcome).toBe("failed");
    }
  });

  it("carries out the policies that a cluster delivers, whatever the order", async () => {
    const policy = `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: owners}
spec:
  paramKind: {apiVersion: v1, kind: ConfigMap}
  matchConstraints:
    resourceRules:
    - {apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [configmaps]}
  validations:
  - expression: "object.metadata.name.startsWith(params.data.prefix)"
    messageExpression: "'must start with ' + params.data.prefix"
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: owners}
spec:
  policyName: owners
  paramRef: {name: ok-settings, namespace: default, parameterNotFoundAction: Deny}
  validationActions: [Deny]
`;
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps"),
      "c/policies.yaml": kustomization("policies", "./policies", "  dependsOn: [{name: apps}]\n"),
      "apps/a.yaml": configMap("ok-a"),
      "apps/b.yaml": configMap("b"),
      "policies/p.yaml": policy,
      "policies/settings.yaml": configMap("ok-settings", "{prefix: ok-}"),
    });
    expect(report.summary.failed).toBe(1);
    expect(texts(objectOf(unitOf(report, APPS), "ConfigMap/default/b").findings)[0]).toMatch(
      /^failure apps\/b\.yaml:1: .*'owners'.*must start with ok-/,
    );
  });

  it("replaces encrypted values and tells nothing of Secrets", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps", "  decryption: {provider: sops}\n"),
      "apps/s.yaml": `apiVersion: v1\nkind: Secret\nmetadata: {name: s, namespace: default}\nstringData:\n  k: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\nsops: {mac: m, version: 3.9.0}\n`,
      "apps/t.yaml": `apiVersion: v1\nkind: Secret\nmetadata: {name: t, namespace: default}\ndata: {k: "plain text of mine"}\n`,
    });
    const apps = unitOf(report, APPS);
    expect(objectOf(apps, "Secret/default/s").outcome).toBe("passed");
    const told = texts(objectOf(apps, "Secret/default/t").findings).join();
    expect(told).toContain("apps/t.yaml:1");
    expect(told).not.toContain("plain text");
  });

  it("stands in for variables of Secrets that are not in the repository", async () => {
    const from = "  postBuild: {substituteFrom: [{kind: Secret, name: hidden}]}\n";
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps", from),
      "apps/cm.yaml": configMap("a-${domain}", '{k: "${other:=x}"}'),
    });
    const apps = unitOf(report, APPS);
    expect(apps.objects[0]?.object).toBe("ConfigMap/default/a-placeholder");
    expect(texts(apps.findings).join()).toContain("Secret/hidden");
    expect(report.summary).toMatchObject({ failed: 0, warnings: 0 });
  });

  it("warns of variables that nothing sets, or fails where told to", async () => {
    const files = {
      "c/apps.yaml": kustomization("apps", "./apps", "  postBuild: {substitute: {known: x}}\n"),
      "apps/cm.yaml": configMap("a", '{k: "${unknown} ${known}"}'),
    };
    const lenient = await rehearseFiles(files);
    expect(lenient.summary).toMatchObject({ failed: 0, warnings: 1 });
    expect(texts(unitOf(lenient, APPS).findings)[0]).toContain("unknown");
    expect((await rehearseFiles(files, { strict: true })).summary.failed).toBe(1);
  });

  it("tells of two units that deliver one object, and of namespaces that nothing makes", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps"),
      "c/more.yaml": kustomization("more", "./more"),
      "apps/cm.yaml": configMap("a", "{}", "team"),
      "more/cm.yaml": configMap("a", "{k: w}", "team"),
    });
    const all = report.entries.flatMap(({ unit }) => unit.children);
    const found = all.flatMap((unit) =>
      texts([...unit.findings, ...unit.objects.flatMap((one) => one.findings)]),
    );
    expect(found.filter((text) => text.includes("delivers this object as well"))).toHaveLength(1);
    expect(found.filter((text) => text.includes("namespace team is made by nothing"))).toHaveLength(1);
    expect(report.summary.failed).toBe(0);
  });
});

describe("HelmReleases", () => {
  const release = (chart: string, kind: string, more = "") => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: default}
spec:
  interval: 1h
  chart:
    spec:
      chart: ${chart}
      sourceRef: {kind: ${kind}, name: flux-system, namespace: flux-system}
${more}`;
  const chart = {
    "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "charts/web/values.yaml": "port: 80\n",
    "charts/web/templates/s.yaml":
      "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Release.Name }}}\nspec:\n  ports: [{port: {{ .Values.port }}, protocol: TCP}]\n",
  };
  const HELM = "HelmRelease/default/web";

  it("renders charts of the repository with their values", async () => {
    const files = {
      "c/apps.yaml": kustomization("apps", "./apps"),
      "apps/web.yaml": release(
        "./charts/web",
        "GitRepository",
        "  valuesFrom: [{kind: ConfigMap, name: v}]\n",
      ),
      ...chart,
    };
    const good = await rehearseFiles({
      ...files,
      "apps/v.yaml": configMap("v", '{values.yaml: "port: 81"}'),
    });
    expect(unitOf(good, HELM)).toMatchObject({ outcome: "passed", source: "charts/web" });
    expect(unitOf(good, HELM).objects).toMatchObject([
      { object: "Service/default/web", file: "charts/web/templates/s.yaml" },
    ]);
    const bad = await rehearseFiles({ ...files, "apps/v.yaml": configMap("v", '{values.yaml: "port: 0"}') });
    expect(unitOf(bad, HELM).objects[0]?.outcome).toBe("failed");
  });

  it("applies post renderers, and takes values to a path", async () => {
    const more = `  valuesFrom: [{kind: ConfigMap, name: v, valuesKey: port, targetPath: port}]
  postRenderers:
  - kustomize:
      patches:
      - target: {kind: Service}
        patch: |
          - {op: add, path: /metadata/annotations, value: {port: patched}}
`;
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps"),
      "apps/web.yaml": release("./charts/web", "GitRepository", more),
      "apps/v.yaml": configMap("v", '{port: "0"}'),
      ...chart,
    });
    const [service] = unitOf(report, HELM).objects;
    expect(service).toMatchObject({ object: "Service/default/web", outcome: "failed" });
    expect(unitOf(report, HELM).findings).toEqual([]);
  });

  it("skips charts of repositories", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": kustomization("apps", "./apps"),
      "apps/web.yaml": release("web", "HelmRepository"),
    });
    expect(unitOf(report, HELM)).toMatchObject({ outcome: "skipped" });
    expect(unitOf(report, HELM).findings[0]?.message).toContain("HelmRepository/flux-system");
  });
});

describe("plain kustomize roots", () => {
  it("are those that nothing refers to; objects without a namespace go to default", async () => {
    const report = await rehearseFiles({
      "base/kustomization.yaml": "resources: [cm.yaml]\n",
      "base/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n",
      "part/kustomization.yaml":
        "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\nnamePrefix: x-\n",
      "overlays/prod/kustomization.yaml": "resources: [../../base]\ncomponents: [../../part]\n",
      "overlays/dev/kustomization.yaml": "resources: [../../base, gone.yaml]\n",
    });
    expect(report.entries.map(({ path, kind, unit }) => `${kind} ${path} ${unit.outcome}`)).toEqual([
      "root overlays/dev failed",
      "root overlays/prod passed",
    ]);
    expect(report.entries[1]?.unit.objects[0]?.object).toBe("ConfigMap/default/x-a");
  });

  it("may only load files below themselves, unless told", async () => {
    const files = {
      "a/kustomization.yaml": "resources: [../cm.yaml]\n",
      "cm.yaml": configMap("a"),
    };
    expect((await rehearseFiles(files)).summary.failed).toBe(1);
    expect((await rehearseFiles(files, { loadRestrictions: false })).summary.failed).toBe(0);
  });

  it("are found in circles", async () => {
    const report = await rehearseFiles({
      "a/kustomization.yaml": "resources: [../b]\n",
      "b/kustomization.yaml": "resources: [../a]\n",
    });
    expect(report.entries.map(({ path, unit }) => `${path} ${unit.findings[0]?.message}`)).toEqual([
      expect.stringMatching(/^a .*cycle/),
    ]);
  });

  it("are skipped where they need the network, unless something else is wrong as well", async () => {
    const remote = "- https://example.org/x.yaml\n";
    const report = await rehearseFiles({
      "a/kustomization.yaml": `resources:\n${remote}`,
      "b/kustomization.yaml": `resources:\n${remote}- gone.yaml\n`,
    });
    expect(report.entries.map(({ unit }) => unit.outcome)).toEqual(["skipped", "failed"]);
    expect(report.entries[0]?.unit.findings[0]?.message).toContain("example.org/x.yaml");
  });

  it("can be limited to a directory", async () => {
    const files = {
      "a/kustomization.yaml": "resources: [cm.yaml]\n",
      "a/cm.yaml": configMap("a"),
      "b/kustomization.yaml": "resources: [cm.yaml]\n",
      "b/cm.yaml": configMap("b"),
    };
    const report = await rehearseFiles(files, { startAt: "/b" });
    expect(report.entries.map(({ path }) => path)).toEqual(["b"]);
  });
});
