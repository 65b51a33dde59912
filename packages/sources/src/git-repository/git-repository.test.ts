import { writeFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { GitRepositoryObject } from "../api/git-repository.js";
import { conditionOf, type Home, isReadyNow, startHome, temporaryDirectory } from "../testing/home.js";
import { WorkTree } from "../testing/work-tree.js";

const REQUEST = "reconcile.fluxcd.io/requestedAt";

async function workTree(files: Record<string, string> = { "a.yaml": "a: 1" }) {
  const tree = new WorkTree(await temporaryDirectory());
  const commit = tree.commit("first commit\n\nbody", files);
  return { tree, commit };
}

async function filesOf(home: Home, object: GitRepositoryObject): Promise<string[]> {
  const list = (directory: string) => readdir(directory, { recursive: true });
  return (await home.reader.using(object.status!.artifact!, list)).sort();
}

/** Asks for a run and waits until it was answered. */
async function reconcile(home: Home, token: string, name = "demo"): Promise<GitRepositoryObject> {
  await home.patch({ metadata: { annotations: { [REQUEST]: token } } }, name);
  return home.until((object) => object.status?.lastHandledReconcileAt === token, name);
}

async function eventsOf(home: Home): Promise<{ type: string; reason: string; message: string }[]> {
  const events = [];
  for await (const event of home.client.listAll({ apiVersion: "v1", kind: "Event" })) {
    const { type, reason, message } = event as unknown as { type: string; reason: string; message: string };
    events.push({ type, reason, message });
  }
  return events;
}

describe("GitRepository", () => {
  it("offers the content of a branch as an artifact", async () => {
    const { tree, commit } = await workTree({ "app/a.yaml": "a: 1", "logo.png": "x", ".gitignore": "x" });
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
    expect(await filesOf(home, object)).toEqual(["app", "app/a.yaml"]);
    expect((await fetch(object.status!.artifact!.url)).status).toBe(200);
    await expect
      .poll(() => eventsOf(home))
      .toEqual([
        { type: "Normal", reason: "NewArtifact", message: "stored artifact for commit 'first commit'" },
      ]);
  });

  it("does nothing but list references while nothing moved, and answers a request", async () => {
    const { tree } = await workTree();
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    const before = await home.until(isReadyNow);
    const [listings, checkouts] = [home.git.listingCount, home.git.checkoutCount];
    const after = await reconcile(home, "now");
    expect([home.git.listingCount - listings, home.git.checkoutCount - checkouts]).toEqual([1, 0]);
    const { lastHandledReconcileAt: _, ...status } = after.status!;
    expect(status).toEqual(before.status);
  });

  it("writes nothing when an interval passes without change", async () => {
    const { tree } = await workTree();
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" }, interval: "60ms" });
    const before = await home.until(isReadyNow);
    const listings = home.git.listingCount;
    await expect.poll(() => home.git.listingCount).toBeGreaterThan(listings + 2);
    expect((await home.get()).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it("follows a push at once and keeps two artifacts", async () => {
    const { tree } = await workTree();
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    await home.until(isReadyNow);
    for (const content of ["2", "3", "4"]) {
      const commit = tree.commit(content, { "a.yaml": content });
      expect(home.sources.pushed(`${tree.directory}/`)).toBe(1);
      await home.until((object) => object.status?.artifact?.revision === `main@sha1:${commit}`);
    }
    const stored = await readdir(join(home.storage.directory, "gitrepository/default/demo"));
    expect(stored.filter((name) => name !== "latest.tar.gz")).toHaveLength(2);
    expect(home.sources.pushed("http://elsewhere/x")).toBe(0);
  });

  it("rebuilds the same commit when ignore rules or the sparse directories change", async () => {
    const { tree } = await workTree({ "a.yaml": "1", "docs/b.md": "2", "app/c.yaml": "3" });
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    const first = await home.until(isReadyNow);
    await home.patch({ spec: { ignore: "/docs\n" } });
    const second = await home.until(
      (object) => object.status?.observedIgnore === "/docs\n" && isReadyNow(object),
    );
    expect(second.status!.artifact!.revision).toBe(first.status!.artifact!.revision);
    expect(second.status!.artifact!.digest).not.toBe(first.status!.artifact!.digest);
    expect(await filesOf(home, second)).toEqual(["a.yaml", "app", "app/c.yaml"]);
    await home.patch({ spec: { ignore: null, sparseCheckout: ["app"] } });
    const third = await home.until(
      (object) => object.status?.observedSparseCheckout !== undefined && isReadyNow(object),
    );
    expect(third.status!.observedIgnore).toBeUndefined();
    expect(await filesOf(home, third)).toEqual(["app", "app/c.yaml"]);
  });

  it.each([
    [{ ref: { branch: "nope" } }, "GitOperationFailed", 'branch "nope" was not found'],
    [{ ref: { semver: "x.y" } }, "GitOperationFailed", "semver parse error"],
    [{ url: "http://127.0.0.1:1/x.git" }, "GitOperationFailed", "Failed to connect"],
    [{ secretRef: { name: "gone" } }, "AuthenticationFailed", `secrets "gone" not found`],
    [{ url: "ssh://git@127.0.0.1/x.git" }, "AuthenticationFailed", "known_hosts"],
    [{ provider: "azure" }, "InvalidProviderConfiguration", "provider 'azure'"],
    [{ sparseCheckout: ["nope"] }, "GitOperationFailed", "failed to sparse checkout directories: nope"],
  ])("says what is wrong with %j and tries again", async (spec, reason, message) => {
    const { tree } = await workTree();
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" }, ...spec });
    const object = await home.until((candidate) => conditionOf(candidate, "Ready")?.status === "False");
    for (const type of ["Ready", "FetchFailed"]) expect(conditionOf(object, type)).toMatchObject({ reason });
    expect(conditionOf(object, "Ready")?.message).toContain(message);
    expect(conditionOf(object, "Reconciling")).toMatchObject({
      status: "True",
      reason: "ProgressingWithRetry",
    });
    expect(object.status?.observedGeneration ?? -1).toBe(-1);
    await expect
      .poll(() => eventsOf(home))
      .toContainEqual(expect.objectContaining({ type: "Warning", reason }));
  });

  it.each([
    [{ url: "https://-host/x" }, "URLInvalid"],
    [{ url: "https://user:hunter2@example.com/x" }, "URLInvalid"],
    [{ provider: "aws", serviceAccountName: "x" }, "FeatureGateDisabled"],
  ])("stalls on %j", async (spec, reason) => {
    const { tree } = await workTree();
    const home = await startHome();
    await home.create({ url: tree.directory, ...spec });
    const object = await home.until((candidate) => conditionOf(candidate, "Stalled") !== undefined);
    expect(conditionOf(object, "Stalled")).toMatchObject({ status: "True", reason });
    expect(conditionOf(object, "Ready")).toMatchObject({ status: "False", reason });
    expect(object.status?.observedGeneration).toBe(1);
    expect(JSON.stringify(object.status)).not.toContain("hunter2");
  });

  it("is refused by its definition with a URL of another protocol", async () => {
    const home = await startHome();
    const failure = home.create({ url: "ftp://example.com/x" });
    await expect(failure).rejects.toThrow("spec.url in body should match");
  });

  it("keeps the artifact through a failure, and says when it recovered", async () => {
    const { tree } = await workTree();
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    const before = await home.until(isReadyNow);
    tree.git("branch", "-m", "other");
    const failed = await reconcile(home, "1");
    expect(conditionOf(failed, "FetchFailed")).toMatchObject({
      status: "True",
      reason: "GitOperationFailed",
    });
    expect(conditionOf(failed, "ArtifactInStorage")?.status).toBe("True");
    expect(failed.status!.artifact).toEqual(before.status!.artifact);
    tree.git("branch", "-m", "main");
    const recovered = await reconcile(home, "2");
    expect(isReadyNow(recovered)).toBe(true);
    expect(conditionOf(recovered, "FetchFailed")).toBeUndefined();
    await expect.poll(() => eventsOf(home)).toContainEqual(expect.objectContaining({ reason: "Succeeded" }));
  });

  it("builds anew when the stored file is gone or was tampered with", async () => {
    const { tree } = await workTree();
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    const { artifact } = (await home.until(isReadyNow)).status!;
    const file = home.storage.fileOf(artifact!.path);
    const good = await readFile(file);
    await rm(file);
    await reconcile(home, "1");
    expect((await readFile(file)).equals(good)).toBe(true);
    writeFileSync(file, "tampered");
    await reconcile(home, "2");
    expect((await readFile(file)).equals(good)).toBe(true);
    await expect
      .poll(() => eventsOf(home))
      .toContainEqual(expect.objectContaining({ type: "Warning", reason: "ArtifactVerificationFailed" }));
  });

  it("leaves a suspended object alone, and removes what it stored when it is deleted", async () => {
    const { tree } = await workTree();
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    const before = await home.until(isReadyNow);
    await home.patch({ spec: { suspend: true } });
    tree.commit("second", { "a.yaml": "2" });
    home.sources.pushed(tree.directory);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await home.get()).status).toEqual(before.status);
    await home.client.delete({
      apiVersion: before.apiVersion,
      kind: before.kind,
      namespace: "default",
      name: "demo",
    });
    const gone = () =>
      home.client.tryGet({
        apiVersion: before.apiVersion,
        kind: before.kind,
        namespace: "default",
        name: "demo",
      });
    await expect.poll(gone).toBeUndefined();
    expect(await readdir(join(home.storage.directory, "gitrepository/default"))).toEqual([]);
  });

  it("tells step by step what it found and removed, without notifying anybody", async () => {
    const { tree } = await workTree();
    tree.git("tag", "v1.0.0");
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { semver: "*" } });
    const ready = await home.until(isReadyNow);
    const told = async () => {
      const { items } = await home.client.list({ apiVersion: "v1", kind: "Event" }, { namespace: "default" });
      return items.map((event) => `${event["type"]} ${event["reason"]}: ${event["message"]}`);
    };
    await home.patch({ metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": "now" } } });
    const upToDate = `Normal ArtifactUpToDate: artifact up-to-date with remote revision: '${ready.status!.artifact!.revision}'`;
    await expect.poll(told).toContain(upToDate);
    await home.client.delete({ ...ready, namespace: "default", name: "demo" });
    const removed = "Normal GarbageCollectionSucceeded: garbage collected artifacts for deleted resource";
    await expect.poll(told).toContain(removed);
  });

  it("includes others, follows them, and says when one is missing", async () => {
    const base = await workTree({ "lib/x.yaml": "x: 1", "other.yaml": "o" });
    const main = await workTree({ "main.yaml": "m: 1" });
    const home = await startHome();
    const include = [
      { repository: { name: "base" }, fromPath: "lib", toPath: "vendor/base" },
      { repository: { name: "base" } },
    ];
    await home.create({ url: main.tree.directory, ref: { branch: "main" }, include });
    const missing = await home.until((object) => conditionOf(object, "IncludeUnavailable") !== undefined);
    expect(conditionOf(missing, "Ready")).toMatchObject({ status: "False", reason: "NotFound" });
    await home.create({ url: base.tree.directory, ref: { branch: "main" } }, "base");
    const ready = await home.until(isReadyNow);
    expect(await filesOf(home, ready)).toEqual([
      "base",
      "base/lib",
      "base/lib/x.yaml",
      "base/other.yaml",
      "main.yaml",
      "vendor",
      "vendor/base",
      "vendor/base/x.yaml",
    ]);
    expect(ready.status!.observedInclude).toEqual(include);
    expect(ready.status!.includedArtifacts).toHaveLength(2);
    const commit = base.tree.commit("changed", { "lib/y.yaml": "y: 1" });
    home.sources.pushed(base.tree.directory);
    const followed = await home.until(
      (object) => object.status?.includedArtifacts?.[0]?.revision === `main@sha1:${commit}`,
    );
    expect(await filesOf(home, followed)).toContain("vendor/base/y.yaml");
    base.tree.git("rm", "-r", "--quiet", "lib");
    base.tree.commit("gone");
    home.sources.pushed(base.tree.directory);
    const outdated = await home.until(
      (object) => conditionOf(object, "ArtifactOutdated")?.reason === "IncludeChange",
    );
    expect(conditionOf(outdated, "Ready")).toMatchObject({ status: "False", reason: "CopyFailure" });
    expect(outdated.status!.artifact).toEqual(followed.status!.artifact);
  });

  it.each([
    ["../escape", "lib", "IllegalPath"],
    ["vendor", "../..", "IllegalPath"],
    ["vendor", "nope", "CopyFailure"],
  ])("refuses to include into %s from %s", async (toPath, fromPath, reason) => {
    const { tree } = await workTree({ "lib/x.yaml": "x: 1" });
    const home = await startHome();
    await home.create({ url: tree.directory, ref: { branch: "main" } }, "base");
    await home.until(isReadyNow, "base");
    await home.create({
      url: tree.directory,
      ref: { branch: "main" },
      include: [{ repository: { name: "base" }, fromPath, toPath }],
    });
    const object = await home.until(
      (candidate) => conditionOf(candidate, "StorageOperationFailed") !== undefined,
    );
    expect(conditionOf(object, "Ready")).toMatchObject({ status: "False", reason });
    expect(conditionOf(object, "ArtifactOutdated")).toMatchObject({ status: "True", reason: "NewRevision" });
  });

  it("refuses a repository past the limit with its size in words, keeping what it has", async () => {
    const { tree } = await workTree();
    const home = await startHome({ treeLimits: { maxBytes: 64 * 1024, maxEntries: 100 } });
    await home.create({ url: tree.directory, ref: { branch: "main" } });
    const before = await home.until(isReadyNow);
    tree.commit("big", { big: "x".repeat(70_000) });
    const object = await reconcile(home, "1");
    expect(conditionOf(object, "Ready")?.message).toContain(
      "the commit's files are larger than the 64 KiB allowed",
    );
    expect(object.status!.artifact).toEqual(before.status!.artifact);
  });
});
