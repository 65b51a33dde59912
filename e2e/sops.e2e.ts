import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Capstan, temporaryDirectory } from "./support/capstan.js";
import { LocalRepository } from "./support/git.js";
import { type KeyService, keyService } from "./support/key-service.js";
import { until } from "./support/run.js";

const testdata = (path: string) =>
  readFileSync(new URL(`../packages/sops/testdata/${path}`, import.meta.url), "utf8");

const GENERATED = `
secretGenerator:
- name: settings
  namespace: default
  envs: [settings.env]
  files: [config.json]
generatorOptions: { disableNameSuffixHash: true }
`;

function kustomization(name: string, keys: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: ${name}, namespace: capstan-system }
spec:
  interval: 10m
  retryInterval: 1s
  path: ./${name}
  prune: true
  sourceRef: { kind: GitRepository, name: repository }
  decryption: { provider: sops, secretRef: { name: ${keys} } }
`;
}

describe("secrets that the real sops encrypted, in a git repository", () => {
  const directory = temporaryDirectory();
  let repository: LocalRepository;
  let capstan: Capstan;
  let kms: KeyService;

  const message = (name: string) =>
    capstan.kubectl([
      "get",
      "kustomization",
      name,
      "-n",
      "capstan-system",
      "-o",
      'jsonpath={.status.conditions[?(@.type=="Ready")].reason}: {.status.conditions[?(@.type=="Ready")].message}',
    ]);
  const ready = (name: string) =>
    until(
      `${name} is ready`,
      async () => (await message(name)).includes("ReconciliationSucceeded"),
      60_000,
      () => message(name),
    );
  const entry = async (secret: string, key: string) => {
    const path = `jsonpath={.data.${key.replaceAll(".", "\\.")}}`;
    return Buffer.from(await capstan.kubectl(["get", "secret", secret, "-o", path]), "base64").toString();
  };
  const keys = (name: string, file: string, entryName: string) =>
    capstan.apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace: "capstan-system", labels: { "reconcile.fluxcd.io/watch": "Enabled" } },
      stringData: { [entryName]: testdata(`keys/${file}`) },
    });

  beforeAll(async () => {
    kms = await keyService();
    process.env["AWS_ENDPOINT_URL_KMS"] = kms.url;
    repository = await LocalRepository.create(join(directory.path, "repository"));
    await repository.commit({
      "root/age.yaml": kustomization("age", "age-keys"),
      "root/gpg.yaml": kustomization("gpg", "gpg-keys"),
      "root/wrong.yaml": kustomization("wrong", "wrong-keys"),
      "root/kms.yaml": kustomization("kms", "kms-keys"),
      "kms/secret.yaml": testdata("encrypted/secret.kms.yaml").replaceAll(
        "name: database",
        "name: database-kms",
      ),
      "age/kustomization.yaml": `resources: [secret.yaml]\n${GENERATED}`,
      "age/secret.yaml": testdata("encrypted/secret.yaml"),
      "age/settings.env": testdata("encrypted/settings.env"),
      "age/config.json": testdata("encrypted/config.json"),
      "gpg/secret.yaml": testdata("encrypted/secret.rsa.yaml").replaceAll(
        "name: database",
        "name: database-gpg",
      ),
      "wrong/secret.yaml": testdata("encrypted/secret.hybrid.yaml").replaceAll(
        "name: database",
        "name: database-hybrid",
      ),
    });
    capstan = await Capstan.up(join(directory.path, "data"), [
      `file://${repository.path}`,
      "--path",
      "./root",
    ]);
    await keys("age-keys", "one.agekey", "identity.agekey");
    await keys("gpg-keys", "rsa.asc", "sops.asc");
    await keys("wrong-keys", "stranger.agekey", "identity.agekey");
  });
  afterAll(async () => {
    delete process.env["AWS_ENDPOINT_URL_KMS"];
    kms?.close();
    await capstan?.stop();
    directory.remove();
  });

  it("are applied in clear: manifests, dotenv and JSON, for age and for gpg", async () => {
    await ready("age");
    expect(await entry("database", "password")).toBe("correct horse: battery # staple");
    expect(await entry("settings", "PASSWORD")).toBe("a=b c#d");
    expect(await entry("settings", "config.json")).toBe(testdata("plain/config.json"));
    await ready("gpg");
    expect(await entry("database-gpg", "user")).toBe("ada");
  });

  it("stay closed to a stranger's key, and open when the right one comes", async () => {
    await until(
      "the key is refused",
      async () => (await message("wrong")).startsWith("BuildFailed"),
      60_000,
      () => message("wrong"),
    );
    expect(await message("wrong")).toContain("cannot get sops data key");
    await keys("wrong-keys", "hybrid.agekey", "identity.agekey");
    await ready("wrong");
    expect(await entry("database-hybrid", "user")).toBe("ada");
  });

  it("are opened by AWS KMS with the credentials of a Secret", async () => {
    const credentials = (id: string) =>
      capstan.apply({
        apiVersion: "v1",
        kind: "Secret",
        metadata: {
          name: "kms-keys",
          namespace: "capstan-system",
          labels: { "reconcile.fluxcd.io/watch": "Enabled" },
        },
        stringData: { "sops.aws-kms": `aws_access_key_id: ${id}\naws_secret_access_key: hunter2\n` },
      });
    await credentials("STRANGER");
    await until(
      "the credentials are refused",
      async () => (await message("kms")).includes("AccessDeniedException: the key is not yours"),
      60_000,
      () => message("kms"),
    );
    await credentials("AKID");
    await ready("kms");
    expect(await entry("database-kms", "password")).toBe("correct horse: battery # staple");
    expect(new Set(kms.asked)).toEqual(new Set(["STRANGER", "AKID"]));
  });

  it("are never in the log", () => {
    for (const secret of ["hunter2", "correct horse", "AGE-SECRET-KEY", "PRIVATE KEY"]) {
      expect(capstan.output).not.toContain(secret);
    }
  });
});
