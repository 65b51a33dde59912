import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";
import { succeed } from "./support/run.js";
import { type Certificate, certificate, freePort, startServer } from "./support/servers.js";
import { download, ready, refused, secret } from "./support/sources.js";

/** The real S3 server `versitygw`, where a machine has it. */
const gateway = process.env["CAPSTAN_S3_GATEWAY"];

const KEYS = { accesskey: "AKIDEXAMPLE", secretkey: "an/S3+secret" };
const FILES = {
  "apps/a b+c.yaml": "a: 1\n",
  "apps/dir/ü (1)!.yaml": "u: 1\n",
  "apps/chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 3.0.0\n",
  "apps/chart/templates/x.yaml": "kind: X\n",
  "other.yaml": "o: 1\n",
};

const scratch = temporaryDirectory();
const closing: (() => void)[] = [];
let home: Capstan;
let tls: Certificate;

beforeAll(async () => {
  if (gateway === undefined) return;
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
  for (const close of closing) close();
  scratch.remove();
});

describe.skipIf(gateway === undefined).each([
  { name: "plain", secure: false },
  { name: "tls", secure: true },
])("a bucket of a real S3 server ($name)", ({ name, secure }) => {
  let spec: object;

  beforeAll(async () => {
    const storage = mkdtempSync(join(scratch.path, "s3-"));
    for (const [path, content] of Object.entries(FILES)) {
      const file = join(storage, "data", path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    const host = `127.0.0.1:${await freePort()}`;
    const certificates = secure ? ["--cert", tls.certFile, "--key", tls.keyFile] : [];
    const keys = ["--access", KEYS.accesskey, "--secret", KEYS.secretkey];
    const args = ["--port", host, ...keys, ...certificates, "posix", storage];
    const child = await startServer("the S3 server", host, gateway ?? "", args);
    closing.push(() => child.kill("SIGKILL"));
    spec = {
      endpoint: host,
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

  it("is given to nobody else", async () => {
    const wrong = { ...spec, secretRef: { name: "wrong" } };
    expect((await refused(home, "Bucket", `wrong-${name}`, wrong)).message).toContain(
      "403 SignatureDoesNotMatch",
    );
    expect((await refused(home, "Bucket", `unsigned-${name}`, spec)).message).toMatch(/answered 40\d/);
    const absent = { ...spec, bucketName: "absent", secretRef: { name: "keys" } };
    expect((await refused(home, "Bucket", `absent-${name}`, absent)).message).toContain("not found");
  });
});
