import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { diskTree } from "@capstan/kustomize";
import { afterAll, describe, expect, it } from "vitest";
import {
  configMap,
  kustomization,
  rehearseFiles,
  removeRepositories,
  texts,
  unitOf,
  writeRepository,
} from "./testing/repository.js";

afterAll(removeRepositories);

const APPS = "Kustomization/flux-system/apps";
const WEB = "HelmRelease/flux-system/web";
const SYNC = kustomization("flux-system", "./c");

const fromArtifact = kustomization("apps", "./").replace(
  "{kind: GitRepository, name: flux-system}",
  "{kind: ExternalArtifact, name: apps}",
);

function generator(artifacts: string, more = ""): string {
  return `apiVersion: source.extensions.fluxcd.io/v1beta1
kind: ArtifactGenerator
metadata: {name: g, namespace: flux-system}
spec:
  sources: [{alias: repo, kind: GitRepository, name: flux-system}]
${more}  artifacts:
${artifacts}`;
}

/** A directory packed as charts and artifacts are. */
function packed(files: Readonly<Record<string, string>>): string {
  const folder = writeRepository(files);
  spawnSync("tar", ["-czf", "packed.tgz", ...Object.keys(files)], { cwd: folder });
  return join(folder, "packed.tgz");
}

function release(reference: string): string {
  return `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: flux-system}
spec:
  interval: 1h
  ${reference}
`;
}

const chart = (directory: string, colour: string) => ({
  [`${directory}/Chart.yaml`]: "apiVersion: v2\nname: web\nversion: 1.2.3\n",
  [`${directory}/values.yaml`]: `colour: ${colour}\n`,
  [`${directory}/templates/cm.yaml`]: `apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}-{{ .Values.colour }}"}
`,
});

describe("generated artifacts", () => {
  it("are merged", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": fromArtifact,
      "c/g.yaml": generator(`  - name: apps
    copy:
    - {from: "@repo/base/cm.yaml", to: "@artifact/cm.yaml"}
    - {from: "@repo/over/cm.yaml", to: "@artifact/cm.yaml", strategy: Merge}
`),
      "base/cm.yaml": configMap("a"),
      "over/cm.yaml": "metadata: {name: merged}\n",
    });
    const unit = unitOf(report, APPS);
    expect(unit.objects.map(({ object }) => object)).toEqual(["ConfigMap/default/merged"]);
  });

  it("are unpacked", async () => {
    const archive = packed({ "inner/cm.yaml": configMap("packed") });
    const folder = writeRepository({
      "c/apps.yaml": fromArtifact,
      "c/g.yaml": generator(`  - name: apps
    copy:
    - {from: "@other/packed.tgz", to: "@artifact/", strategy: Extract}
`).replace("name: flux-system}]", "name: flux-system}, {alias: other, kind: Bucket, name: b}]"),
    });
    const local = new Map([["Bucket/flux-system/b", diskTree(join(archive, ".."))]]);
    const report = await rehearseFiles({}, { directory: folder, local });
    expect(unitOf(report, APPS).objects.map(({ object }) => object)).toEqual(["ConfigMap/default/packed"]);
  });

  it("are made for each directory of a pattern", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": fromArtifact,
      "c/g.yaml": generator(
        `  - name: "{app}s"
    copy: [{from: "@repo/tree/{app}/**", to: "@artifact/"}]
`,
        '  pathPattern: "@repo/tree/{app}"\n',
      ),
      "tree/app/cm.yaml": configMap("a"),
    });
    expect(unitOf(report, APPS).objects.map(({ object, file }) => `${object} ${file}`)).toEqual([
      "ConfigMap/default/a tree/app/cm.yaml",
    ]);
  });

  it("fail where they cannot be made, for the repository is to blame", async () => {
    const report = await rehearseFiles({
      "c/apps.yaml": fromArtifact,
      "c/g.yaml": generator('  - name: apps\n    copy: [{from: "@repo/gone", to: "@artifact/"}]\n'),
    });
    const unit = unitOf(report, APPS);
    expect(unit.outcome).toBe("failed");
    expect(texts(unit.findings)[0]).toContain("ExternalArtifact apps cannot be generated");
    expect(texts(unit.findings)[0]).toContain("source 'gone' does not exist");
  });

  it("are skipped where nothing makes them, or a source is elsewhere", async () => {
    const nothing = await rehearseFiles({ "c/apps.yaml": fromArtifact });
    expect(unitOf(nothing, APPS)).toMatchObject({ outcome: "skipped" });
    const elsewhere = await rehearseFiles({
      "c/apps.yaml": fromArtifact,
      "c/g.yaml": generator('  - name: apps\n    copy: [{from: "@repo/x", to: "@artifact/"}]\n').replace(
        "kind: GitRepository",
        "kind: Bucket",
      ),
      "c/b.yaml":
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: Bucket\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {bucketName: b, endpoint: e.example, interval: 1h}\n".replace(
          "name: flux-system, ",
          "name: other, ",
        ),
    });
    expect(unitOf(elsewhere, APPS).outcome).not.toBe("passed");
  });
});

describe("charts", () => {
  it.each([
    [
      "of a HelmChart in the repository",
      "chartRef: {kind: HelmChart, name: web}",
      {
        "c/chart.yaml":
          "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {name: web, namespace: flux-system}\nspec: {chart: ./charts/web, interval: 1h, sourceRef: {kind: GitRepository, name: flux-system}}\n",
        ...chart("charts/web", "red"),
      },
    ],
    [
      "of a generated artifact",
      "chartRef: {kind: ExternalArtifact, name: chart}",
      {
        "c/g.yaml": generator(
          '  - name: chart\n    copy:\n    - {from: "@repo/charts/**", to: "@artifact/"}\n    - {from: "@repo/red.yaml", to: "@artifact/web/values.yaml", strategy: Merge}\n',
        ),
        "red.yaml": "colour: red\n",
        ...chart("charts/web", "blue"),
      },
    ],
  ])("%s are rendered", async (_, reference, files) => {
    const report = await rehearseFiles({
      "c/sync.yaml": SYNC,
      "c/release.yaml": release(reference),
      ...files,
    });
    const unit = unitOf(report, WEB);
    expect(texts(unit.findings)).toEqual([]);
    expect(unit.objects.map(({ object }) => object)).toEqual(["ConfigMap/flux-system/web-red"]);
  });

  it.each([
    ["an OCIRepository", "chartRef: {kind: OCIRepository, name: o}", "OCIRepository/flux-system/o", "web"],
    [
      "a HelmRepository",
      "chart: {spec: {chart: web, version: 1.2.3, sourceRef: {kind: HelmRepository, name: o}}}",
      "HelmRepository/flux-system/o",
      "web",
    ],
    ["the chart itself", "chartRef: {kind: OCIRepository, name: o}", "OCIRepository/flux-system/o", ""],
  ])("of %s are rendered from a directory of this machine", async (_, reference, key, directory) => {
    const folder = writeRepository(chart("web", "green"));
    const place = directory === "" ? join(folder, "web") : folder;
    const local = new Map([[key, diskTree(place)]]);
    const report = await rehearseFiles(
      { "c/sync.yaml": SYNC, "c/release.yaml": release(reference) },
      { local },
    );
    expect(unitOf(report, WEB).objects.map(({ object }) => object)).toEqual([
      "ConfigMap/flux-system/web-green",
    ]);
  });

  it("are rendered from archives", async () => {
    const archive = readFileSync(packed(chart("web", "packed")));
    const folder = writeRepository({});
    const { writeFileSync } = await import("node:fs");
    writeFileSync(join(folder, "web-1.2.3.tgz"), archive);
    const reference =
      "chart: {spec: {chart: web, version: 1.2.3, sourceRef: {kind: HelmRepository, name: o}}}";
    const local = new Map([["HelmRepository/flux-system/o", diskTree(folder)]]);
    const report = await rehearseFiles(
      { "c/sync.yaml": SYNC, "c/release.yaml": release(reference) },
      { local },
    );
    expect(unitOf(report, WEB).objects.map(({ object }) => object)).toEqual([
      "ConfigMap/flux-system/web-packed",
    ]);
  });

  it.each([
    [
      "chartRef: {kind: OCIRepository, name: o}",
      "its chart comes from OCIRepository/o, which is not asked for here",
    ],
    [
      "chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: o}}}",
      "its chart web comes from HelmRepository/o, which is not asked for here",
    ],
    [
      "chartRef: {kind: HelmChart, name: gone}",
      "its chart HelmChart/flux-system/gone is not in the repository",
    ],
  ])("of elsewhere are skipped: %s", async (reference, message) => {
    const unit = unitOf(
      await rehearseFiles({ "c/sync.yaml": SYNC, "c/release.yaml": release(reference) }),
      WEB,
    );
    expect(unit).toMatchObject({ outcome: "skipped", findings: [{ severity: "note", message }] });
  });

  it("at the root of a generated artifact fail, as Helm has it", async () => {
    const report = await rehearseFiles({
      "c/sync.yaml": SYNC,
      "c/release.yaml": release("chartRef: {kind: ExternalArtifact, name: chart}"),
      "c/g.yaml": generator('  - name: chart\n    copy: [{from: "@repo/charts/web/**", to: "@artifact/"}]\n'),
      ...chart("charts/web", "blue"),
    });
    expect(texts(unitOf(report, WEB).findings)[0]).toContain("chart yaml not in base directory");
  });
});
