import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, capstan, temporaryDirectory } from "./support/capstan.js";
import { LocalRepository } from "./support/git.js";
import { succeed, until } from "./support/run.js";

const scratch = temporaryDirectory();
const kubectl = process.env["CAPSTAN_KUBECTL"] ?? "kubectl";
const NAME = "app";
let home: Capstan;
let repository: LocalRepository;

const files = {
  "kustomization.yaml": "resources: [cm.yaml, secret.yaml]\nnamespace: default\n",
  "cm.yaml":
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata:\n  colour: '${colour:=blue}'\n",
  "secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {k: very-secret}\n",
};

beforeAll(async () => {
  repository = await LocalRepository.create(join(scratch.path, NAME));
  await repository.commit(files);
  home = await Capstan.up(join(scratch.path, "data"), [repository.path]);
  await until("the repository is applied", async () =>
    (await home.tryKubectl(["get", "configmap", "settings"])).code === 0 ? true : undefined,
  );
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  scratch.remove();
});

/** A copy of the repository with one file changed. */
function changed(name: string, path: string, text: string): string {
  const copy = join(scratch.path, name);
  cpSync(repository.path, copy, { recursive: true, filter: (from) => !from.includes(".git") });
  writeFileSync(join(copy, path), text);
  return copy;
}

describe("capstan diff --path", () => {
  const diff = (...args: string[]) =>
    capstan(["diff", `kustomization/${NAME}`, "--data-dir", home.dataDir, ...args]);

  it("finds nothing where the directory is what was applied", async () => {
    expect(await diff("--path", repository.path)).toMatchObject({ code: 0, stdout: "" });
  });

  it("shows what a change of the directory would do, without secret values", async () => {
    const copy = changed("edited", "cm.yaml", files["cm.yaml"].replace("blue", "green"));
    writeFileSync(join(copy, "secret.yaml"), files["secret.yaml"].replace("very-secret", "hidden"));
    const { code, stdout } = await diff("--path", copy);
    expect(code).toBe(1);
    expect(stdout).toMatch(/► ConfigMap\/default\/settings update/);
    expect(stdout).toMatch(/^-\s+colour: .*blue/m);
    expect(stdout).toMatch(/^\+\s+colour: .*green/m);
    expect(stdout).toMatch(/► Secret\/default\/key update/);
    expect(stdout).not.toMatch(/hidden|very-secret/);
    expect(stdout).not.toContain(Buffer.from("hidden").toString("base64"));
  });

  it("shows what would be deleted", async () => {
    const copy = changed("less", "kustomization.yaml", "resources: [cm.yaml]\nnamespace: default\n");
    const { code, stdout } = await diff("--path", copy);
    expect(code).toBe(1);
    expect(stdout).toContain("► Secret/default/key delete");
  });
});

describe("capstan build kustomization", () => {
  it("builds from a directory as the cluster would, and without one", async () => {
    const asked = ["build", "kustomization", NAME, "--path", repository.path];
    const online = await capstan([...asked, "--data-dir", home.dataDir]);
    expect(online.code, online.stderr).toBe(0);
    expect(online.stdout).toContain(`kustomize.toolkit.fluxcd.io/name: ${NAME}`);
    expect(online.stdout).not.toContain("very-secret");
    const file = join(scratch.path, "ks.yaml");
    writeFileSync(
      file,
      `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${NAME}, namespace: capstan-system}
spec:
  interval: 1h
  prune: true
  sourceRef: {kind: GitRepository, name: ${NAME}}
  postBuild:
    substitute: {colour: red}
    substituteFrom: [{kind: Secret, name: gone}]
`,
    );
    const offline = await capstan([...asked, "--dry-run", "--kustomization-file", file]);
    expect(offline.code, offline.stderr).toBe(0);
    expect(offline.stdout).toContain("colour: red");
    expect(await capstan([...asked, "--dry-run"])).toMatchObject({ code: 2 });
  });
});

describe("capstan build", () => {
  it("prints what kubectl kustomize prints, in either order and with files from elsewhere", async () => {
    const root = join(scratch.path, "plain");
    mkdirSync(join(root, "app"), { recursive: true });
    writeFileSync(join(root, "shared.yaml"), files["secret.yaml"]);
    writeFileSync(join(root, "app/cm.yaml"), files["cm.yaml"]);
    writeFileSync(
      join(root, "app/kustomization.yaml"),
      "resources: [../shared.yaml, cm.yaml]\nnamePrefix: p-\n",
    );
    const args = [join(root, "app"), "--load-restrictor", "LoadRestrictionsNone"];
    const ours = await capstan(["build", ...args]);
    expect(ours.stdout).toBe(await succeed(kubectl, ["kustomize", ...args]));
    const refused = await capstan(["build", join(root, "app")]);
    expect(refused).toMatchObject({ code: 1, stdout: "" });
    expect(refused.stderr).toContain("security; file");
    const unsorted = await capstan(["build", ...args, "--reorder", "none"]);
    expect(unsorted.stdout.indexOf("kind: Secret")).toBeLessThan(unsorted.stdout.indexOf("kind: ConfigMap"));
  });

  it("clones bases and renders charts where that is allowed, and only there", async () => {
    const root = join(scratch.path, "remote");
    mkdirSync(join(root, "charts/web/templates"), { recursive: true });
    writeFileSync(join(root, "charts/web/Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    writeFileSync(
      join(root, "charts/web/templates/cm.yaml"),
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}}\n",
    );
    writeFileSync(
      join(root, "kustomization.yaml"),
      `resources: ["file://${repository.path}//?ref=main"]\nhelmCharts: [{name: web, releaseName: r, namespace: ns}]\n`,
    );
    const refused = await capstan(["build", root]);
    expect(refused.code).toBe(1);
    const { code, stdout, stderr } = await capstan(["build", root, "--allow-remote", "--enable-helm"]);
    expect(code, stderr).toBe(0);
    expect(stdout).toContain("name: settings");
    expect(stdout).toMatch(/name: r\n\s+namespace: ns/);
    expect(readFileSync(join(root, "kustomization.yaml"), "utf8")).toContain("helmCharts");
  });
});
