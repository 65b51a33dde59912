import { execFileSync } from "node:child_process";
import { afterAll, expect, it } from "vitest";
import { isFluxSync } from "./flux-sync.js";
import { kustomization, removeRepositories, writeRepository } from "./rehearsal/testing/repository.js";

afterAll(removeRepositories);

it("knows the directories that Flux synchronises from those that are plain", () => {
  const repository = writeRepository({
    "clusters/prod/apps.yaml": kustomization("apps", "./apps"),
    "clusters/other/apps.yaml": kustomization("apps", "./apps").replace("name: flux-system}", "name: x}"),
    "apps/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: flux-system}\n",
    "apps/template.yaml": "{{ if name: flux-system }}",
  });
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", repository, "-c", "user.name=a", "-c", "user.email=a@b", ...args]);
  git("init", "--quiet");
  git("add", "--all");
  git("commit", "--quiet", "--message=x");
  expect(isFluxSync(repository, "./clusters/prod")).toBe(true);
  expect(isFluxSync(repository, "./clusters/prod/")).toBe(true);
  expect(isFluxSync(repository, "./clusters/other")).toBe(false);
  expect(isFluxSync(repository, "./apps")).toBe(false);
  expect(isFluxSync(`${repository}/gone`, "./")).toBe(false);
});
