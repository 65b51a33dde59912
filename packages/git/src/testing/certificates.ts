import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./fixtures.js";

interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface TestAuthority {
  readonly ca: string;
  readonly server: Certificate;
  readonly client: Certificate;
}

/** A certificate authority made by openssl, a server's certificate for 127.0.0.1 and a client's. */
export function testAuthority(): TestAuthority {
  const directory = temporaryDirectory();
  const path = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-subj",
    "/CN=test-ca",
    "-days",
    "30",
  );
  const issue = (name: string, extension: string): Certificate => {
    writeFileSync(path(`${name}.ext`), extension);
    openssl("req", ...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    const signer = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial"];
    const names = ["-in", `${name}.csr`, "-out", `${name}.crt`, "-extfile", `${name}.ext`];
    openssl("x509", "-req", ...names, ...signer, "-days", "30");
    return {
      cert: readFileSync(path(`${name}.crt`), "utf8"),
      key: readFileSync(path(`${name}.key`), "utf8"),
    };
  };
  const server = issue("server", "subjectAltName=IP:127.0.0.1");
  const client = issue("client", "extendedKeyUsage=clientAuth");
  return { ca: readFileSync(path("ca.crt"), "utf8"), server, client };
}
