import type { Hook, Manifest } from "@capstan/helm";
import { describe, expect, it } from "vitest";
import type { PostRendering } from "./chart-request.js";
import { postRender } from "./post-render.js";

const manifest = (name: string, kind = "ConfigMap", more = ""): Manifest => ({
  path: `app/templates/${name}.yaml`,
  kind,
  name,
  text: `kind: ${kind} # a comment\napiVersion: v1\nmetadata:\n  name: ${name}\n${more}`,
});

const hook = (name: string): Hook => ({
  path: `app/templates/${name}.yaml`,
  kind: "ConfigMap",
  name,
  text: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  annotations: {helm.sh/hook: pre-install}\n`,
  events: ["pre-install"],
  weight: 0,
  deletePolicies: [],
  outputLogPolicies: [],
});

const post = (more: Partial<PostRendering> = {}): PostRendering => ({
  strategy: "combined",
  renderers: [],
  common: undefined,
  labels: { owner: "me" },
  ...more,
});

const patched = {
  kustomize: {
    patches: [{ target: { kind: "ConfigMap" }, patch: "- {op: add, path: /data, value: {k: v}}" }],
  },
};

describe("postRender", () => {
  it("labels everything, hooks too, and keeps where it comes from", async () => {
    const { manifests, hooks } = await postRender({ manifests: [manifest("a")], hooks: [hook("h")] }, post());
    expect(manifests).toEqual([
      {
        path: "app/templates/a.yaml",
        kind: "ConfigMap",
        name: "a",
        text: "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  labels:\n    owner: me\n  name: a",
      },
    ]);
    expect(hooks[0]).toMatchObject({ path: "app/templates/h.yaml", events: ["pre-install"] });
    expect(hooks[0]?.text).toContain("owner: me");
  });

  it("runs renderers in order, then common metadata, then labels that nothing overrides", async () => {
    const options = post({
      renderers: [patched, { kustomize: { images: [{ name: "nginx", newTag: "2" }] } }],
      common: { labels: { owner: "other", team: "t" }, annotations: { note: "text" } },
    });
    const pod = manifest("p", "Pod", "spec: {containers: [{name: web, image: nginx}]}\n");
    const { manifests } = await postRender({ manifests: [manifest("a"), pod], hooks: [] }, options);
    const texts = manifests.map(({ text }) => text);
    expect(texts[0]).toContain("data:\n  k: v");
    expect(texts[1]).toContain("image: nginx:2");
    for (const text of texts) {
      expect(text).toContain("owner: me");
      expect(text).toContain("team: t");
      expect(text).toContain("note: text");
    }
  });

  it("leaves hooks as they are with nohooks, and takes names twice then", async () => {
    const rendering = { manifests: [manifest("same")], hooks: [hook("same")] };
    await expect(postRender(rendering, post())).rejects.toThrow(
      "may not add resource with an already registered id: ConfigMap.v1.[noGrp]/same.[noNs]",
    );
    const without = await postRender(rendering, post({ strategy: "nohooks", renderers: [patched] }));
    expect(without.hooks[0]?.text).not.toContain("owner");
    expect(without.manifests[0]?.text).toContain("k: v");
    const separate = await postRender(rendering, post({ strategy: "separate", renderers: [patched] }));
    expect(separate.hooks[0]?.text).toContain("k: v");
  });

  it("says what is wrong with a patch", async () => {
    const bad = { kustomize: { patches: [{ patch: "- {op: nonsense}", target: { kind: "ConfigMap" } }] } };
    await expect(
      postRender({ manifests: [manifest("a")], hooks: [] }, post({ renderers: [bad] })),
    ).rejects.toThrow("error while running post render on files: ");
  });

  it("names the stream that a renderer failed on", async () => {
    const bad = { kustomize: { patches: [{ patch: "- {op: nonsense}", target: { kind: "ConfigMap" } }] } };
    const rendering = { manifests: [manifest("a")], hooks: [hook("h")] };
    await expect(postRender(rendering, post({ renderers: [bad], strategy: "separate" }))).rejects.toThrow(
      "error while running post render on hooks: ",
    );
    await expect(postRender(rendering, post({ renderers: [bad], strategy: "nohooks" }))).rejects.toThrow(
      "error while running post render on manifests: ",
    );
  });

  it("prints as kyaml does: long lines whole, quotes only where they are needed", async () => {
    const long = `${"a long text ".repeat(10)}end`;
    const more = `data:\n  on: "yes"\n  color: "#345"\n  long: ${long}\n  script: |\n    a\n    b\n  empty: ""\n  port: "80"\n`;
    const { manifests } = await postRender(
      { manifests: [manifest("a", "ConfigMap", more)], hooks: [] },
      post(),
    );
    expect(manifests[0]?.text).toBe(`apiVersion: v1
data:
  color: '#345'
  empty: ""
  long: ${long}
  "on": "yes"
  port: "80"
  script: |
    a
    b
kind: ConfigMap
metadata:
  labels:
    owner: me
  name: a`);
  });

  it("keeps the order of a file's documents of one kind", async () => {
    const documents = ["b", "a"].map((name) => ({ ...manifest(name), path: "app/templates/all.yaml" }));
    const { manifests } = await postRender({ manifests: documents, hooks: [] }, post());
    expect(manifests.map(({ name, path }) => [name, path])).toEqual([
      ["b", "app/templates/all.yaml"],
      ["a", "app/templates/all.yaml"],
    ]);
  });
});
