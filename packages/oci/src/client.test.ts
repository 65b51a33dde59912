import { generateKeyPairSync, sign } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { pushArtifact } from "./artifact.js";
import { OciClient } from "./client.js";
import { verifyCosign } from "./cosign.js";
import { loginFromDockerConfig } from "./credentials.js";
import { parseOciUrl } from "./reference.js";
import { listen, type TestRegistry, testRegistry } from "./testing/registry.js";

const LOGIN = { username: "ada", password: "hunter2" };

const clientOf = (registry: TestRegistry, options: object = {}) =>
  new OciClient({ url: `oci://${registry.host}/team/app`, insecure: true, push: true, ...options });

async function readLayer(client: OciClient, digest: string): Promise<string> {
  const manifest = await client.manifest(digest);
  const chunks = [];
  for await (const chunk of client.blob(manifest.layers[0]!)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe("OciClient", () => {
  it.each(["anonymous", "bearer", "basic"] as const)("pushes and pulls an artifact, %s", async (scheme) => {
    const registry = await testRegistry(scheme === "anonymous" ? {} : { login: LOGIN, scheme });
    const client = clientOf(registry, scheme === "anonymous" ? {} : { login: LOGIN });
    const annotations = { "org.opencontainers.image.revision": "main@sha1:1" };
    const digest = await pushArtifact(client, { tag: "v1", layer: Buffer.from("content"), annotations });
    expect(await client.resolve("v1")).toBe(digest);
    const manifest = await client.manifest(digest);
    expect(manifest).toMatchObject({ digest, annotations });
    expect(manifest.layers).toMatchObject([
      { mediaType: "application/vnd.cncf.flux.content.v1.tar+gzip", size: 7 },
    ]);
    expect(await readLayer(client, digest)).toBe("content");
    expect(await client.tags()).toEqual(["v1"]);
    await client.close();
  });

  it("lists tags page by page, and uploads a blob once", async () => {
    const registry = await testRegistry({ pageSize: 2 });
    const client = clientOf(registry);
    for (const tag of ["a", "b", "c", "d", "e"])
      await pushArtifact(client, { tag, layer: Buffer.from("same") });
    expect(await client.tags()).toEqual(["a", "b", "c", "d", "e"]);
    expect(registry.requests.filter((line) => line.startsWith("PUT") && line.includes("blobs"))).toHaveLength(
      2,
    );
  });

  it("resolves by GET where HEAD is not answered", async () => {
    const registry = await testRegistry();
    const client = clientOf(registry);
    const digest = await pushArtifact(client, { tag: "v1", layer: Buffer.from("x") });
    registry.intercept = (request, response) => {
      if (request.method !== "HEAD") return false;
      response.writeHead(405).end();
      return true;
    };
    expect(await client.resolve("v1")).toBe(digest);
  });

  it("takes the manifest for the default platform out of an index", async () => {
    const registry = await testRegistry();
    const client = clientOf(registry);
    const digest = await pushArtifact(client, { tag: "amd", layer: Buffer.from("amd") });
    const other = await pushArtifact(client, { tag: "arm", layer: Buffer.from("arm") });
    const entry = (value: string, architecture: string) => ({
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      digest: value,
      size: 1,
      platform: { os: "linux", architecture },
    });
    const index = {
      mediaType: "application/vnd.oci.image.index.v1+json",
      manifests: [entry(other, "arm64"), entry(digest, "amd64")],
    };
    const indexDigest = await client.pushManifest("multi", index);
    expect((await client.manifest(indexDigest)).digest).toBe(digest);
  });

  it("refuses content that does not have its digest, and more than announced", async () => {
    const registry = await testRegistry();
    const client = clientOf(registry);
    const digest = await pushArtifact(client, { tag: "v1", layer: Buffer.from("content") });
    const { layers } = await client.manifest(digest);
    for (const fake of ["CONTENT", "content and more"]) {
      registry.blobs.set(layers[0]!.digest, Buffer.from(fake));
      await expect(readLayer(client, digest)).rejects.toMatchObject({ code: "digest-mismatch" });
    }
    registry.manifests.get(`team/app@${digest}`)!.bytes = Buffer.from("{}");
    await expect(client.manifest(digest)).rejects.toMatchObject({ code: "digest-mismatch" });
  });

  it("follows a blob to another host without its credentials", async () => {
    const registry = await testRegistry({ login: LOGIN });
    const client = clientOf(registry, { login: LOGIN });
    const digest = await pushArtifact(client, { tag: "v1", layer: Buffer.from("content") });
    const seen: (string | undefined)[] = [];
    const storage = await listen((request, response) => {
      seen.push(request.headers.authorization);
      response.end("content");
    });
    registry.intercept = (request, response) => {
      if (!request.url?.includes("/blobs/")) return false;
      response.setHeader("Location", `http://${storage}/somewhere`).writeHead(307).end();
      return true;
    };
    expect(await readLayer(client, digest)).toBe("content");
    expect(seen).toEqual([undefined]);
  });

  it("says what went wrong without showing credentials", async () => {
    const registry = await testRegistry({ login: LOGIN });
    const wrong = clientOf(registry, { login: { username: "ada", password: "wrong-hunter2" } });
    const failure = await wrong.resolve("v1").catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: "OciError", code: "auth-failed" });
    expect(String(failure)).not.toContain("hunter2");
    await expect(clientOf(registry).resolve("v1")).rejects.toMatchObject({ code: "auth-failed" });
    await expect(clientOf(registry, { login: LOGIN }).resolve("gone")).rejects.toMatchObject({
      code: "not-found",
    });
    await expect(clientOf(registry, { login: LOGIN }).resolve("no tag")).rejects.toMatchObject({
      code: "invalid-reference",
    });
    const nowhere = new OciClient({ url: "oci://127.0.0.1:1/x", insecure: true });
    await expect(nowhere.tags()).rejects.toMatchObject({ code: "unreachable" });
    const encrypted = clientOf(registry, { insecure: false });
    await expect(encrypted.tags()).rejects.toMatchObject({ code: "unreachable" });
    registry.intercept = (_request, response) => {
      response.writeHead(503).end();
      return true;
    };
    await expect(clientOf(registry).tags()).rejects.toMatchObject({ code: "unreachable" });
  });
});

describe("a registry under load", () => {
  async function answering(...statuses: number[]) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      const status = statuses[Math.min(asked.length, statuses.length - 1)]!;
      asked.push(`${request.method} ${request.url}`);
      response.writeHead(status).end(status === 200 ? '{"tags":["v1"]}' : "busy");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const client = new OciClient({ url: `oci://127.0.0.1:${port}/app`, insecure: true });
    const end = async () => {
      await client.close();
      server.close();
    };
    return { client, asked, end };
  }

  it("is asked again", async () => {
    const { client, asked, end } = await answering(503, 429, 200);
    expect(await client.tags()).toEqual(["v1"]);
    expect(asked).toHaveLength(3);
    await end();
  });

  it("is given up on soon", async () => {
    const { client, asked, end } = await answering(503);
    await expect(client.tags()).rejects.toThrow("answered 503");
    expect(asked).toHaveLength(3);
    await end();
  });

  it("is not asked again for what it refuses", async () => {
    const { client, asked, end } = await answering(403);
    await expect(client.tags()).rejects.toMatchObject({ code: "auth-failed" });
    expect(asked).toHaveLength(1);
    await end();
  });
});

describe("verifyCosign", () => {
  async function signed(type: "ec" | "ed25519" | "rsa") {
    const { publicKey, privateKey } =
      type === "ec"
        ? generateKeyPairSync("ec", { namedCurve: "P-256" })
        : type === "rsa"
          ? generateKeyPairSync("rsa", { modulusLength: 2048 })
          : generateKeyPairSync("ed25519");
    const registry = await testRegistry();
    const client = clientOf(registry);
    const digest = await pushArtifact(client, { tag: "v1", layer: Buffer.from("content") });
    const attach = async (of: string, to: string) => {
      const payload = Buffer.from(JSON.stringify({ critical: { image: { "docker-manifest-digest": of } } }));
      const signature = sign(type === "ed25519" ? null : "sha256", payload, privateKey).toString("base64");
      const layer = await client.pushBlob("application/vnd.dev.cosign.simplesigning.v1+json", payload);
      const config = await client.pushBlob("application/vnd.oci.image.config.v1+json", Buffer.from("{}"));
      const annotations = { "dev.cosignproject.cosign/signature": signature };
      await client.pushManifest(`${to.replace(":", "-")}.sig`, {
        config,
        layers: [{ ...layer, annotations }],
      });
    };
    return { client, digest, attach, pem: publicKey.export({ type: "spki", format: "pem" }).toString() };
  }

  it.each(["ec", "ed25519", "rsa"] as const)(
    "accepts a signature by a trusted %s key, and no other",
    async (type) => {
      const { client, digest, attach, pem } = await signed(type);
      await expect(verifyCosign(client, digest, { keys: [pem] })).rejects.toMatchObject({
        code: "unverified",
      });
      await attach(digest, digest);
      await verifyCosign(client, digest, { keys: ["nonsense", pem] });
      const stranger = await signed(type);
      await expect(verifyCosign(client, digest, { keys: [stranger.pem] })).rejects.toMatchObject({
        code: "unverified",
      });
      await expect(verifyCosign(client, digest, { keys: ["nonsense"] })).rejects.toMatchObject({
        code: "invalid-credentials",
      });
    },
  );

  it("refuses the signature of something else", async () => {
    const { client, digest, attach, pem } = await signed("ec");
    await attach(`sha256:${"0".repeat(64)}`, digest);
    await expect(verifyCosign(client, digest, { keys: [pem] })).rejects.toMatchObject({ code: "unverified" });
  });
});

describe("parseOciUrl", () => {
  it.each([
    ["oci://ghcr.io/a/b", "ghcr.io", "a/b"],
    ["oci://127.0.0.1:5000/a/", "127.0.0.1:5000", "a"],
    ["oci://docker.io/nginx", "registry-1.docker.io", "library/nginx"],
    ["oci://docker.io/a/b", "registry-1.docker.io", "a/b"],
  ])("%s", (url, registry, repository) => {
    expect(parseOciUrl(url)).toEqual({ registry, repository });
  });

  it.each([
    "oci://ghcr.io",
    "ghcr.io/a",
    "oci://ghcr.io/a:tag",
    "oci://ghcr.io/a@sha256:1",
    "oci://ghcr.io/A",
    "oci://u:p@h/a",
    "oci://h/a/../b",
    "oci://h/a?x",
  ])("refuses %s", (url) => {
    expect(() => parseOciUrl(url)).toThrow(expect.objectContaining({ code: "invalid-reference" }));
  });
});

describe("loginFromDockerConfig", () => {
  const auth = (text: string) => Buffer.from(text).toString("base64");
  const config = JSON.stringify({
    auths: {
      "https://ghcr.io": { auth: auth("host:1:2") },
      "ghcr.io/team": { username: "path", password: "2" },
      "https://index.docker.io/v1/": { auth: auth("hub:3") },
      "broken.io": { auth: auth("no-colon") },
    },
  });

  it.each([
    ["ghcr.io", "other/app", { username: "host", password: "1:2" }],
    ["ghcr.io", "team/app", { username: "path", password: "2" }],
    ["registry-1.docker.io", "library/nginx", { username: "hub", password: "3" }],
    ["quay.io", "a", undefined],
  ])("finds the most specific entry for %s/%s", (registry, repository, login) => {
    expect(loginFromDockerConfig(config, registry, repository)).toEqual(login);
  });

  it("refuses what is no docker configuration, without quoting it", () => {
    for (const text of ["{secret", "{}", "[]", '{"auths":1}']) {
      expect(() => loginFromDockerConfig(text, "a", "b")).toThrow("is not JSON with auths");
    }
    expect(() => loginFromDockerConfig(config, "broken.io", "a")).toThrow("malformed");
  });
});
