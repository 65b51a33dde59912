import { composeTree, DEFAULT_TREE_LIMITS } from "@capstan/artifacts";
import { expect, it } from "vitest";
import type { ArtifactGeneratorObject } from "../api/artifact-generator.js";
import { GeneratorError, generateArtifact } from "./generate.js";

const read = async () => Buffer.from("x");
const file = (path: string) => ({ kind: "file" as const, path, executable: false, size: 1, read });
const tree = composeTree([[file("apps/web/a.yaml"), file("apps/db/a.yaml")]], DEFAULT_TREE_LIMITS);
const options = {
  sources: new Map([["repo", tree]]),
  limits: DEFAULT_TREE_LIMITS,
  unpack: async () => [],
};
const spec = (fields: object) =>
  ({
    sources: [{ alias: "repo", kind: "GitRepository", name: "r" }],
    ...fields,
  }) as ArtifactGeneratorObject["spec"];

it("gives the files of one artifact, also of those that a path pattern makes", async () => {
  const artifacts = [{ name: "all", copy: [{ from: "@repo/apps/**", to: "@artifact/" }] }];
  const all = await generateArtifact(spec({ artifacts }), "all", options);
  const files = all?.filter((entry) => entry.kind === "file");
  expect(files?.map(({ path }) => path).sort()).toEqual(["db/a.yaml", "web/a.yaml"]);
  expect(files?.every((each) => each.read === read)).toBe(true);
  const perApp = spec({
    pathPattern: "@repo/apps/{app}",
    artifacts: [{ name: "app-{app}", copy: [{ from: "@repo/apps/{app}/**", to: "@artifact/" }] }],
  });
  const web = await generateArtifact(perApp, "app-web", options);
  expect(web?.map(({ path }) => path)).toEqual(["a.yaml"]);
  expect(await generateArtifact(perApp, "app-gone", options)).toBeUndefined();
});

it("says why there is none", async () => {
  const artifacts = [{ name: "all", copy: [{ from: "@repo/gone", to: "@artifact/" }] }];
  const failed = generateArtifact(spec({ artifacts }), "all", options);
  await expect(failed).rejects.toBeInstanceOf(GeneratorError);
  await expect(failed).rejects.toThrow("source 'gone' does not exist");
});
