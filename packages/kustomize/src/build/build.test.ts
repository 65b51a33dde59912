import { describe, expect, it } from "vitest";
import { KustomizeError } from "../errors.js";
import type { HelmChartRequest } from "../generators/helm-chart.js";
import { memoryTree } from "../tree/memory-tree.js";
import { build, toYaml } from "./build.js";

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

describe("build", () => {
  it("tells where each object comes from and what acted on it", async () => {
    const tree = memoryTree({
      "base/kustomization.yaml": "resources: [two.yaml]\nnamespace: x\n",
      "base/two.yaml": `# first\n---\n${CONFIG_MAP}---\n${CONFIG_MAP.replace("name: a", "name: b")}`,
      "app/kustomization.yaml":
        "resources: [../base]\nimages: [{name: nginx, newTag: '1'}]\nnamePrefix: p-\nconfigMapGenerator: [{name: g}]\n",
    });
    const { resources } = await build(tree, "app");
    const told = resources.map(({ object, file, line, touches }) => ({
      name: object.metadata.name,
      file,
      line,
      touches: touches.map((touch) => `${touch.by} ${touch.configuredIn}`),
    }));
    expect(told).toEqual([
      {
        name: "p-a",
        file: "/base/two.yaml",
        line: 3,
        touches: [
          "NamespaceTransformer /base/kustomization.yaml",
          "PrefixTransformer /app/kustomization.yaml",
        ],
      },
      {
        name: "p-b",
        file: "/base/two.yaml",
        line: 7,
        touches: [
          "NamespaceTransformer /base/kustomization.yaml",
          "PrefixTransformer /app/kustomization.yaml",
        ],
      },
      {
        name: "p-g-6ct58987ht",
        file: "/app/kustomization.yaml",
        line: undefined,
        touches: ["ConfigMapGenerator /app/kustomization.yaml", "PrefixTransformer /app/kustomization.yaml"],
      },
    ]);
  });

  it("names file and line of what is no YAML", async () => {
    const tree = memoryTree({
      "kustomization.yaml": "resources: [a.yaml]\n",
      "a.yaml": `${CONFIG_MAP}---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n\tname: b\n`,
    });
    await expect(build(tree, "/")).rejects.toMatchObject({ code: "yaml", file: "/a.yaml", line: 8 });
  });

  it("collects the failures of all files where asked to", async () => {
    const tree = memoryTree({
      "kustomization.yaml":
        "resources: [a.yaml, b.yaml, c.yaml, none.yaml]\nreplicas: [{name: left-out, count: 1}]\n",
      "a.yaml": "a: [\n",
      "b.yaml": CONFIG_MAP,
      "c.yaml": "kind: X\n",
    });
    const error = await build(tree, "/", { collectErrors: true }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(KustomizeError);
    const places = (error as KustomizeError).errors.map(({ code, file }) => [code, file]);
    expect(places).toEqual([
      ["yaml", "/a.yaml"],
      ["resource", "/c.yaml"],
      ["not-found", "/kustomization.yaml"],
    ]);
  });

  it("keeps large integers exact in YAML", async () => {
    const tree = memoryTree({
      "kustomization.yaml": "resources: [a.yaml]\n",
      "a.yaml": "apiVersion: x/v1\nkind: X\nmetadata: {name: a}\nbig: 9007199254740993\n",
    });
    const { resources } = await build(tree, "/");
    expect(toYaml(resources)).toContain("big: 9007199254740993\n");
    expect(resources[0]?.object["big"]).toBe(9007199254740992);
  });

  it("warns of deprecated fields", async () => {
    const tree = memoryTree({ "kustomization.yaml": "commonLabels: {a: b}\nbases: []\n" });
    const { warnings } = await build(tree, "/");
    expect(warnings.map((warning) => warning.slice(0, 32))).toEqual([
      "# Warning: 'bases' is deprecated",
      "# Warning: 'commonLabels' is dep",
    ]);
  });

  it("changes nothing it was given and nothing between builds", async () => {
    const files = { "kustomization.yaml": "resources: [a.yaml]\nnamePrefix: p-\n", "a.yaml": CONFIG_MAP };
    const tree = memoryTree(files);
    const outputs = await Promise.all([1, 2, 3].map(async () => toYaml((await build(tree, "/")).resources)));
    expect(new Set(outputs).size).toBe(1);
  });
});

describe("ports", () => {
  it("clones remote bases and fetches remote files", async () => {
    const tree = memoryTree({
      "kustomization.yaml":
        "resources: ['https://github.com/o/r//base?ref=v1', 'https://h/f.yaml']\nnamePrefix: p-\n",
    });
    const cloned: string[] = [];
    const { resources } = await build(tree, "/", {
      remote: {
        cloneRepository: async (spec) => {
          cloned.push(`${spec.cloneUrl} ${spec.path} ${spec.ref}`);
          return memoryTree({
            "base/kustomization.yaml": "resources: [a.yaml]\n",
            "base/a.yaml": CONFIG_MAP,
          });
        },
        fetchFile: async (url) => ({
          status: url === "https://h/f.yaml" ? 200 : 404,
          body: new TextEncoder().encode(CONFIG_MAP.replace("name: a", "name: f")),
        }),
      },
    });
    expect(cloned).toEqual(["https://github.com/o/r base v1"]);
    expect(resources.map(({ object, file }) => [object.metadata.name, file])).toEqual([
      ["p-a", "/base/a.yaml"],
      ["p-f", "https://h/f.yaml"],
    ]);
  });

  it("does not let a cloned base out of its repository", async () => {
    const tree = memoryTree({ "kustomization.yaml": "resources: ['https://github.com/o/r']\n" });
    const cloneRepository = async () => memoryTree({ "kustomization.yaml": "resources: [../../x]\n" });
    const remote = { cloneRepository, fetchFile: async () => ({ status: 404, body: new Uint8Array() }) };
    await expect(build(tree, "/", { remote })).rejects.toMatchObject({ code: "escape" });
  });

  it("tells what a port failed with", async () => {
    const fail = async (): Promise<never> => {
      throw new TypeError("fetch failed");
    };
    const tree = memoryTree({ "kustomization.yaml": "resources: ['https://h/f.yaml']\n" });
    const remote = { cloneRepository: fail, fetchFile: fail };
    await expect(build(tree, "/", { remote })).rejects.toMatchObject({
      code: "remote",
      file: "/kustomization.yaml",
    });
    const chart = memoryTree({
      "kustomization.yaml": "helmCharts: [{name: c, repo: 'https://h', version: '1'}]\n",
    });
    await expect(build(chart, "/", { inflateHelmChart: fail })).rejects.toMatchObject({ code: "helm" });
  });

  it("renders charts with the merged values", async () => {
    const tree = memoryTree({
      "kustomization.yaml":
        "helmCharts:\n- name: c\n  releaseName: r\n  namespace: ns\n  includeCRDs: true\n  valuesInline: {a: {b: 2}}\n  additionalValuesFiles: [more.yaml]\nnamePrefix: p-\n",
      "more.yaml": "z: 1\n",
      "charts/c/values.yaml": "a: {b: 1, c: 1}\n",
      "charts/c/Chart.yaml": "name: c\n",
    });
    const requests: HelmChartRequest[] = [];
    const { resources } = await build(tree, "/", {
      inflateHelmChart: (request) => {
        requests.push(request);
        return CONFIG_MAP;
      },
    });
    expect(resources.map(({ object }) => object.metadata.name)).toEqual(["p-a"]);
    expect(requests[0]).toMatchObject({
      directory: "/charts/c",
      releaseName: "r",
      namespace: "ns",
      includeCRDs: true,
      values: ["a:\n  b: 2\n  c: 1\n", "z: 1\n"],
    });
  });
});
