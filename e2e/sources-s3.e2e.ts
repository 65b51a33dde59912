import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";
import { succeed } from "./support/run.js";
import { type Certificate, certificate } from "./support/servers.js";
import { download, ready, refused, secret } from "./support/sources.js";

/** What is used of the S3 server that `npm run e2e` fetches; it is not ours and checks signatures. */
interface S3Server {
  run(): Promise<{ readonly port: number }>;
  close(): Promise<void>;
}
type S3Servers = new (options: {
  readonly address: string;
  readonly port: number;
  readonly directory: string;
  readonly silent: boolean;
  readonly configureBuckets: readonly { readonly name: string }[];
  readonly key?: string;
  readonly cert?: string;
}) => S3Server;

const S3Servers: S3Servers = createRequire(import.meta.url)(process.env["CAPSTAN_S3_SERVER"] ?? "");

/** The only account that the server knows. */
const KEYS = { accesskey: "S3RVER", secretkey: "S3RVER" };
const FILES = {
  "apps/a b+c.yaml": "a: 1\n",
  "apps/dir/ü (1)!.yaml": "u: 1\n",
  "apps/chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 3.0.0\n",
  "apps/chart/templates/x.yaml": "kind: X\n",
  "other.yaml": "o: 1\n",
};

const scratch = temporaryDirectory();
const servers: S3Server[] = [];
let home: Capstan;
let tls: Certificate;

beforeAll(async () => {
  tls = await certificate(scratch.path);
  home = await Capstan.up(join(scratch.path, "data"), []);
  await home.apply([
    secret("ca", { "ca.crt": tls.cert }),
    secret("keys", KEYS),
    secret("wrong", { ...KEYS, secretkey: "wrong" }),
  ]);
});

afterAll(async () => {
  await home?.stop("SIGKILL");
  for (const server of servers) await server.close();
  scratch.remove();
});

/** Starts a server with the files in its bucket `data`; gives its `host:port`. */
async function start(secure: boolean): Promise<string> {
  const options = {
    address: "127.0.0.1",
    port: 0,
    silent: true,
    directory: mkdtempSync(join(scratch.path, "s3-")),
    configureBuckets: [{ name: "data" }],
  };
  // The objects are stored over HTTP; the server on the same directory may then speak TLS.
  const filling = new S3Servers(options);
  const { port } = await filling.run();
  for (const [path, body] of Object.entries(FILES)) {
    const url = `http://127.0.0.1:${port}/data/${path.split("/").map(encodeURIComponent).join("/")}`;
    const { status } = await fetch(url, { method: "PUT", body });
    if (status !== 200) throw new Error(`PUT ${path}: ${status}`);
  }
  await filling.close();
  const server = new S3Servers({ ...options, ...(secure ? { key: tls.key, cert: tls.cert } : {}) });
  servers.push(server);
  return `127.0.0.1:${(await server.run()).port}`;
}

describe.each([
  { name: "plain", secure: false },
  { name: "tls", secure: true },
])("a bucket of an S3 server of others ($name)", ({ name, secure }) => {
  let spec: object;

  beforeAll(async () => {
    spec = {
      endpoint: await start(secure),
      bucketName: "data",
      region: "us-east-1",
      prefix: "apps/",
      ...(secure ? { certSecretRef: { name: "ca" } } : { insecure: true }),
    };
  });

  it("is offered as an artifact and as a source of charts", async () => {
    const live = await ready(home, "Bucket", name, { ...spec, secretRef: { name: "keys" } });
    const target = mkdtempSync(join(scratch.path, "bucket-"));
    writeFileSync(`${target}.tgz`, await download(live));
    await succeed("tar", ["-xzf", `${target}.tgz`, "-C", target]);
    expect(readFileSync(join(target, "apps/a b+c.yaml"), "utf8")).toBe("a: 1\n");
    expect(readFileSync(join(target, "apps/dir/ü (1)!.yaml"), "utf8")).toBe("u: 1\n");
    const sourceRef = { kind: "Bucket", name };
    const chart = await ready(home, "HelmChart", name, { chart: "apps/chart", sourceRef });
    expect(chart.status.artifact.revision).toBe("3.0.0");
  });

  it("is not given to whoever signs with another key, nor is one that is not there", async () => {
    const wrong = { ...spec, secretRef: { name: "wrong" } };
    expect((await refused(home, "Bucket", `wrong-${name}`, wrong)).message).toContain(
      "403 SignatureDoesNotMatch",
    );
    const absent = { ...spec, bucketName: "absent", secretRef: { name: "keys" } };
    expect((await refused(home, "Bucket", `absent-${name}`, absent)).message).toContain("not found");
  });
});
