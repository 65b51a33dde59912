import { describe, expect, it } from "vitest";
import { KustomizeError, type KustomizeErrorCode } from "../errors.js";
import { type MemoryFile, memoryTree } from "../tree/memory-tree.js";
import { type BuildOptions, build, toYaml } from "./build.js";

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

async function failure(
  files: Record<string, MemoryFile>,
  path = "app",
  options: BuildOptions = {},
): Promise<KustomizeError> {
  const error = await build(memoryTree(files), path, options).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(KustomizeError);
  return error as KustomizeError;
}

async function expectFailure(
  files: Record<string, MemoryFile>,
  code: KustomizeErrorCode,
  file: string,
): Promise<void> {
  const error = await failure(files);
  expect([error.code, error.file], error.message).toEqual([code, file]);
}

describe("paths that leave", () => {
  const kustomization = "/app/kustomization.yaml";
  const outside = { "secret.yaml": CONFIG_MAP, "patch.json": "[]" };

  it.each([
    ["a resource", "resources: [../secret.yaml]\n"],
    ["a resource beyond the tree", "resources: [../../../etc/passwd]\n"],
    ["a component beyond the tree", "components: [../../..]\n"],
    ["a generator's file", "configMapGenerator: [{name: a, files: [../secret.yaml]}]\n"],
    ["a generator's env file", "secretGenerator: [{name: a, envs: [../secret.yaml]}]\n"],
    ["a patch", "resources: [a.yaml]\npatches: [{path: ../patch.json, target: {}}]\n"],
    ["a replacement file", "replacements: [{path: ../secret.yaml}]\n"],
    ["a configuration", "configurations: [../secret.yaml]\n"],
    ["a CRD", "crds: [../secret.yaml]\n"],
    ["a schema", "openapi: {path: ../secret.yaml}\n"],
    ["an absolute base", "resources: [/app]\n"],
  ])("%s", async (_, content) => {
    const error = await failure({ ...outside, "app/a.yaml": CONFIG_MAP, "app/kustomization.yaml": content });
    expect(error.code, error.message).toBe("escape");
    expect(error.file).toBe(kustomization);
  });

  it("a symbolic link to a file", async () => {
    const files = {
      ...outside,
      "app/kustomization.yaml": "resources: [link.yaml]\n",
      "app/link.yaml": { link: "../secret.yaml" },
    };
    await expectFailure(files, "escape", kustomization);
  });

  it("a symbolic link out of the tree", async () => {
    const files = { "app/kustomization.yaml": "resources: [link]\n", "app/link": { link: "../../etc" } };
    const error = await failure(files);
    expect(error.code).toBe("escape");
  });

  it("a remote base or file, unless there is a port for it", async () => {
    for (const entry of ["https://github.com/a/b", "https://x.y/z.yaml", "git@github.com:a/b.git"]) {
      await expectFailure({ "app/kustomization.yaml": `resources: ['${entry}']\n` }, "remote", kustomization);
    }
  });
});

describe("cycles", () => {
  it("through resources", async () => {
    const files = {
      "app/kustomization.yaml": "resources: [sub]\n",
      "app/sub/kustomization.yaml": "resources: [..]\n",
    };
    expect((await failure(files)).message).toContain("cycle detected");
  });

  it("through a link to the directory above", async () => {
    const files = { "app/kustomization.yaml": "resources: [loop]\n", "app/loop": { link: "." } };
    expect((await failure(files)).code).toBe("cycle");
  });

  it("of links", async () => {
    const files = {
      "app/kustomization.yaml": "resources: [x]\n",
      "app/x": { link: "y" },
      "app/y": { link: "x" },
    };
    expect((await failure(files)).code).toBe("cycle");
  });

  it("of anchors", async () => {
    const files = {
      "app/kustomization.yaml": "resources: [a.yaml]\n",
      "app/a.yaml": `${CONFIG_MAP}data: &x\n  y: *x\n`,
    };
    await expectFailure(files, "limit", "/app/a.yaml");
  });
});

describe("input that asks for too much", () => {
  const resource = (text: string) => ({
    "app/kustomization.yaml": "resources: [a.yaml]\n",
    "app/a.yaml": text,
  });

  it.each([
    [
      "block maps",
      `${CONFIG_MAP}data:\n${Array.from({ length: 10_000 }, (_, i) => `${" ".repeat(i + 1)}a:\n`).join("")}`,
    ],
    ["flow sequences", `${CONFIG_MAP}data: ${"[".repeat(10_000)}${"]".repeat(10_000)}\n`],
    ["flow maps", `${CONFIG_MAP}data: ${"{a: ".repeat(10_000)}${"}".repeat(10_000)}\n`],
    ["block sequences", `${CONFIG_MAP}data:\n  ${"- ".repeat(10_000)}x\n`],
  ])("nesting in %s", async (_, text) => {
    await expectFailure(resource(text), "limit", "/app/a.yaml");
  });

  it("aliases of aliases", async () => {
    let text = `${CONFIG_MAP}data:\n  a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n`;
    for (let i = 1; i < 12; i++)
      text += `  a${i}: &a${i} [${Array.from({ length: 10 }, () => `*a${i - 1}`).join(", ")}]\n`;
    await expectFailure(resource(text), "limit", "/app/a.yaml");
  });

  it("aliases that nest in one another", async () => {
    let text = `${CONFIG_MAP}data:\n  a0: &a0 x\n`;
    for (let i = 1; i < 5000; i++) text += `  a${i}: &a${i} [*a${i - 1}]\n`;
    await expectFailure(resource(text), "limit", "/app/a.yaml");
  });

  it("what is no text", async () => {
    const files = {
      "app/kustomization.yaml": "resources: [a.yaml]\n",
      "app/a.yaml": Uint8Array.of(0x61, 0xff),
    };
    await expectFailure(files, "yaml", "/app/a.yaml");
  });

  it("merges of merges", async () => {
    let text = `${CONFIG_MAP}m0: &m0 {${Array.from({ length: 40 }, (_, i) => `k${i}: v`).join(", ")}}\n`;
    for (let i = 1; i < 40; i++) text += `m${i}: &m${i} {a: {<<: *m${i - 1}}, b: {<<: *m${i - 1}}}\n`;
    await expectFailure(resource(text), "limit", "/app/a.yaml");
  });

  it("a file of 100 MB, which is not even read", async () => {
    const tree = memoryTree({ "app/kustomization.yaml": "resources: [a.yaml]\n", "app/a.yaml": CONFIG_MAP });
    const large = {
      ...tree,
      stat: (path: string) => {
        const found = tree.stat(path);
        return found && path.endsWith("a.yaml") ? { ...found, size: 100_000_000 } : found;
      },
      readFile: (path: string) => {
        if (path.endsWith("a.yaml")) throw new Error("read");
        return tree.readFile(path);
      },
      readDir: () => [],
    };
    await expect(build(large, "app")).rejects.toMatchObject({ code: "limit", file: "/app/a.yaml" });
  });

  it("maps of too many keys", async () => {
    const keys = Array.from({ length: 60_000 }, (_, i) => `  k${i}: v\n`).join("");
    await expectFailure(resource(`${CONFIG_MAP}data:\n${keys}`), "limit", "/app/a.yaml");
  });

  it("replacements that double a value each time", async () => {
    const text = `- source: {kind: ConfigMap, fieldPath: data.x}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.x], options: {delimiter: '|', index: 9}}]\n`;
    const map = `- source: {kind: ConfigMap, fieldPath: data}\n  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.y, data.z], options: {create: true}}]\n`;
    for (const replacement of [text, map]) {
      const files = {
        "app/kustomization.yaml": `resources: [a.yaml]\nreplacements:\n${replacement.repeat(60)}`,
        "app/a.yaml": `${CONFIG_MAP}data: {x: ${"x".repeat(1000)}}\n`,
      };
      await expectFailure(files, "limit", "/app/kustomization.yaml");
    }
  });

  it("patches that double an object each time", async () => {
    const operation =
      "    - {op: copy, from: /data, path: /data/y}\n    - {op: move, from: /data, path: /old}\n    - {op: add, path: /data, value: {}}\n    - {op: copy, from: /old, path: /data/a}\n    - {op: copy, from: /old, path: /data/b}\n";
    const files = {
      "app/kustomization.yaml": `resources: [a.yaml]\npatches:\n- target: {}\n  patch: |\n${operation.repeat(40)}`,
      "app/a.yaml": `${CONFIG_MAP}data: {x: y}\n`,
    };
    await expectFailure(files, "limit", "/app/kustomization.yaml");
  });

  it("more resources than allowed", async () => {
    const text = Array.from({ length: 20 }, (_, i) => CONFIG_MAP.replace("a}", `a${i}}`)).join("---\n");
    const error = await failure(resource(text), "app", { limits: { resources: 10 } });
    expect([error.code, error.file]).toEqual(["limit", "/app/kustomization.yaml"]);
  });

  it("kustomizations without end", async () => {
    const files: Record<string, string> = {};
    for (let i = 0; i < 200; i++) files[`d${i}/kustomization.yaml`] = `resources: [../d${i + 1}]\n`;
    expect((await failure(files, "d0")).code).toBe("limit");
  });

  it("expressions that backtrack elsewhere", async () => {
    const files = {
      "app/kustomization.yaml": `resources: [a.yaml]\npatches: [{target: {name: '(a+)+$'}, patch: '[{"op": "test", "path": "/kind", "value": "ConfigMap"}]'}]\n`,
      "app/a.yaml": CONFIG_MAP.replace("a}", `${"a".repeat(5000)}!}`),
    };
    expect((await build(memoryTree(files), "app")).resources).toHaveLength(1);
  });

  it("expressions that no one can compile", async () => {
    const files = {
      "app/kustomization.yaml": `resources: [a.yaml]\npatches: [{target: {name: '(('}, patch: '[]'}]\n`,
      "app/a.yaml": CONFIG_MAP,
    };
    const error = await failure(files);
    expect(error.message).toContain("error parsing regexp");
    expect(error.file).toBe("/app/kustomization.yaml");
  });
});

describe("keys that are properties of every object", () => {
  it("are data like any other", async () => {
    const keys = ["__proto__", "constructor", "hasOwnProperty", "toString"];
    const data = keys.map((key) => `  ${key}: "1"\n`).join("");
    const files = {
      "app/kustomization.yaml": `resources: [a.yaml]\npatches:\n- target: {}\n  patch: '[{"op": "add", "path": "/data/__proto__", "value": "2"}, {"op": "add", "path": "/__proto__", "value": {"polluted": true}}]'\n`,
      "app/a.yaml": `${CONFIG_MAP}data:\n${data}`,
    };
    const { resources } = await build(memoryTree(files), "app");
    expect(toYaml(resources)).toContain('  __proto__: "2"\n');
    expect(Object.keys(resources[0]?.object["data"] as object).sort()).toEqual(keys);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it("are unknown fields in a kustomization", async () => {
    await expectFailure(
      { "app/kustomization.yaml": "__proto__: {}\n" },
      "kustomization",
      "/app/kustomization.yaml",
    );
  });
});
