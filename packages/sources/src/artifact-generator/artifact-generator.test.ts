import { readdir, rm } from "node:fs/promises";
import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import type { ArtifactGeneratorObject } from "../api/artifact-generator.js";
import type { ExternalArtifactObject } from "../api/external-artifact.js";
import { type Home, isReadyNow, startHome, temporaryDirectory } from "../testing/home.js";
import { WorkTree } from "../testing/work-tree.js";

const GENERATOR = { apiVersion: "source.extensions.fluxcd.io/v1beta1", kind: "ArtifactGenerator" };
const EXTERNAL = { apiVersion: "source.toolkit.fluxcd.io/v1", kind: "ExternalArtifact" };
const REF = { ...GENERATOR, namespace: "default", name: "demo" };

const SPEC = {
  sources: [{ alias: "repo", kind: "GitRepository", name: "demo" }],
  artifacts: [
    {
      name: "app",
      originRevision: "@repo",
      copy: [{ from: "@repo/apps/**", to: "@artifact/" }],
    },
  ],
};

async function start(files: Record<string, string>) {
  const tree = new WorkTree(await temporaryDirectory());
  const commit = tree.commit("first", files);
  const home = await startHome();
  await home.create({ url: tree.directory, ref: { branch: "main" } });
  await home.until(isReadyNow);
  return { tree, commit, home };
}

async function create(home: Home, spec: object = SPEC, metadata: object = {}) {
  await home.client.create({
    ...GENERATOR,
    metadata: { name: "demo", namespace: "default", ...metadata },
    spec,
  } as KubeObject);
}

async function until<T extends KubeObject>(
  home: Home,
  ref: typeof REF,
  wanted: (object: T) => boolean,
): Promise<T> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    const object = await home.client.tryGet<T>(ref);
    if (object !== undefined && wanted(object)) return object;
    if (Date.now() > deadline) throw new Error(`not reached: ${JSON.stringify(object, null, 1)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const conditionOf = (object: ArtifactGeneratorObject | ExternalArtifactObject, type = "Ready") =>
  object.status?.conditions?.find((condition) => condition.type === type);
const reasonIs = (reason: string) => (object: ArtifactGeneratorObject) =>
  conditionOf(object)?.reason === reason;
const external = (
  home: Home,
  name: string,
  wanted = (object: ExternalArtifactObject) => object.status?.artifact !== undefined,
) => until<ExternalArtifactObject>(home, { ...EXTERNAL, namespace: "default", name }, wanted);
const filesOf = (home: Home, { status }: ExternalArtifactObject) =>
  home.reader.using(status!.artifact!, (directory) => readdir(directory));

describe("ArtifactGenerator", () => {
  it("makes artifacts, follows its source, and leaves alone what does not change", async () => {
    const { tree, commit, home } = await start({ "apps/a.yaml": "1", "other.yaml": "x" });
    await create(home, {
      ...SPEC,
      commonMetadata: { labels: { team: "a", "app.kubernetes.io/managed-by": "me" } },
    });
    const generator = await until<ArtifactGeneratorObject>(home, REF, reasonIs("Succeeded"));
    expect(conditionOf(generator)?.message).toBe("reconciliation succeeded, generated 1 artifact(s)");
    expect(generator.metadata.finalizers).toEqual(["source.extensions.fluxcd.io/finalizer"]);
    const made = await external(home, "app");
    const { artifact } = made.status!;
    expect(made.metadata.labels).toEqual({
      team: "a",
      "app.kubernetes.io/managed-by": "source-watcher",
      "source.extensions.fluxcd.io/generator": generator.metadata.uid,
    });
    expect(made.spec.sourceRef).toEqual({ ...GENERATOR, name: "demo", namespace: "default" });
    expect(artifact).toMatchObject({
      revision: `latest@${artifact!.digest}`,
      path: expect.stringMatching(/^externalartifact\/default\/app\/[0-9a-f]{64}\.tar\.gz$/),
      metadata: { "org.opencontainers.image.revision": `main@sha1:${commit}` },
    });
    expect(conditionOf(made)).toMatchObject({
      status: "True",
      reason: "Succeeded",
      message: "Artifact is ready",
    });
    expect(await filesOf(home, made)).toEqual(["a.yaml"]);
    expect(generator.status?.inventory).toEqual([
      {
        name: "app",
        namespace: "default",
        digest: artifact!.digest,
        filename: artifact!.path.split("/").at(-1),
      },
    ]);
    tree.commit("second", { "other.yaml": "y" });
    await home.patch({ metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": "1" } } });
    const before = generator.status?.observedSourcesDigest;
    await until<ArtifactGeneratorObject>(home, REF, ({ status }) => status?.observedSourcesDigest !== before);
    expect((await external(home, "app")).status?.artifact?.digest).toBe(artifact!.digest);
    tree.commit("third", { "apps/b.yaml": "2" });
    await home.patch({ metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": "2" } } });
    const next = await external(home, "app", ({ status }) => status?.artifact?.digest !== artifact!.digest);
    expect(await filesOf(home, next)).toEqual(["a.yaml", "b.yaml"]);
  });

  it("repairs what was lost, prunes what is not declared any more, and takes everything with it", async () => {
    const { home } = await start({ "apps/a.yaml": "1" });
    const second = {
      name: "second",
      revision: "@repo",
      copy: [{ from: "@repo/apps/a.yaml", to: "@artifact/x" }],
    };
    await create(home, { ...SPEC, artifacts: [...SPEC.artifacts, second] });
    const made = await external(home, "second");
    expect(made.status?.artifact?.revision).toMatch(/^main@sha1:/);
    await until<ArtifactGeneratorObject>(home, REF, reasonIs("Succeeded"));
    await rm(home.storage.fileOf(made.status!.artifact!.path));
    const request = (token: string) =>
      home.client.patch(REF, {
        type: "merge",
        body: { metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": token } } },
      });
    await request("1");
    await until<ArtifactGeneratorObject>(home, REF, ({ status }) => status?.lastHandledReconcileAt === "1");
    expect(await home.storage.verify(made.status!.artifact!)).toBe("present");
    await home.client.delete({ ...EXTERNAL, namespace: "default", name: "second" });
    await request("2");
    await external(home, "second");
    await home.client.patch(REF, { type: "merge", body: { spec: SPEC } });
    await until<ArtifactGeneratorObject>(home, REF, ({ status }) => status?.inventory?.length === 1);
    expect(await home.client.tryGet({ ...EXTERNAL, namespace: "default", name: "second" })).toBeUndefined();
    expect(await home.storage.verify(made.status!.artifact!)).toBe("missing");
    await home.client.delete(REF);
    await expect.poll(() => home.client.tryGet(REF)).toBeUndefined();
    expect(await home.client.tryGet({ ...EXTERNAL, namespace: "default", name: "app" })).toBeUndefined();
  });

  it("makes one artifact per directory that a pattern finds", async () => {
    const { home } = await start({
      "teams/Alpha/web/a.yaml": "1",
      "teams/beta/api/b.yaml": "2",
      "teams/x.yaml": "x",
    });
    await create(home, {
      ...SPEC,
      pathPattern: "@repo/teams/{team}/{app}",
      artifacts: [
        { name: "{team}-{app}", copy: [{ from: "@repo/teams/{team}/{app}/**", to: "@artifact/" }] },
      ],
    });
    const alpha = await external(home, "alpha-web");
    expect(alpha.metadata.labels).toMatchObject({ team: "alpha", app: "web" });
    expect(await filesOf(home, alpha)).toEqual(["a.yaml"]);
    expect(await filesOf(home, await external(home, "beta-api"))).toEqual(["b.yaml"]);
  });

  it("is not woken while it is disabled", async () => {
    const { home } = await start({ "apps/a.yaml": "1" });
    await create(home, SPEC, { annotations: { "source.extensions.fluxcd.io/reconcile": "Disabled" } });
    const object = await until<ArtifactGeneratorObject>(home, REF, reasonIs("ReconciliationDisabled"));
    expect(conditionOf(object)).toMatchObject({
      status: "True",
      message: "Initialized with reconciliation suspended",
    });
    expect(await home.client.tryGet({ ...EXTERNAL, namespace: "default", name: "app" })).toBeUndefined();
  });

  const artifact = SPEC.artifacts[0]!;
  it.each<[object, string, string, boolean]>([
    [
      { sources: [...SPEC.sources, ...SPEC.sources] },
      "ValidationFailed",
      "duplicate source alias 'repo' found",
      true,
    ],
    [{ artifacts: [artifact, artifact] }, "ValidationFailed", "duplicate artifact name 'app' found", true],
    [
      { artifacts: [{ ...artifact, revision: "@gone" }] },
      "ValidationFailed",
      "artifact app revision source alias 'gone' not found",
      true,
    ],
    [
      { sources: [{ alias: "repo", kind: "Bucket", name: "gone" }] },
      "SourceFetchFailed",
      'get sources failed: buckets.source.toolkit.fluxcd.io "gone" not found',
      false,
    ],
    [
      { artifacts: [{ ...artifact, copy: [{ from: "@gone/x", to: "@artifact/" }] }] },
      "BuildFailed",
      "app build failed: failed to apply copy operations",
      false,
    ],
    [
      { pathPattern: "@repo/{team}", artifacts: [{ ...artifact, name: "{other}" }] },
      "BuildFailed",
      "is not defined by pathPattern",
      true,
    ],
    [
      { pathPattern: "@repo/{team}", artifacts: [{ ...artifact, name: "same" }] },
      "BuildFailed",
      "both resolve to artifact name",
      true,
    ],
    [
      { pathPattern: "@repo/{team", artifacts: [{ ...artifact, name: "x" }] },
      "BuildFailed",
      "missing closing brace",
      true,
    ],
  ])("says what is wrong with %j", async (spec, reason, text, stalled) => {
    const { home } = await start({ "apps/a.yaml": "1", "more/b.yaml": "2" });
    await create(home, { ...SPEC, ...spec });
    const object = await until<ArtifactGeneratorObject>(home, REF, reasonIs(reason));
    expect(conditionOf(object)?.message).toContain(text);
    expect(conditionOf(object, "Stalled")?.status).toBe(stalled ? "True" : undefined);
  });

  it("is refused sources of other namespaces where they are not allowed", async () => {
    const home = await startHome({ noCrossNamespaceRefs: true });
    await create(home, { ...SPEC, sources: [{ ...SPEC.sources[0], namespace: "other" }] });
    const object = await until<ArtifactGeneratorObject>(home, REF, reasonIs("AccessDenied"));
    expect(conditionOf(object, "Stalled")?.status).toBe("True");
    expect(conditionOf(object)?.message).toBe(
      "cross-namespace reference to source GitRepository/other/demo is not allowed",
    );
  });
});
