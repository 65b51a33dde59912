import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { capstan, temporaryDirectory } from "./support/capstan.js";

const scratch = temporaryDirectory();
afterAll(() => scratch.remove());

function repository(name: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(scratch.path, name, path)), { recursive: true });
    writeFileSync(join(scratch.path, name, path), text);
  }
  return join(scratch.path, name);
}

const flux = (name: string, path: string, more = "") => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: flux-system}
spec:
  interval: 10m
  prune: true
  path: ${path}
  sourceRef: {kind: GitRepository, name: flux-system}
${more}`;

const deployment = (replicas: string) => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: apps}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
`;

const good = {
  "clusters/prod/apps.yaml": flux("apps", "./apps", "  dependsOn: [{name: infra}]\n"),
  "clusters/prod/infra.yaml": flux("infra", "./infra"),
  "infra/namespace.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: apps}\n",
  "infra/policy.yaml": `apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: few}
spec:
  matchConstraints:
    resourceRules:
    - {apiGroups: [apps], apiVersions: [v1], operations: [CREATE, UPDATE], resources: [deployments]}
  validations: [{expression: "object.spec.replicas <= 3", message: at most three}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: few}
spec: {policyName: few, validationActions: [Deny]}
`,
  "apps/web.yaml": deployment("2"),
};

const bad = {
  ...good,
  "apps/web.yaml": `# a comment\n${deployment("5")}---\n${deployment("two").replace("name: web,", "name: other,")}`,
};

describe("capstan test", () => {
  it("passes a repository in which all is well", async () => {
    const { code, stdout } = await capstan(["test", repository("good", good)]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("✔ Kustomization/flux-system/apps apps 1 object");
    expect(stdout).toMatch(/1 entry, 2 Kustomizations, 0 HelmReleases, 6 objects: 0 failed/);
  });

  it("fails with the file and line of what a schema or a policy refuses", async () => {
    const { code, stdout } = await capstan(["test", repository("bad", bad)]);
    expect(code).toBe(3);
    expect(stdout).toContain("✗ Deployment/apps/web");
    expect(stdout).toMatch(/apps\/web\.yaml:2: .*'few'.*at most three/);
    expect(stdout).toMatch(/apps\/web\.yaml:\d+: .*replicas/);
    expect(stdout).toContain("2 failed");
  });

  it("prints JUnit and JSON for machines", async () => {
    const path = repository("machines", bad);
    const junit = await capstan(["test", path, "-o", "junit"]);
    expect(junit.code).toBe(3);
    expect(junit.stdout).toMatch(/^<\?xml version="1\.0"/);
    expect(junit.stdout).toMatch(
      /<testcase [^>]*name="Deployment\/apps\/web" file="apps\/web\.yaml" line="2">/,
    );
    const json = await capstan(["test", path, "-o", "json"]);
    expect(json.code).toBe(3);
    expect(JSON.parse(json.stdout).summary).toMatchObject({ kustomizations: 2, failed: 2 });
  });

  it("renders charts of the repository, skips those that are not in it", async () => {
    const release = (chart: string, kind: string, name: string) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: ${name}, namespace: apps}
spec:
  interval: 1h
  chart: {spec: {chart: ${chart}, sourceRef: {kind: ${kind}, name: flux-system, namespace: flux-system}}}
`;
    const path = repository("charts", {
      ...good,
      "apps/local.yaml": release("./charts/web", "GitRepository", "local"),
      "apps/remote.yaml": release("web", "HelmRepository", "remote"),
      "charts/web/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n",
      "charts/web/templates/d.yaml": deployment("9").replace(
        "{name: web, namespace: apps}",
        "{name: {{ .Release.Name }}}",
      ),
    });
    const { code, stdout } = await capstan(["test", path]);
    expect(code).toBe(3);
    expect(stdout).toMatch(/✗ HelmRelease\/apps\/local charts\/web 1 object/);
    expect(stdout).toMatch(/charts\/web\/templates\/d\.yaml: .*at most three/);
    expect(stdout).toContain("its chart web comes from HelmRepository/flux-system");
  });

  it("says what was wrong with the command line", async () => {
    const empty = repository("empty", { "README.md": "nothing\n" });
    expect(await capstan(["test", empty])).toMatchObject({ code: 1 });
    expect(await capstan(["test", join(scratch.path, "gone")])).toMatchObject({ code: 2 });
    expect(await capstan(["test", empty, "-o", "xml"])).toMatchObject({ code: 2 });
  });

  it("is done with a hundred Kustomizations in seconds", async () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 100; i++) {
      files[`clusters/prod/app${i}.yaml`] = flux(`app${i}`, `./apps/app${i}`);
      files[`apps/app${i}/kustomization.yaml`] = `resources: [../base]\nnamePrefix: a${i}-\n`;
    }
    files["apps/base/kustomization.yaml"] = "resources: [all.yaml]\n";
    files["apps/base/all.yaml"] = deployment("1").replace("namespace: apps", "namespace: default");
    const start = performance.now();
    const { code, stdout } = await capstan(["test", repository("many", files)]);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain("100 Kustomizations");
    expect(performance.now() - start).toBeLessThan(30_000);
  });
});
