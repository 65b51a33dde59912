import { generateKeyPairSync, sign } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { composeTree, DEFAULT_TREE_LIMITS, packTree } from "@capstan/artifacts";
import { OciClient, pushArtifact } from "@capstan/oci";
import { describe, expect, it } from "vitest";
import { type AnySource, conditionOf, type Home, isReadyNow, startHome } from "../testing/home.js";
import { memoryRegistry } from "../testing/registry.js";

type Registry = Awaited<ReturnType<typeof memoryRegistry>>;

async function tarball(files: Record<string, string>): Promise<Buffer> {
  const entries = Object.entries(files).map(([path, content]) => {
    const bytes = Buffer.from(content);
    return {
      kind: "file",
      path,
      executable: false,
      size: bytes.byteLength,
      read: async () => bytes,
    } as const;
  });
  const chunks = [];
  for await (const chunk of packTree(composeTree([entries], DEFAULT_TREE_LIMITS))) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const clientOf = ({ host }: Registry, password?: string) =>
  new OciClient({
    url: `oci://${host}/app`,
    insecure: true,
    push: true,
    ...(password === undefined ? {} : { login: { username: "any", password } }),
  });

async function push(registry: Registry, tag: string, files: Record<string, string>, more: object = {}) {
  return pushArtifact(clientOf(registry), { tag, layer: await tarball(files), ...more });
}

const filesOf = async (home: Home, object: AnySource) =>
  (await home.reader.using(object.status!.artifact!, (directory) => readdir(directory))).sort();

describe("OCIRepository", () => {
  it("offers the content of a tag, follows it, and pulls nothing while it stands still", async () => {
    const registry = await memoryRegistry();
    const annotations = { "org.opencontainers.image.revision": "main@sha1:1" };
    const digest = await push(registry, "latest", { "a.yaml": "1", "logo.png": "x" }, { annotations });
    const home = await startHome();
    const source = home.of("OCIRepository");
    await source.create({ url: `oci://${registry.host}/app`, insecure: true });
    const object = await source.until(isReadyNow);
    expect(object.status?.artifact).toMatchObject({
      revision: `latest@${digest}`,
      path: `ocirepository/default/demo/${digest}.tar.gz`,
      metadata: annotations,
    });
    expect(conditionOf(object, "Ready")?.message).toBe(`stored artifact for digest 'latest@${digest}'`);
    expect(await filesOf(home, object)).toEqual(["a.yaml"]);
    expect((await fetch(object.status!.artifact!.url)).status).toBe(200);
    expect((await fetch(object.status!.url!)).status).toBe(200);
    const before = registry.requests.length;
    await source.reconcile("1");
    expect(registry.requests.slice(before)).toEqual(["HEAD /v2/app/manifests/latest"]);
    const next = await push(registry, "latest", { "b.yaml": "2" });
    expect((await source.reconcile("2")).status?.artifact?.revision).toBe(`latest@${next}`);
    await source.patch({ spec: { ref: { digest } } });
    const pinned = await source.until((candidate) => candidate.status?.artifact?.revision === digest);
    expect(await filesOf(home, pinned)).toEqual(["a.yaml"]);
  });

  it("takes the highest version in a range that the filter lets through", async () => {
    const registry = await memoryRegistry();
    for (const tag of ["1.0.0", "1.2.0-rc.1", "1.1.0", "2.0.0", "other"])
      await push(registry, tag, { [tag]: "x" });
    const home = await startHome();
    const source = home.of("OCIRepository");
    const url = `oci://${registry.host}/app`;
    await source.create({ url, insecure: true, ref: { semver: "1.x" } });
    expect((await source.until(isReadyNow)).status?.artifact?.revision).toMatch(/^1\.1\.0@sha256:/);
    await source.patch({ spec: { ref: { semver: ">=1.0.0-0 <2", semverFilter: ".*-rc.*" } } });
    await source.until((object) => object.status?.artifact?.revision.startsWith("1.2.0-rc.1@") === true);
    await source.patch({ spec: { ref: { semver: "9.x", semverFilter: null } } });
    const failed = await source.until((object) => conditionOf(object, "FetchFailed") !== undefined);
    expect(conditionOf(failed, "Ready")).toMatchObject({
      reason: "ReadOperationFailed",
      message: expect.stringContaining("no match found"),
    });
  });

  it("keeps a layer's bytes when told to copy, and rebuilds when that changes", async () => {
    const registry = await memoryRegistry();
    const layer = await tarball({ "a.yaml": "1", "b.png": "2" });
    await pushArtifact(clientOf(registry), { tag: "latest", layer, layerType: "application/x-chart" });
    const home = await startHome();
    const source = home.of("OCIRepository");
    const selector = { mediaType: "application/x-chart", operation: "copy" };
    await source.create({ url: `oci://${registry.host}/app`, insecure: true, layerSelector: selector });
    const copied = await source.until(isReadyNow);
    expect((await readFile(home.storage.fileOf(copied.status!.artifact!.path))).equals(layer)).toBe(true);
    await source.patch({ spec: { layerSelector: { operation: "extract" }, ignore: "a.yaml" } });
    const extracted = await source.until(
      (object) =>
        object.metadata.generation === object.status?.observedGeneration &&
        object.status?.artifact?.digest !== copied.status?.artifact?.digest,
    );
    expect(await filesOf(home, extracted)).toEqual(["b.png"]);
    await source.patch({ spec: { layerSelector: { mediaType: "application/none" } } });
    const failed = await source.until((object) => conditionOf(object, "FetchFailed") !== undefined);
    expect(conditionOf(failed, "Ready")).toMatchObject({ reason: "OCIArtifactLayerOperationFailed" });
    expect(failed.status?.artifact).toEqual(extracted.status?.artifact);
  });

  it("logs in with its Secret or its service account's", async () => {
    const registry = await memoryRegistry("hunter2");
    await pushArtifact(clientOf(registry, "hunter2"), { tag: "latest", layer: await tarball({ a: "1" }) });
    const home = await startHome();
    const auth = (password: string) =>
      JSON.stringify({ auths: { [registry.host]: { username: "any", password } } });
    await home.secret("good", { ".dockerconfigjson": auth("hunter2") });
    await home.secret("bad", { ".dockerconfigjson": auth("wrong-hunter2") });
    await home.secret("empty", { other: "x" });
    await home.client.create({
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "puller", namespace: "default" },
      imagePullSecrets: [{ name: "good" }],
    });
    const source = home.of("OCIRepository");
    await source.create({ url: `oci://${registry.host}/app`, insecure: true, secretRef: { name: "bad" } });
    const expectFailure = async (reason: string) => {
      const failed = await source.until((object) => conditionOf(object, "Ready")?.reason === reason);
      expect(JSON.stringify(failed)).not.toContain("hunter2");
    };
    await expectFailure("OCIArtifactPullFailed");
    await source.patch({ spec: { secretRef: { name: "empty" } } });
    await expectFailure("AuthenticationFailed");
    await source.patch({ spec: { secretRef: null, serviceAccountName: "puller" } });
    await source.until(isReadyNow);
  });

  it("takes what a trusted key signed only", async () => {
    const registry = await memoryRegistry();
    const digest = await push(registry, "latest", { a: "1" });
    const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const home = await startHome();
    await home.secret("keys", { "cosign.pub": publicKey.export({ type: "spki", format: "pem" }).toString() });
    const source = home.of("OCIRepository");
    await source.create({
      url: `oci://${registry.host}/app`,
      insecure: true,
      verify: { provider: "cosign", secretRef: { name: "keys" } },
    });
    const refused = await source.until((object) => conditionOf(object, "SourceVerified")?.status === "False");
    expect(conditionOf(refused, "Ready")).toMatchObject({ status: "False", reason: "VerificationError" });
    expect(refused.status?.artifact).toBeUndefined();
    const client = clientOf(registry);
    const payload = Buffer.from(
      JSON.stringify({ critical: { image: { "docker-manifest-digest": digest } } }),
    );
    const layer = await client.pushBlob("application/vnd.dev.cosign.simplesigning.v1+json", payload);
    const signature = sign("sha256", payload, privateKey).toString("base64");
    const annotations = { "dev.cosignproject.cosign/signature": signature };
    await client.pushManifest(`${digest.replace(":", "-")}.sig`, {
      config: layer,
      layers: [{ ...layer, annotations }],
    });
    const accepted = await source.reconcile("1");
    expect(conditionOf(accepted, "SourceVerified")?.status).toBe("True");
    expect(isReadyNow(accepted)).toBe(true);
    const before = registry.requests.length;
    await source.reconcile("2");
    expect(registry.requests.slice(before)).toEqual(["HEAD /v2/app/manifests/latest"]);
  });

  it.each([
    [{ url: "oci://127.0.0.1:1/app:tag" }, "URLInvalid", "stalled"],
    [
      { url: "oci://127.0.0.1:1/app", provider: "aws", serviceAccountName: "x" },
      "FeatureGateDisabled",
      "stalled",
    ],
    [{ url: "oci://127.0.0.1:1/app", provider: "gcp" }, "AuthenticationFailed", "retried"],
    [{ url: "oci://127.0.0.1:1/app" }, "OCIArtifactPullFailed", "retried"],
    [{ url: "oci://127.0.0.1:1/app", ref: { semver: "*" } }, "ReadOperationFailed", "retried"],
    [{ url: "oci://127.0.0.1:1/app", certSecretRef: { name: "gone" } }, "AuthenticationFailed", "retried"],
  ])("says what is wrong with %j", async (spec, reason, next) => {
    const home = await startHome();
    const source = home.of("OCIRepository");
    await source.create(spec);
    const object = await source.until((candidate) => conditionOf(candidate, "Ready")?.status === "False");
    expect(conditionOf(object, "Ready")).toMatchObject({ reason });
    expect(conditionOf(object, "Stalled")?.status).toBe(next === "stalled" ? "True" : undefined);
  });

  it("refuses a layer that leaves its directory, or is none", async () => {
    const registry = await memoryRegistry();
    const layer = Buffer.from("no tarball");
    await pushArtifact(clientOf(registry), { tag: "latest", layer });
    const home = await startHome();
    const source = home.of("OCIRepository");
    await source.create({ url: `oci://${registry.host}/app`, insecure: true });
    const object = await source.until((candidate) => conditionOf(candidate, "FetchFailed") !== undefined);
    expect(conditionOf(object, "Ready")).toMatchObject({ reason: "OCIArtifactLayerOperationFailed" });
    expect(await readdir(`${home.storage.directory}/.work`)).toEqual([]);
  });
});

describe("OCIRepository with keyless signatures", () => {
  const keyless = async (verify: Record<string, unknown>, secret?: Record<string, string>) => {
    const registry = await memoryRegistry();
    await push(registry, "latest", { a: "1" });
    const home = await startHome();
    if (secret !== undefined) await home.secret("root", secret);
    const source = home.of("OCIRepository");
    const trustedRootSecretRef = { name: "root" };
    const url = `oci://${registry.host}/app`;
    await source.create({ url, verify: { provider: "cosign", trustedRootSecretRef, ...verify } });
    const object = await source.until(
      (candidate) => conditionOf(candidate, "SourceVerified")?.status === "False",
    );
    expect(object.status?.artifact).toBeUndefined();
    return conditionOf(object, "SourceVerified")?.message ?? "";
  };

  it("says which root is missing or unreadable, and which expression is malformed", async () => {
    const prefix = "failed to verify the signature using provider 'cosign keyless': ";
    expect(await keyless({})).toBe(`${prefix}failed to get secret 'default/root': secrets "root" not found`);
    expect(await keyless({}, { other: "x" })).toBe(
      `${prefix}'trusted_root.json' not found in secret 'default/root'`,
    );
    const matchOIDCIdentity = [{ issuer: "(", subject: "x" }];
    expect(await keyless({ matchOIDCIdentity }, { "trusted_root.json": "{}" })).toContain(
      "malformed expression '('",
    );
  });
});

describe("OCIRepository with notation signatures", () => {
  const POLICY = (level: string) =>
    JSON.stringify({
      version: "1.0",
      trustPolicies: [
        {
          name: "all",
          registryScopes: ["*"],
          signatureVerification: { level },
          ...(level === "skip" ? {} : { trustStores: ["ca:x"], trustedIdentities: ["*"] }),
        },
      ],
    });

  async function start(secret: Record<string, string>) {
    const registry = await memoryRegistry();
    await push(registry, "latest", { a: "1" });
    const home = await startHome();
    await home.secret("trust", secret);
    const source = home.of("OCIRepository");
    await source.create({
      url: `oci://${registry.host}/app`,
      verify: { provider: "notation", secretRef: { name: "trust" } },
    });
    return source;
  }

  it.each([
    [{ "a.crt": "x" }, "'trustpolicy.json' not found in secret 'default/trust'"],
    [{ "trustpolicy.json": POLICY("strict") }, "no certificates found in secret 'default/trust'"],
    [{ "trustpolicy.json": "{}", "a.crt": "x" }, "the trust policy is invalid"],
    [{ "trustpolicy.json": POLICY("strict"), "a.pem": "x" }, "a trusted certificate cannot be read"],
  ])("says what is missing of its Secret", async (secret: Record<string, string>, text) => {
    const source = await start(secret);
    const object = await source.until((one) => conditionOf(one, "SourceVerified")?.status === "False");
    const { message = "" } = conditionOf(object, "SourceVerified") ?? {};
    expect(message).toContain("failed to verify the signature using provider 'notation': ");
    expect(message).toContain(text);
    expect(object.status?.artifact).toBeUndefined();
  });

  it("is offered without being called verified where the policy skips it", async () => {
    const source = await start({ "trustpolicy.json": POLICY("skip"), "a.crt": "x" });
    const object = await source.until(isReadyNow);
    expect(conditionOf(object, "SourceVerified")).toBeUndefined();
  });
});
