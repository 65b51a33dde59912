import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, type LiveObject, temporaryDirectory } from "./support/capstan.js";
import { succeed, until } from "./support/run.js";
import { s3Server } from "./support/s3.js";
import { type Certificate, certificate, findRegistry, proxy, Registry, serve } from "./support/servers.js";
import { download, ready, readyOf, refused, secret } from "./support/sources.js";

const LOGIN = { username: "ada", password: "hunter2" };
const scratch = temporaryDirectory();
const registryBinary = findRegistry();
let home: Capstan;
let tls: Certificate;
const servers: { close(): void }[] = [];

function use<T extends { close(): void }>(server: T): T {
  servers.push(server);
  return server;
}

beforeAll(async () => {
  tls = await certificate(scratch.path);
  home = await Capstan.up(join(scratch.path, "data"), []);
  await home.apply(secret("ca", { "ca.crt": tls.cert }));
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  for (const server of servers) server.close();
  scratch.remove();
});

describe("servers that know their clients", () => {
  const mutual = () => ({ ...tls, ca: tls.cert, requestCert: true });

  beforeAll(async () => {
    await home.apply(secret("client", { "ca.crt": tls.cert, "tls.crt": tls.cert, "tls.key": tls.key }));
  });

  it("are shown a certificate by a HelmRepository", async () => {
    const index = JSON.stringify({
      apiVersion: "v1",
      entries: { a: [{ name: "a", version: "1.0.0", urls: [] }] },
    });
    const server = use(await serve((_request, response) => void response.end(index), mutual()));
    const url = `https://${server.host}`;
    await ready(home, "HelmRepository", "mutual", { url, certSecretRef: { name: "client" } });
    const { message } = await refused(home, "HelmRepository", "stranger", {
      url,
      certSecretRef: { name: "ca" },
    });
    expect(message).toContain("failed to fetch Helm repository index");
  });

  it("are shown a certificate by a Bucket", async () => {
    const server = use(await s3Server("data", { accessKey: "a", secretKey: "b" }, mutual()));
    await home.apply(secret("s3", { accesskey: "a", secretkey: "b" }));
    const spec = { endpoint: server.host, bucketName: "data", secretRef: { name: "s3" } };
    await ready(home, "Bucket", "mutual", { ...spec, certSecretRef: { name: "client" } });
    const { reason } = await refused(home, "Bucket", "stranger", { ...spec, certSecretRef: { name: "ca" } });
    expect(reason).toBe("BucketOperationFailed");
  });

  it.skipIf(registryBinary === undefined)("are shown a certificate by an OCIRepository", async () => {
    const registry = use(
      await Registry.start(registryBinary ?? "", { tls, clientAuthorities: tls.certFile }),
    );
    const spec = { url: `oci://${registry.host}/nothing` };
    const known = await refused(home, "OCIRepository", "mutual", {
      ...spec,
      certSecretRef: { name: "client" },
    });
    expect(known.message).toContain("was not found");
    const stranger = await refused(home, "OCIRepository", "stranger", {
      ...spec,
      certSecretRef: { name: "ca" },
    });
    expect(stranger.message).not.toContain("was not found");
  });

  it("are reached through a proxy", async () => {
    const through = use(await proxy(LOGIN));
    await home.apply([
      secret("proxy", { address: `http://${through.host}`, ...LOGIN }),
      secret("proxy-wrong", { address: `http://${through.host}`, username: "ada", password: "wrong" }),
      secret("s3-proxied", { accesskey: "a", secretkey: "b" }),
    ]);
    const server = use(await s3Server("data", { accessKey: "a", secretKey: "b" }));
    const spec = {
      endpoint: server.host,
      bucketName: "data",
      insecure: true,
      secretRef: { name: "s3-proxied" },
    };
    await ready(home, "Bucket", "proxied", { ...spec, proxySecretRef: { name: "proxy" } });
    expect(through.tunnels).toContain(server.host);
    const { reason } = await refused(home, "Bucket", "shut", {
      ...spec,
      proxySecretRef: { name: "proxy-wrong" },
    });
    expect(reason).toBe("BucketOperationFailed");
    const before = through.tunnels.length;
    const registry = { url: `oci://${server.host}/app`, insecure: true, proxySecretRef: { name: "proxy" } };
    await refused(home, "OCIRepository", "proxied", registry);
    expect(through.tunnels.length).toBeGreaterThan(before);
  });
});

describe("artifacts of several sources", () => {
  it("are put together, and follow their sources", async () => {
    const server = use(await s3Server("parts", { accessKey: "a", secretKey: "b" }));
    server.objects.set("base/app.yaml", Buffer.from("kind: App\nspec:\n  a: 1\n"));
    server.objects.set("overlay/app.yaml", Buffer.from("spec:\n  b: 2\n"));
    await home.apply(secret("parts", { accesskey: "a", secretkey: "b" }));
    await ready(home, "Bucket", "parts", {
      endpoint: server.host,
      bucketName: "parts",
      insecure: true,
      secretRef: { name: "parts" },
    });
    await home.apply({
      apiVersion: "source.extensions.fluxcd.io/v1beta1",
      kind: "ArtifactGenerator",
      metadata: { name: "app", namespace: "default" },
      spec: {
        sources: [{ alias: "parts", kind: "Bucket", name: "parts" }],
        artifacts: [
          {
            name: "app",
            copy: [
              { from: "@parts/base/**", to: "@artifact/" },
              { from: "@parts/overlay/**", to: "@artifact/", strategy: "Merge" },
            ],
          },
        ],
      },
    });
    const made = await home.has(
      "externalartifact",
      "app",
      "default",
      ({ status }) => status?.artifact !== undefined,
    );
    const archive = join(scratch.path, "made.tgz");
    const textOf = async (live: LiveObject) => {
      writeFileSync(archive, await download(live));
      return succeed("tar", ["-xzOf", archive, "app.yaml"]);
    };
    expect(await textOf(made)).toBe("kind: App\nspec:\n  a: 1\n  b: 2\n");
    server.objects.set("overlay/app.yaml", Buffer.from("spec:\n  b: 3\n"));
    await home.kubectl(["annotate", "bucket", "parts", "reconcile.fluxcd.io/requestedAt=1"]);
    const digest = made.status.artifact.digest;
    const next = await home.has(
      "externalartifact",
      "app",
      "default",
      ({ status }) => status?.artifact?.digest !== digest,
    );
    expect(await textOf(next)).toContain("b: 3");
    await until("the generator is ready", async () => {
      const generator = await home.get("artifactgenerator", "app");
      return generator !== undefined && readyOf(generator)?.status === "True";
    });
  });
});
