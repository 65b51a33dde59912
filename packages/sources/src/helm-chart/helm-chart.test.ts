import { generateKeyPairSync, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { loadArchive, packChart } from "@capstan/helm";
import { OciClient } from "@capstan/oci";
import { describe, expect, it } from "vitest";
import { chartFilesOf, chartServer, pushChart } from "../testing/charts.js";
import {
  type AnySource,
  conditionOf,
  type Home,
  isReadyNow,
  startHome,
  temporaryDirectory,
} from "../testing/home.js";
import { memoryRegistry } from "../testing/registry.js";
import { WorkTree } from "../testing/work-tree.js";

const FROM_REPOSITORY = { kind: "HelmRepository", name: "demo" };
const FROM_GIT = { kind: "GitRepository", name: "demo" };

const chartOf = async (home: Home, object: AnySource) =>
  loadArchive(await readFile(home.storage.fileOf(object.status!.artifact!.path)));

const isReady = (revision: string) => (object: AnySource) =>
  isReadyNow(object) && object.status?.artifact?.revision === revision;

const failsWith = (reason: string) => (object: AnySource) => conditionOf(object, "Ready")?.reason === reason;

async function fromRepository(spec: Record<string, unknown>, password?: string) {
  const server = await chartServer(password);
  server.add("app", "1.0.0", { "values.yaml": "a: 1\nb: {c: 1}\n", "values-prod.yaml": "b: {d: 2}\n" });
  server.add("app", "1.1.0");
  server.add("app", "2.0.0-rc.1");
  const home = await startHome();
  await home.secret("login", { username: "ada", password: password ?? "x" });
  const repository = home.of("HelmRepository");
  await repository.create({
    url: server.url,
    ...(password === undefined ? {} : { secretRef: { name: "login" } }),
  });
  await repository.until(isReadyNow);
  const chart = home.of("HelmChart");
  await chart.create({ chart: "app", sourceRef: FROM_REPOSITORY, ...spec });
  return { server, home, repository, chart };
}

async function fromGit(files: Record<string, string | Buffer>, spec: Record<string, unknown> = {}) {
  const tree = new WorkTree(await temporaryDirectory());
  const commit = tree.commit("charts", files);
  const home = await startHome();
  await home.create({ url: tree.directory, ref: { branch: "main" } });
  const chart = home.of("HelmChart");
  await chart.create({ chart: "charts/app", sourceRef: FROM_GIT, ...spec });
  return { tree, commit, home, chart };
}

const directory = (path: string, name: string, version: string, more: Record<string, string> = {}) =>
  Object.fromEntries(
    chartFilesOf(name, version, more).map((file) => [
      `${path}/${file.name}`,
      Buffer.from(file.data).toString(),
    ]),
  );

describe("HelmChart from a HelmRepository", () => {
  it("takes the highest version in range as it is, and nothing while that stands", async () => {
    const { server, home, repository, chart } = await fromRepository({ version: "1.x" });
    const object = await chart.until(isReady("1.1.0"));
    expect(object.status).toMatchObject({
      observedChartName: "app",
      artifact: { path: "helmchart/default/demo/app-1.1.0.tgz", revision: "1.1.0" },
    });
    const bytes = await readFile(home.storage.fileOf(object.status!.artifact!.path));
    expect(Buffer.compare(bytes, server.archives.get("app-1.1.0.tgz")!)).toBe(0);
    expect(conditionOf(object, "Ready")).toMatchObject({
      reason: "ChartPullSucceeded",
      message: "pulled 'app' chart with version '1.1.0'",
    });
    expect(conditionOf(object, "ArtifactInStorage")).toMatchObject({ reason: "ChartPullSucceeded" });
    const before = server.requests.length;
    await chart.reconcile("1");
    expect(server.requests.slice(before)).toEqual([]);
    server.add("app", "1.2.0");
    await repository.reconcile("2");
    const next = await chart.until(isReady("1.2.0"));
    expect((await fetch(next.status!.url!)).status).toBe(200);
  });

  it("merges values files and names the generation in the version", async () => {
    const valuesFiles = ["values.yaml", "values-prod.yaml"];
    const { home, chart } = await fromRepository({ version: "1.0.0", valuesFiles });
    const object = await chart.until(isReady("1.0.0+1"));
    expect((await chartOf(home, object)).values).toEqual({ a: 1, b: { c: 1, d: 2 } });
    expect(conditionOf(object, "Ready")).toMatchObject({
      reason: "ChartPackageSucceeded",
      message:
        "packaged 'app' chart with version '1.0.0+1' and merged values files [values.yaml values-prod.yaml]",
    });
    await chart.patch({
      spec: { valuesFiles: ["values-prod.yaml", "gone.yaml"], ignoreMissingValuesFiles: true },
    });
    const lenient = await chart.until(isReady("1.0.0+2"));
    expect((await chartOf(home, lenient)).values).toEqual({ b: { d: 2 } });
    expect(lenient.status).toMatchObject({ observedValuesFiles: ["values-prod.yaml"] });
    await chart.patch({ spec: { ignoreMissingValuesFiles: false } });
    const failed = await chart.until(failsWith("ValuesFilesError"));
    expect(conditionOf(failed, "Stalled")?.status).toBe("True");
    expect(conditionOf(failed, "BuildFailed")?.message).toBe(
      "values files merge error: failed to merge chart values: no values file found at path 'gone.yaml'",
    );
    expect(failed.status?.artifact?.revision).toBe("1.0.0+2");
    expect(conditionOf(failed, "ArtifactOutdated")).toMatchObject({
      reason: "NewChart",
      message: "new 'app' chart with version '1.0.0+3'",
    });
  });

  it("sends credentials to the repository's host, and elsewhere only if told", async () => {
    const other = await chartServer();
    other.add("app", "9.0.0");
    const { server, repository, chart } = await fromRepository({ version: "1.0.0" }, "hunter2");
    await chart.until(isReady("1.0.0"));
    server.add("app", "9.0.0", {}, { urls: [`${other.url}/app-9.0.0.tgz`], digest: undefined });
    await repository.reconcile("1");
    await chart.patch({ spec: { version: "9.0.0" } });
    await chart.until(isReady("9.0.0"));
    expect(other.requests.map(({ authorization }) => authorization)).toEqual([undefined]);
    await repository.patch({ spec: { passCredentials: true } });
    await chart.patch({ spec: { version: ">=9.0.0" } });
    await chart.until((object) => object.status?.observedGeneration === 3);
    expect(other.requests.at(-1)?.authorization).toMatch(/^Basic /);
  });

  it.each([
    [{ chart: "gone" }, "InvalidChartReference", "True"],
    [{ version: "7.x" }, "InvalidChartReference", "True"],
    [{ version: "not a range" }, "InvalidChartReference", "True"],
    [{ chart: "App" }, "InvalidChartReference", "True"],
    [{ sourceRef: { kind: "GitRepository", name: "gone" } }, "SourceUnavailable", undefined],
  ])("says what is wrong with %j", async (spec, reason, stalled) => {
    const { chart } = await fromRepository(spec);
    const object = await chart.until(failsWith(reason));
    expect(conditionOf(object, "FetchFailed")).toMatchObject({ status: "True", reason });
    expect(conditionOf(object, "Stalled")?.status).toBe(stalled);
  });

  it("refuses an archive that is not what the index says, that is gone, or that is none", async () => {
    const { server, home, chart } = await fromRepository({ version: "9.9.9" });
    await chart.until(failsWith("InvalidChartReference"));
    server.archives.set("app-1.0.0.tgz", packChart(chartFilesOf("app", "6.6.6")));
    await chart.patch({ spec: { version: "1.0.0" } });
    const changed = await chart.until(failsWith("ChartPullError"));
    expect(conditionOf(changed, "Ready")?.message).toContain("where the index says");
    server.archives.delete("app-1.1.0.tgz");
    await chart.patch({ spec: { version: "1.1.0" } });
    await chart.until((object) => conditionOf(object, "Ready")?.message.includes(" : 404") === true);
    server.add("text", "1.0.0", {}, { digest: undefined });
    server.archives.set("text-1.0.0.tgz", Buffer.from("no archive"));
    await home.of("HelmRepository").reconcile("1");
    await chart.patch({ spec: { chart: "text", version: "1.0.0" } });
    await chart.until((object) => conditionOf(object, "Ready")?.message.includes("gzipped") === true);
  });

  it("says that it cannot get in", async () => {
    const { home, repository, chart } = await fromRepository({ version: "1.0.0" }, "hunter2");
    await chart.until(isReady("1.0.0"));
    await home.secret("wrong", { username: "ada", password: "wrong-hunter2" });
    await repository.patch({ spec: { secretRef: { name: "wrong" } } });
    await chart.patch({ spec: { version: "1.1.0" } });
    const object = await chart.until(failsWith("AuthenticationFailed"));
    expect(JSON.stringify(object)).not.toContain("hunter2");
  });

  it("waits for the repository's index without calling it an event", async () => {
    const home = await startHome();
    const chart = home.of("HelmChart");
    await home.of("HelmRepository").create({ url: "http://127.0.0.1:1/charts" });
    await chart.create({ chart: "app", sourceRef: FROM_REPOSITORY });
    const object = await chart.until(failsWith("NoSourceArtifact"));
    expect(conditionOf(object, "Ready")?.message).toBe(
      "no artifact available for HelmRepository source 'demo'",
    );
  });
});

describe("HelmChart from a registry", () => {
  it("lists tags for a range, and takes a version in full as it is", async () => {
    const registry = await memoryRegistry();
    const client = new OciClient({ url: `oci://${registry.host}/charts/app`, insecure: true, push: true });
    for (const version of ["1.0.0", "1.1.0+build", "2.0.0"]) await pushChart(client, "app", version);
    const home = await startHome();
    await home
      .of("HelmRepository")
      .create({ type: "oci", url: `oci://${registry.host}/charts/`, insecure: true });
    const chart = home.of("HelmChart");
    await chart.create({ chart: "app", version: "1.x", sourceRef: FROM_REPOSITORY });
    const object = await chart.until(isReady("1.1.0+build"));
    expect(conditionOf(object, "Ready")?.message).toBe("pulled 'app' chart with version '1.1.0+build'");
    const before = registry.requests.length;
    await chart.patch({ spec: { version: "2.0.0" } });
    await chart.until(isReady("2.0.0"));
    expect(registry.requests.slice(before).some((line) => line.includes("/tags/"))).toBe(false);
    await chart.patch({ spec: { version: "3.x" } });
    const failed = await chart.until(failsWith("ChartPullError"));
    expect(conditionOf(failed, "Ready")?.message).toContain(
      "could not locate a version matching provided version string 3.x",
    );
  });
});

describe("HelmChart from a GitRepository", () => {
  it("packs a directory, and follows the chart's version or the revision", async () => {
    const { tree, commit, home, chart } = await fromGit({
      ...directory("charts/app", "app", "1.0.0", { ".helmignore": "secret.txt\n", "secret.txt": "x" }),
      "envs/prod.yaml": "replicas: 3\n",
    });
    const object = await chart.until(isReady("1.0.0"));
    expect(conditionOf(object, "Ready")).toMatchObject({
      reason: "ChartPackageSucceeded",
      message: "packaged 'app' chart with version '1.0.0'",
    });
    expect((await chartOf(home, object)).files.map(({ name }) => name)).toEqual([".helmignore"]);
    const second = tree.commit("other", { "charts/app/templates/b.yaml": "b" });
    await home.patch({ metadata: { annotations: { "reconcile.fluxcd.io/requestedAt": "1" } } });
    const seen = await chart.until(
      (candidate) =>
        candidate.status !== undefined &&
        (candidate.status as { observedSourceArtifactRevision?: string }).observedSourceArtifactRevision ===
          `main@sha1:${second}`,
    );
    expect(seen.status?.artifact).toEqual(object.status?.artifact);
    await chart.patch({ spec: { reconcileStrategy: "Revision", valuesFiles: ["envs/prod.yaml"] } });
    const revised = await chart.until(isReady(`1.0.0+${second.slice(0, 12)}.2`));
    expect((await chartOf(home, revised)).values).toEqual({ replicas: 3 });
    expect(commit).not.toBe(second);
  });

  it("fetches dependencies that are not vendored, from where a HelmRepository says or as nobody", async () => {
    const open = await chartServer();
    open.add("open", "1.2.0");
    const closed = await chartServer("hunter2");
    closed.add("closed", "3.0.0");
    const dependencies = [
      { name: "open", version: "^1", repository: open.url },
      { name: "closed", version: "3.0.0", repository: `${closed.url}/`, alias: "hidden" },
      { name: "near", version: ">=0", repository: "file://../near" },
      { name: "vendored", version: "1.0.0", repository: "https://example.com" },
    ];
    const chartYaml = JSON.stringify({ apiVersion: "v2", name: "app", version: "1.0.0", dependencies });
    const { home, chart } = await fromGit({
      ...directory("charts/app", "app", "1.0.0", { "Chart.yaml": chartYaml }),
      ...directory("charts/app/charts/vendored", "vendored", "1.0.0"),
      ...directory("charts/near", "near", "0.1.0"),
    });
    await chart.until(failsWith("DependencyBuildError"));
    await home.secret("login", { username: "ada", password: "hunter2" });
    const repository = home.of("HelmRepository");
    await repository.create({ url: closed.url, secretRef: { name: "login" } });
    await repository.until(isReadyNow);
    await chart.reconcile("1");
    const object = await chart.until(isReadyNow);
    const loaded = await chartOf(home, object);
    expect(loaded.dependencies.map(({ metadata }) => `${metadata.name} ${metadata.version}`).sort()).toEqual([
      "closed 3.0.0",
      "near 0.1.0",
      "open 1.2.0",
      "vendored 1.0.0",
    ]);
  });

  it("takes what the lock names, whatever newer versions the range lets in", async () => {
    const server = await chartServer();
    server.add("open", "1.1.0");
    server.add("open", "1.2.0");
    const listed = (version: string) => [{ name: "open", version, repository: server.url }];
    const chartYaml = { apiVersion: "v2", name: "app", version: "1.0.0", dependencies: listed("^1") };
    const { home, chart } = await fromGit(
      directory("charts/app", "app", "1.0.0", {
        "Chart.yaml": JSON.stringify(chartYaml),
        "Chart.lock": JSON.stringify({
          dependencies: listed("1.1.0"),
          digest: "sha256:x",
          generated: "2026-01-01",
        }),
      }),
    );
    const loaded = await chartOf(home, await chart.until(isReadyNow));
    expect(loaded.dependencies.map(({ metadata }) => metadata.version)).toEqual(["1.1.0"]);
  });

  it.each([
    [{ name: "x", version: "1", repository: "file://../../../../etc" }, "no chart found at"],
    [
      { name: "near", version: "9", repository: "file://../near" },
      "can't get a valid version for constraint '9'",
    ],
    [{ name: "x", version: "1", repository: "@alias" }, "aliased repository dependency is not supported"],
    [{ name: "x", version: "1", repository: "ftp://x" }, "invalid dependency repository URL"],
    [{ name: "../x", version: "1", repository: "file://../near" }, "is no name of a chart"],
  ])("calls the dependency %j impossible", async (dependency, text) => {
    const chartYaml = JSON.stringify({
      apiVersion: "v2",
      name: "app",
      version: "1.0.0",
      dependencies: [dependency],
    });
    const { chart } = await fromGit({
      ...directory("charts/app", "app", "1.0.0", { "Chart.yaml": chartYaml }),
      ...directory("charts/near", "near", "0.1.0"),
    });
    const object = await chart.until(failsWith("DependencyBuildError"));
    expect(conditionOf(object, "BuildFailed")?.message).toContain(text);
  });

  it("takes an archive as it is", async () => {
    const archive = packChart(chartFilesOf("packed", "4.0.0"));
    const { home, chart } = await fromGit(
      { "packed-4.0.0.tgz": Buffer.from(archive) },
      { chart: "packed-4.0.0.tgz" },
    );
    const object = await chart.until(isReady("4.0.0"));
    expect(conditionOf(object, "Ready")?.reason).toBe("ChartPullSucceeded");
    const bytes = await readFile(home.storage.fileOf(object.status!.artifact!.path));
    expect(Buffer.compare(bytes, archive)).toBe(0);
  });

  it.each([["charts/none"], ["../../etc"], ["/charts/app"], ["charts/app/values.yaml"]])(
    "calls the path %s no chart",
    async (path) => {
      const { chart } = await fromGit(directory("charts/app", "app", "1.0.0"), { chart: path });
      const object = await chart.until(failsWith("InvalidChartReference"));
      expect(conditionOf(object, "Stalled")?.status).toBe("True");
    },
  );
});

describe("HelmChart with signatures", () => {
  async function start(spec: Record<string, unknown> = {}) {
    const registry = await memoryRegistry();
    const client = new OciClient({ url: `oci://${registry.host}/charts/app`, insecure: true, push: true });
    const digest = await pushChart(client, "app", "1.0.0");
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const home = await startHome();
    await home.secret("keys", { "cosign.pub": publicKey.export({ type: "spki", format: "pem" }).toString() });
    await home.of("HelmRepository").create({ type: "oci", url: `oci://${registry.host}/charts` });
    const chart = home.of("HelmChart");
    const verify = { provider: "cosign", secretRef: { name: "keys" } };
    await chart.create({ chart: "app", version: "1.0.0", sourceRef: FROM_REPOSITORY, verify, ...spec });
    const attach = async () => {
      const payload = Buffer.from(
        JSON.stringify({ critical: { image: { "docker-manifest-digest": digest } } }),
      );
      const layer = await client.pushBlob("application/vnd.dev.cosign.simplesigning.v1+json", payload);
      const signature = sign("sha256", payload, privateKey).toString("base64");
      const annotations = { "dev.cosignproject.cosign/signature": signature };
      const layers = [{ ...layer, annotations }];
      await client.pushManifest(`${digest.replace(":", "-")}.sig`, { config: layer, layers });
    };
    return { registry, chart, attach };
  }

  it("is stored once somebody trusted signed it, and looked at again at each run", async () => {
    const { registry, chart, attach } = await start();
    const refused = await chart.until(failsWith("ChartVerificationError"));
    expect(refused.status?.artifact).toBeUndefined();
    expect(conditionOf(refused, "BuildFailed")?.message).toContain(
      "chart verification error: failed to verify",
    );
    expect(conditionOf(refused, "SourceVerified")).toMatchObject({
      status: "False",
      reason: "VerificationError",
    });
    await attach();
    await chart.reconcile("1");
    const accepted = await chart.until(isReady("1.0.0"));
    expect(conditionOf(accepted, "SourceVerified")).toMatchObject({
      status: "True",
      reason: "Succeeded",
      message: "verified signature of version 1.0.0",
    });
    registry.manifests.delete([...registry.manifests.keys()].find((key) => key.endsWith(".sig"))!);
    const later = await chart.reconcile("2");
    expect(conditionOf(later, "Ready")?.reason).toBe("ChartVerificationError");
    expect(later.status?.artifact).toEqual(accepted.status?.artifact);
    await chart.patch({ spec: { verify: null } });
    const unasked = await chart.until(isReady("1.0.0"));
    expect(conditionOf(unasked, "SourceVerified")).toBeUndefined();
  });

  it("is refused from where signatures cannot be", async () => {
    const { chart } = await fromRepository({ version: "1.0.0", verify: { provider: "cosign" } });
    const object = await chart.until(failsWith("ChartVerificationError"));
    expect(conditionOf(object, "BuildFailed")?.message).toContain(
      "only charts of a repository of type 'oci'",
    );
  });
});
