import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";
import { configMap, Flux, namespace } from "./support/flux.js";
import type { LocalRepository } from "./support/git.js";

const scratch = temporaryDirectory();
let home: Capstan;
let flux: Flux;
let repository: LocalRepository;

beforeAll(async () => {
  home = await Capstan.up(join(scratch.path, "data"));
  flux = new Flux(home, scratch.path);
  await home.kubectl(["create", "namespace", namespace]);
  repository = await flux.running("build", {
    "app/a.yaml": configMap("kept", { v: "1" }),
    "app/z.yaml": configMap("other"),
  });
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  scratch.remove();
});

/** A YAML alias bomb: nine levels, each nine times the one before. */
function bomb(): string {
  const levels = "abcdefghi";
  const lines = ["a: &a [x,x,x,x,x,x,x,x,x]"];
  for (let at = 1; at < levels.length; at++) {
    const [from, to] = [levels[at - 1], levels[at]];
    lines.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(",")}]`);
  }
  return `${lines.join("\n")}\n`;
}

const syntaxError = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: kept\n data: {}\n";
const list = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n";

describe("a change that cannot be built", () => {
  it.each<[string, Record<string, string>, (string | RegExp)[]]>([
    ["a YAML syntax error", { "app/a.yaml": syntaxError }, [/app\/a\.yaml:[45]\b/]],
    [
      "a syntax error in the second document of a file",
      { "app/a.yaml": `${configMap("kept")}---\nkind: [\n` },
      [/app\/a\.yaml:([67])\b/],
    ],
    ["an object without a kind", { "app/a.yaml": "metadata:\n  name: kept\n" }, [/app\/a\.yaml:1\b/, "kind"]],
    [
      "an object without a name",
      { "app/a.yaml": `${configMap("kept")}---\nkind: ConfigMap\napiVersion: v1\n` },
      [/app\/a\.yaml:6\b/, "name"],
    ],
    [
      "a duplicate object",
      { "app/b.yaml": `${configMap("kept2")}---\n${configMap("kept")}` },
      ["kept", /app\/a\.yaml:1\b/, /app\/b\.yaml:6\b/],
    ],
    ["an alias bomb", { "app/a.yaml": bomb() }, [/app\/a\.yaml:\d+/, /alias/]],
    [
      "a file that a kustomization lists and that is not there",
      { "app/kustomization.yaml": `${list}- a.yaml\n- gone.yaml\n` },
      ["gone.yaml", "app"],
    ],
    [
      "an unknown field of a kustomization",
      { "app/kustomization.yaml": `${list}- a.yaml\nresourcez:\n- b.yaml\n` },
      ["app/kustomization.yaml", "resourcez"],
    ],
    [
      "a base outside of the repository",
      { "app/kustomization.yaml": `${list}- ../../../../etc\n` },
      ["etc", "app"],
    ],
  ])("%s: says where, and leaves running what ran", async (_what, files, says) => {
    const uid = (await home.get("configmap", "kept"))?.metadata.uid;
    const before = (await flux.get("kustomization", "build"))?.status;
    const commit = await flux.change(repository, "build", files);
    try {
      await flux.is("kustomization", "build", { status: "False", reason: "BuildFailed", says }, 20_000);
      const { status } = (await flux.get("kustomization", "build")) ?? {};
      expect(status.lastAttemptedRevision).toBe(`main@sha1:${commit}`);
      expect(status.lastAppliedRevision).toBe(before?.lastAppliedRevision);
      expect(status.inventory).toEqual(before?.inventory);
      const kept = await home.get("configmap", "kept");
      expect(kept?.metadata.uid).toBe(uid);
      expect(kept?.data).toEqual({ v: "1" });
      expect(await home.get("configmap", "other")).toBeDefined();
      const events = await home.kubectl(["events", "-n", namespace, "--for", "kustomization/build"]);
      expect(events).toContain("BuildFailed");
    } finally {
      const back = Object.fromEntries(Object.keys(files).map((name) => [name, undefined]));
      await flux.change(repository, "build", { ...back, "app/a.yaml": configMap("kept", { v: "1" }) });
      await flux.is("kustomization", "build", { status: "True", reason: "ReconciliationSucceeded" });
    }
  });
});
