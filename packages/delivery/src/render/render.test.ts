import { memoryTree } from "@capstan/kustomize";
import { describe, expect, it } from "vitest";
import { buildWithKustomize } from "./kustomize.js";
import { type RenderRequest, render } from "./render.js";

const request: RenderRequest = {
  directory: "/nowhere",
  path: "./app",
  spec: {},
  finish: { owner: { name: "n", namespace: "ns" } },
};

const config = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}, namespace: x}\n`;

function rendered(files: Record<string, string>, directory = request.directory) {
  return render({ ...request, directory }, buildWithKustomize, () => memoryTree(files));
}

describe("a build that fails", () => {
  it("names both places of an object that is there twice", async () => {
    const files = { "/app/a.yaml": config("one"), "/app/b.yaml": `${config("two")}---\n${config("one")}` };
    await expect(rendered(files)).rejects.toMatchObject({
      reason: "BuildFailed",
      message: expect.stringMatching(
        /build failed: app\/b\.yaml:5: .*\(the first one is at app\/a\.yaml:1\)$/,
      ),
    });
  });

  it("names every file that cannot be read, with its line", async () => {
    const files = { "/app/a.yaml": "kind: [\n", "/app/b.yaml": config("one"), "/app/c.yaml": "a: b: c\n" };
    await expect(rendered(files)).rejects.toThrow(/app\/a\.yaml:\d+: [\s\S]*\napp\/c\.yaml:1: /);
  });

  it("names files of the machine's own tree as the machine does", async () => {
    await expect(rendered({ "/app/a.yaml": "a: b: c\n" }, "/")).rejects.toThrow(/failed: \/app\/a\.yaml:1: /);
  });
});
