import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, capstan, type LiveObject, temporaryDirectory } from "./support/capstan.js";
import { run, succeed } from "./support/run.js";
import { type S3Server, s3Server } from "./support/s3.js";
import {
  type Certificate,
  certificate,
  findRegistry,
  Registry,
  serve,
  type TestServer,
} from "./support/servers.js";
import { download, ready, readyOf, refused, secret, sourceObject } from "./support/sources.js";

const scratch = temporaryDirectory();
const helm = process.env["CAPSTAN_HELM"] ?? "helm";
/** The real `flux`, where a machine has it: then each must understand what the other pushed. */
const flux = process.env["CAPSTAN_FLUX"];
const registryBinary = findRegistry();
if (registryBinary === undefined) {
  console.error("skipped: no docker-registry is installed, and apt cannot fetch it");
}

const LOGIN = { username: "ada", password: "hunter2" };
let home: Capstan;
let tls: Certificate;
const servers: { close(): void }[] = [];

function use<T extends { close(): void }>(server: T): T {
  servers.push(server);
  return server;
}

/** A chart as the real helm packs it. */
async function packedChart(version: string): Promise<string> {
  const directory = join(scratch.path, `chart-${version}`);
  const files: Record<string, string> = {
    "Chart.yaml": `apiVersion: v2\nname: web\nversion: ${version}\n`,
    "values.yaml": "colour: blue\n",
    "values-prod.yaml": "colour: red\n",
    "templates/config.yaml":
      "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  colour: {{ .Values.colour }}\n",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, "web", path)), { recursive: true });
    writeFileSync(join(directory, "web", path), text);
  }
  await succeed(helm, ["package", join(directory, "web"), "-d", scratch.path]);
  return join(scratch.path, `web-${version}.tgz`);
}

/** What the real helm makes of a chart that Capstan offers. */
async function templateOf(live: LiveObject): Promise<string> {
  const file = join(mkdtempSync(join(scratch.path, "artifact-")), "chart.tgz");
  writeFileSync(file, await download(live));
  return succeed(helm, ["template", "x", file]);
}

beforeAll(async () => {
  tls = await certificate(scratch.path);
  home = await Capstan.up(join(scratch.path, "data"), []);
  await home.apply([
    secret("ca", { "ca.crt": tls.cert }),
    secret("login", LOGIN),
    secret("wrong", { username: LOGIN.username, password: "wrong" }),
  ]);
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  for (const server of servers) server.close();
  scratch.remove();
});

interface RegistryCase {
  readonly name: string;
  readonly secure: boolean;
  readonly guarded: boolean;
}

const cases: readonly RegistryCase[] = [
  { name: "plain", secure: false, guarded: false },
  { name: "tls", secure: true, guarded: false },
  { name: "login", secure: false, guarded: true },
  { name: "tls-login", secure: true, guarded: true },
];

describe.skipIf(registryBinary === undefined).each(cases)(
  "a registry ($name)",
  ({ name, secure, guarded }) => {
    let registry: Registry;
    let environment: NodeJS.ProcessEnv;
    let reach: object;
    const helmTls = () => (secure ? ["--ca-file", tls.certFile] : ["--plain-http"]);

    beforeAll(async () => {
      const bcrypt = createRequire(import.meta.url)("bcryptjs") as {
        hashSync(text: string, rounds: number): string;
      };
      registry = use(
        await Registry.start(registryBinary ?? "", {
          ...(secure ? { tls } : {}),
          ...(guarded ? { htpasswd: `${LOGIN.username}:${bcrypt.hashSync(LOGIN.password, 4)}` } : {}),
        }),
      );
      const docker = join(scratch.path, `docker-${name}`);
      mkdirSync(docker, { recursive: true });
      const auth = Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64");
      const config = JSON.stringify({ auths: guarded ? { [registry.host]: { auth } } : {} });
      writeFileSync(join(docker, "config.json"), config);
      environment = {
        ...process.env,
        DOCKER_CONFIG: docker,
        HELM_REGISTRY_CONFIG: join(docker, "config.json"),
        NODE_EXTRA_CA_CERTS: tls.certFile,
        SSL_CERT_FILE: tls.certFile,
      };
      await home.apply(secret(`docker-${name}`, { ".dockerconfigjson": config }));
      reach = {
        ...(secure ? { certSecretRef: { name: "ca" } } : { insecure: true }),
        ...(guarded ? { secretRef: { name: `docker-${name}` } } : {}),
      };
    });

    it("takes what capstan pushes, and gives it back to capstan and to the controller", async () => {
      const files = join(scratch.path, `files-${name}`);
      mkdirSync(join(files, "apps"), { recursive: true });
      writeFileSync(join(files, "apps/a.yaml"), "a: 1\n");
      writeFileSync(join(files, "logo.png"), "x");
      const address = `oci://${registry.host}/team/app`;
      const about = ["--source", "https://example.com/repo", "--revision", "main@sha1:abc", "-o", "json"];
      const pushed = await succeed(
        process.execPath,
        capstanArgs("push", "artifact", `${address}:v1.0.0`, "-f", files, ...about),
        { env: environment },
      );
      const { digest, url } = JSON.parse(pushed) as { digest: string; url: string };
      expect(url).toBe(`${address}@${digest}`);
      expect(
        (await capstan(["tag", "artifact", `${address}:v1.0.0`, "--tag", "latest"], { env: environment }))
          .code,
      ).toBe(0);
      const listed = await capstan(["list", "artifacts", address], { env: environment });
      expect(listed.stdout).toMatch(
        new RegExp(`:v1.0.0 +${digest} +https://example.com/repo +main@sha1:abc`),
      );
      const target = mkdtempSync(join(scratch.path, "pulled-"));
      const pulled = await capstan(["pull", "artifact", `${address}:latest`, "-o", target], {
        env: environment,
      });
      expect(pulled.stderr).toContain("revision main@sha1:abc");
      expect(readFileSync(join(target, "apps/a.yaml"), "utf8")).toBe("a: 1\n");
      expect(readdirSync(target)).toEqual(["apps"]);
      const diff = () =>
        capstan(["diff", "artifact", `${address}:v1.0.0`, "--path", files], { env: environment });
      expect((await diff()).code).toBe(0);
      writeFileSync(join(files, "apps/b.yaml"), "b: 1\n");
      expect(await diff()).toMatchObject({ code: 1, stdout: "+ apps/b.yaml\n" });
      const live = await ready(home, "OCIRepository", `app-${name}`, {
        url: address,
        ref: { semver: ">=1.0.0" },
        ...reach,
      });
      expect(live.status.artifact).toMatchObject({
        revision: `v1.0.0@${digest}`,
        metadata: { "org.opencontainers.image.revision": "main@sha1:abc" },
      });
    });

    it("offers charts that the real helm pushed, and lets the real helm render them", async () => {
      for (const version of ["1.0.0", "1.1.0+build"]) {
        const pushed = await run(
          helm,
          ["push", await packedChart(version), `oci://${registry.host}/charts`, ...helmTls()],
          {
            env: environment,
          },
        );
        expect(pushed).toMatchObject({ code: 0 });
      }
      const url = `oci://${registry.host}/charts`;
      await home.apply(sourceObject("HelmRepository", `charts-${name}`, { type: "oci", url, ...reach }));
      const sourceRef = { kind: "HelmRepository", name: `charts-${name}` };
      const chart = await ready(home, "HelmChart", `web-${name}`, {
        chart: "web",
        version: "1.x",
        sourceRef,
      });
      expect(readyOf(chart)?.message).toBe("pulled 'web' chart with version '1.1.0+build'");
      expect(await download(chart)).toEqual(readFileSync(join(scratch.path, "web-1.1.0+build.tgz")));
      const merged = {
        chart: "web",
        version: "1.0.0",
        sourceRef,
        valuesFiles: ["values.yaml", "values-prod.yaml"],
      };
      expect(await templateOf(await ready(home, "HelmChart", `prod-${name}`, merged))).toContain(
        "colour: red",
      );
      const layer = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
      const layerSelector = { mediaType: layer, operation: "copy" };
      const copy = await ready(home, "OCIRepository", `copy-${name}`, {
        url: `${url}/web`,
        ref: { tag: "1.0.0" },
        layerSelector,
        ...reach,
      });
      expect(await download(copy)).toEqual(readFileSync(join(scratch.path, "web-1.0.0.tgz")));
    });

    it.runIf(guarded || secure)("is not reached without what it wants", async () => {
      const url = `oci://${registry.host}/team/app`;
      const { reason } = await refused(home, "OCIRepository", `refused-${name}`, { url });
      expect(reason).toBe("OCIArtifactPullFailed");
    });

    it.runIf(flux !== undefined && !secure)("shares artifacts with the real flux, both ways", async () => {
      const files = mkdtempSync(join(scratch.path, "flux-"));
      writeFileSync(join(files, "f.yaml"), "f: 1\n");
      const address = `oci://${registry.host}/flux/app`;
      const about = ["--source", "s", "--revision", "r"];
      const creds = guarded ? ["--creds", `${LOGIN.username}:${LOGIN.password}`] : [];
      const env = { ...environment, HOME: scratch.path };
      await succeed(flux ?? "", ["push", "artifact", `${address}:flux`, "-f", files, ...about, ...creds], {
        env,
      });
      await succeed(
        process.execPath,
        capstanArgs("push", "artifact", `${address}:capstan`, "-f", files, ...about),
        { env },
      );
      const here = mkdtempSync(join(scratch.path, "from-flux-"));
      await succeed(process.execPath, capstanArgs("pull", "artifact", `${address}:flux`, "-o", here), {
        env,
      });
      expect(readFileSync(join(here, "f.yaml"), "utf8")).toBe("f: 1\n");
      const there = mkdtempSync(join(scratch.path, "from-capstan-"));
      await succeed(flux ?? "", ["pull", "artifact", `${address}:capstan`, "-o", there, ...creds], { env });
      expect(readFileSync(join(there, "f.yaml"), "utf8")).toBe("f: 1\n");
      const same = await capstan(["diff", "artifact", `${address}:flux`, "--path", files], { env });
      expect(same.code).toBe(0);
    });
  },
);

function capstanArgs(...args: string[]): string[] {
  return [
    process.env["CAPSTAN_E2E_BINARY"] ?? new URL("../packages/cli/bin/capstan.js", import.meta.url).pathname,
    ...args,
  ];
}

/** A directory that the real helm indexed, over HTTP. */
async function chartRepository(secure: boolean, guarded: boolean): Promise<TestServer> {
  const directory = mkdtempSync(join(scratch.path, "charts-"));
  for (const version of ["1.0.0", "2.0.0"]) {
    const archive = await packedChart(version);
    writeFileSync(join(directory, `web-${version}.tgz`), readFileSync(archive));
  }
  await succeed(helm, ["repo", "index", directory]);
  const expected = `Basic ${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString("base64")}`;
  const handler = (path: string, authorization: string | undefined) => {
    if (guarded && authorization !== expected) return { status: 401, body: "" };
    const name = path.replace(/^\/+/, "");
    if (!readdirSync(directory).includes(name)) return { status: 404, body: "" };
    return { status: 200, body: readFileSync(join(directory, name)) };
  };
  return use(
    await serve(
      (request, response) => {
        const { status, body } = handler(request.url ?? "", request.headers.authorization);
        response.writeHead(status).end(body);
      },
      secure ? tls : undefined,
    ),
  );
}

describe.each(cases)("a Helm repository over HTTP ($name)", ({ name, secure, guarded }) => {
  it("offers its index and its charts", async () => {
    const server = await chartRepository(secure, guarded);
    const url = `${secure ? "https" : "http"}://${server.host}`;
    const reach = {
      ...(secure ? { certSecretRef: { name: "ca" } } : {}),
      ...(guarded ? { secretRef: { name: "login" } } : {}),
    };
    const index = await ready(home, "HelmRepository", `http-${name}`, { url, ...reach });
    expect(JSON.parse((await download(index)).toString()).entries.web).toHaveLength(2);
    const sourceRef = { kind: "HelmRepository", name: `http-${name}` };
    const chart = await ready(home, "HelmChart", `http-${name}`, { chart: "web", version: "<2", sourceRef });
    expect(await templateOf(chart)).toContain("colour: blue");
    if (guarded) {
      const { reason } = await refused(home, "HelmRepository", `wrong-${name}`, {
        url,
        ...reach,
        secretRef: { name: "wrong" },
      });
      expect(["Failed", "AuthenticationFailed"]).toContain(reason);
    }
    if (secure) {
      expect((await refused(home, "HelmRepository", `unknown-${name}`, { url })).message).toMatch(
        /certificate/,
      );
    }
  });
});

describe.each(cases)("a bucket ($name)", ({ name, secure, guarded }) => {
  const keys = { accessKey: "AKIDEXAMPLE", secretKey: "an/S3+secret" };
  let server: S3Server;

  beforeAll(async () => {
    server = use(await s3Server("data", guarded ? keys : undefined, secure ? tls : undefined));
    server.objects.set("apps/a b+c.yaml", Buffer.from("a: 1\n"));
    server.objects.set("apps/ü.yaml", Buffer.from("u: 1\n"));
    server.objects.set("apps/chart/Chart.yaml", Buffer.from("apiVersion: v2\nname: web\nversion: 3.0.0\n"));
    server.objects.set("apps/chart/templates/x.yaml", Buffer.from("kind: X\nfrom: bucket\n"));
    server.objects.set("other/b.yaml", Buffer.from("b: 1\n"));
    await home.apply([
      secret(`s3-${name}`, { accesskey: keys.accessKey, secretkey: keys.secretKey }),
      secret(`s3-wrong-${name}`, { accesskey: keys.accessKey, secretkey: "wrong" }),
    ]);
  });

  const spec = () => ({
    endpoint: server.host,
    bucketName: "data",
    region: "eu-central-1",
    prefix: "apps/",
    ...(guarded ? { secretRef: { name: `s3-${name}` } } : {}),
    ...(secure ? { certSecretRef: { name: "ca" } } : { insecure: true }),
  });

  it("is offered as an artifact, downloaded once, and used as a source of charts", async () => {
    const live = await ready(home, "Bucket", `bucket-${name}`, spec());
    const target = mkdtempSync(join(scratch.path, "bucket-"));
    writeFileSync(`${target}.tgz`, await download(live));
    await succeed("tar", ["-xzf", `${target}.tgz`, "-C", target]);
    expect(readFileSync(join(target, "apps/a b+c.yaml"), "utf8")).toBe("a: 1\n");
    expect(readdirSync(join(target, "apps")).sort()).toEqual(["a b+c.yaml", "chart", "ü.yaml"]);
    const before = server.requests.filter((line) => line.endsWith(".yaml")).length;
    await home.kubectl(["annotate", "bucket", `bucket-${name}`, "reconcile.fluxcd.io/requestedAt=1"]);
    await home.has(
      "bucket",
      `bucket-${name}`,
      "default",
      ({ status }) => status.lastHandledReconcileAt === "1",
    );
    expect(server.requests.filter((line) => line.endsWith(".yaml"))).toHaveLength(before);
    const sourceRef = { kind: "Bucket", name: `bucket-${name}` };
    const chart = await ready(home, "HelmChart", `bucket-${name}`, { chart: "apps/chart", sourceRef });
    expect(await templateOf(chart)).toContain("from: bucket");
  });

  if (!guarded) return;

  it("is not given to whoever signs with another key", async () => {
    const { reason, message } = await refused(home, "Bucket", `wrong-${name}`, {
      ...spec(),
      secretRef: { name: `s3-wrong-${name}` },
    });
    expect(reason).toBe("BucketOperationFailed");
    expect(message).toContain("403 SignatureDoesNotMatch");
  });

  it("is not given to whoever does not sign", async () => {
    const { secretRef: _, ...open } = { secretRef: undefined, ...spec() };
    expect((await refused(home, "Bucket", `unsigned-${name}`, open)).message).toContain("403 AccessDenied");
  });
});
