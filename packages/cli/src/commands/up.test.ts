import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Io } from "../io.js";
import { assertRepository, follow, followedObjects, nameOf, nextSteps, up } from "./up.js";

describe("nameOf", () => {
  it("takes the last part of an address", () => {
    expect(nameOf("https://github.com/stefanprodan/podinfo.git")).toBe("podinfo");
    expect(nameOf("git@github.com:acme/My_Fleet.git")).toBe("my-fleet");
    expect(nameOf("/srv/repos/fleet/")).toBe("fleet");
  });

  it("always gives a name that the API takes", () => {
    expect(nameOf("https://example.com/---")).toBe("repository");
    expect(nameOf(`https://example.com/${"a".repeat(100)}`)).toHaveLength(63);
  });
});

describe("assertRepository", () => {
  const scratch = mkdtempSync(join(tmpdir(), "capstan-up-"));
  const repository = join(scratch, "fleet");
  mkdirSync(join(repository, ".git"), { recursive: true });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  it.each([
    "https://example.com/a",
    "http://127.0.0.1/a",
    "ssh://git@example.com/a",
    "file:///a",
    repository,
  ])("takes %s", (address) => {
    expect(() => assertRepository(address)).not.toThrow();
  });

  it.each([
    ["git@github.com:acme/fleet.git", "ssh://git@github.com/acme/fleet.git"],
    [join(scratch, "nowhere"), "is neither a directory nor"],
    [scratch, "is not a git repository"],
  ])("refuses %s", (address, message) => {
    expect(() => assertRepository(address)).toThrow(message);
  });
});

describe("follow", () => {
  it("follows the demo where no repository is named", () => {
    expect(follow({}, "http://127.0.0.1:1")).toMatchObject({
      name: "demo",
      url: "http://127.0.0.1:1/demo.git",
      branch: "main",
      path: "./app",
    });
  });

  it("takes the branch and path that are named", () => {
    const followed = follow({ repo: "https://example.com/a.git", branch: "prod", path: "./k" }, "http://x");
    expect(followed).toMatchObject({
      name: "a",
      url: "https://example.com/a.git",
      branch: "prod",
      path: "./k",
    });
  });
});

describe("followedObjects", () => {
  const followed = {
    name: "a",
    url: "https://example.com/a",
    branch: undefined,
    path: "./",
    namespace: "web",
    system: "capstan-system",
  };

  it("makes the namespaces first, then the source and its Kustomization", () => {
    const kinds = followedObjects(followed).map((object) => `${object.kind}/${object.metadata.name}`);
    expect(kinds).toEqual([
      "Namespace/capstan-system",
      "Namespace/web",
      "GitRepository/a",
      "Kustomization/a",
    ]);
  });

  it("sends objects without a namespace to the one asked for, and leaves the others", () => {
    const kustomization = followedObjects(followed).at(-1);
    expect(kustomization?.metadata.annotations).toEqual({ "capstan.dev/default-namespace": "web" });
    expect(kustomization?.["spec"]).not.toHaveProperty("targetNamespace");
  });
});

describe("a repository of Flux", () => {
  it("is followed as flux bootstrap would, by a source that what it says cannot move", () => {
    const followed = follow({ repo: "https://example.com/fleet.git", as: "flux-system", branch: "main" }, "");
    const objects = followedObjects(followed);
    const [source, kustomization] = objects.slice(-2);
    expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(
      expect.arrayContaining([
        "Namespace/flux-system",
        "ServiceAccount/kustomize-controller",
        "ClusterRoleBinding/cluster-reconciler-flux-system",
      ]),
    );
    expect(source).toMatchObject({
      kind: "GitRepository",
      metadata: {
        name: "flux-system",
        namespace: "flux-system",
        annotations: { "kustomize.toolkit.fluxcd.io/reconcile": "disabled" },
      },
    });
    expect(kustomization).toMatchObject({
      kind: "Kustomization",
      metadata: { name: "flux-system", namespace: "flux-system" },
      spec: { wait: false },
    });
  });
});

describe("nextSteps", () => {
  it("names the namespace where it is not the default", () => {
    const text = nextSteps({ repo: "/r" }, { name: "flux-system", system: "flux-system" }, "", "");
    expect(text).toContain("get all -n flux-system\n");
    expect(text).toContain("tree kustomization/flux-system -n flux-system\n");
  });

  it("prints five lines for the demo, with nothing secret in them", () => {
    const text = nextSteps(
      {},
      { name: "demo", system: "capstan-system" },
      "http://127.0.0.1:1",
      "/srv/it's here/git-token",
    );
    expect(
      text
        .trimEnd()
        .split("\n")
        .slice(1)
        .map((line) => line.trim().split(" ")[0]),
    ).toEqual(["clone", "edit", "push", "watch", "break"]);
    expect(text).toContain(`$(cat '/srv/it'\\''s here/git-token')`);
  });
});

it("follows nothing where only the API is wanted", async () => {
  const refused = up({ apiOnly: true, repo: "https://example.com/a.git" }, {} as Io);
  await expect(refused).rejects.toThrow("--api-only follows nothing");
});
