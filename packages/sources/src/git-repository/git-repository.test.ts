import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { conditionOf, isReadyNow, startHome, temporaryDirectory } from "../testing/home.js";
import { WorkTree } from "../testing/work-tree.js";

describe("GitRepository", () => {
  it("offers the content of a branch as an artifact", async () => {
    const tree = new WorkTree(await temporaryDirectory());
    const commit = tree.commit("first commit\n\nbody", { "app/a.yaml": "a: 1", "logo.png": "x", ".gitignore": "x" });
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    const object = await home.until(isReadyNow);
    expect(object.status).toMatchObject({
      observedGeneration: 1,
      artifact: {
        path: `gitrepository/default/demo/${commit}.tar.gz`,
        revision: `main@sha1:${commit}`,
        metadata: { "capstan.dev/author": "Ada <ada@example.com>", "capstan.dev/subject": "first commit" },
      },
    });
    expect(conditionOf(object, "Ready")).toMatchObject({
      reason: "Succeeded",
      message: `stored artifact for revision 'main@sha1:${commit}'`,
    });
    expect(conditionOf(object, "ArtifactInStorage")).toMatchObject({ status: "True", reason: "Succeeded" });
    expect(object.metadata.finalizers).toEqual(["finalizers.fluxcd.io"]);
    const paths = await home.reader.using(object.status!.artifact!, (directory) => readdir(directory, { recursive: true }));
    expect(paths.sort()).toEqual(["app", "app/a.yaml"]);
    expect((await fetch(object.status!.artifact!.url)).status).toBe(200);
  });
});
