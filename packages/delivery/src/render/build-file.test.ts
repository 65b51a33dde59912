import { parseYaml } from "@capstan/kube";
import { memoryTree } from "@capstan/kustomize";
import { describe, expect, it } from "vitest";
import { type BuildSpec, buildFile } from "./build-file.js";

function made(files: Record<string, string>, directory = "/", spec: BuildSpec = {}) {
  const { path, content } = buildFile(memoryTree(files), directory, spec);
  return { path, content: content === undefined ? undefined : parseYaml(new TextDecoder().decode(content)) };
}

describe("buildFile", () => {
  it("lists manifests of all directories, and directories that have a build file of their own", () => {
    const files = {
      "app/b.yaml": "",
      "app/a.yml": "",
      "app/notes.txt": "",
      "app/sub/c.yaml": "",
      "app/base/kustomization.yaml": "",
      "app/base/hidden.yaml": "",
      "other.yaml": "",
    };
    expect(made(files, "/app")).toEqual({
      path: "/app/kustomization.yaml",
      content: {
        apiVersion: "kustomize.config.k8s.io/v1beta1",
        kind: "Kustomization",
        resources: ["./a.yml", "./b.yaml", "./base", "./sub/c.yaml"],
      },
    });
    expect(made(files).content).toMatchObject({
      resources: ["./app/a.yml", "./app/b.yaml", "./app/base", "./app/sub/c.yaml", "./other.yaml"],
    });
  });

  it("does not walk in circles behind links", () => {
    const tree = memoryTree({ "a/x.yaml": "", "a/loop": { link: "../a" } });
    const { content } = buildFile(tree, "/a", {});
    expect(parseYaml(new TextDecoder().decode(content))).toMatchObject({ resources: ["./x.yaml"] });
  });

  it("builds nothing from an empty directory", () => {
    expect(made({ "a/readme.md": "" }, "/a").content).toMatchObject({ namespace: "_placeholder" });
  });

  it("leaves a build file alone that the spec adds nothing to", () => {
    const files = { "kustomization.yml": "resources: [a.yaml]", "a.yaml": "" };
    expect(made(files)).toEqual({ path: "/kustomization.yml", content: undefined });
  });

  it("adds what the spec asks for", () => {
    const files = {
      "kustomization.yaml":
        "resources: [a.yaml]\nnamespace: old\npatches: [{patch: x}]\ncomponents: [../c]\n",
    };
    const spec: BuildSpec = {
      targetNamespace: "new",
      namePrefix: "p-",
      nameSuffix: "-s",
      patches: [{ patch: "y", target: { kind: "Deployment" } }],
      components: ["../d"],
      buildMetadata: ["originAnnotations"],
    };
    expect(made(files, "/", spec).content).toEqual({
      resources: ["a.yaml"],
      namespace: "new",
      namePrefix: "p-",
      nameSuffix: "-s",
      patches: [{ patch: "x" }, { patch: "y", target: { kind: "Deployment" } }],
      components: ["../c", "../d"],
      buildMetadata: ["originAnnotations"],
    });
  });

  it("merges images by name; a tag and a digest replace each other", () => {
    const files = {
      "kustomization.yaml":
        "resources: [a]\nimages: [{name: a, newName: r/a, digest: sha256:1}, {name: b, newTag: v1}]",
    };
    const images = [
      { name: "a", newTag: "v2" },
      { name: "b", newName: "r/b" },
      { name: "c", newTag: "v3" },
    ];
    expect(made(files, "/", { images }).content).toMatchObject({
      images: [
        { name: "a", newName: "r/a", newTag: "v2" },
        { name: "b", newName: "r/b", newTag: "v1" },
        { name: "c", newTag: "v3" },
      ],
    });
  });

  it("refuses components from elsewhere, and skips missing ones only when told", () => {
    const files = { "kustomization.yaml": "resources: [a]", "here/x": "" };
    for (const component of ["/abs", "https://x/y", "git@github.com:a/b", "github.com/a/b"]) {
      expect(() => made(files, "/", { components: [component] })).toThrow("must be local and relative");
    }
    const components = ["./here", "./gone"];
    expect(made(files, "/", { components, ignoreMissingComponents: true }).content).toMatchObject({
      components: ["./here"],
    });
    expect(made(files, "/", { components }).content).toMatchObject({ components });
  });

  it("names the build file that is wrong", () => {
    expect(() => made({ "kustomization.yaml": "a: [" })).toThrow("/kustomization.yaml");
    expect(() => made({ "kustomization.yaml": "- a" })).toThrow("is not a mapping");
  });
});
