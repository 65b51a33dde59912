import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { systemClock } from "@capstan/control-plane";
import { describe, expect, it } from "vitest";
import { type KeyServices, keyServices } from "../../testing/key-services.js";
import { CloudError } from "../environment.js";
import { TokenCache } from "../token-cache.js";
import type { AwsKey, AzureKey, CloudCredentials, CloudKey, GcpKey } from "./cloud-key.js";
import { cloudKeys } from "./cloud-keys.js";

const testdata = new URL("../../../../sops/testdata/", import.meta.url);
const never = new AbortController().signal;

function wrapped(file: string): string {
  const text = readFileSync(new URL(`encrypted/${file}`, testdata), "utf8");
  return /enc: (\S+)/.exec(text)?.[1] ?? "";
}

const AWS: AwsKey = {
  kind: "kms",
  name: "arn:aws:kms:eu-west-1:111122223333:key/0d0e57a2-11aa-4f3c-9a53-aa6d1f5a2a11",
  encrypted: wrapped("secret.kms.yaml"),
  role: "",
  context: { Stage: "prod" },
};
const GCP: GcpKey = {
  kind: "gcp_kms",
  name: "projects/shop/locations/europe-west3/keyRings/delivery/cryptoKeys/sops",
  encrypted: wrapped("secret.gcp-kms.yaml"),
};
const AZURE: AzureKey = {
  kind: "azure_kv",
  name: "https://shop.vault.azure.net/keys/sops/4f6f0fbb8e2b4d3c9b2ad6a1f2f3a4b5",
  encrypted: wrapped("secret.azure-kv.yaml"),
  vaultUrl: "https://shop.vault.azure.net",
  keyName: "sops",
  version: "4f6f0fbb8e2b4d3c9b2ad6a1f2f3a4b5",
};
/** The data keys that the real tool had wrapped. */
const AWS_DATA_KEY = "5GZKmLdMtTnd/zTdryTGkZtCBxppbTWaqMUzFvRGJYo=";
const DATA_KEY = "6m2BtcAYdxTdgIBZgcA5nHQYza7OYlWivQpH1TDW+i0=";

const account = generateKeyPairSync("rsa", { modulusLength: 2048 });
const privateKey = account.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
const ROLE = "arn:aws:iam::111122223333:role/delivery";

async function world(variables: Readonly<Record<string, string>> = {}) {
  const services = await keyServices({
    awsKeys: new Map([
      ["AKID", { secret: "hunter2" }],
      ["ASIA", { secret: "temporary", session: "the-session" }],
    ]),
    roles: new Map([[ROLE, "ASIA"]]),
    gcpAccount: account.publicKey,
    azureKey: readFileSync(new URL("keys/vault.pem", testdata), "utf8"),
  });
  const { base } = services;
  const endpoints = {
    awsKms: `${base}/aws-kms/`,
    awsSts: `${base}/aws-sts`,
    awsMetadata: `${base}/nothing`,
    gcpKms: base,
    gcpMetadata: `${base}/nothing`,
    azureVault: base,
    azureAuthority: base,
    azureMetadata: `${base}/nothing`,
  };
  const keys = cloudKeys({ cloud: { variables, endpoints, clock: systemClock }, tokens: new TokenCache() });
  return { services, open: opener(keys) };
}

function opener(keys: ReturnType<typeof cloudKeys>) {
  return async (key: CloudKey, credentials: CloudCredentials = {}) =>
    Buffer.from(await keys.open(key, credentials, never)).toString("base64");
}

function gcpCredential({ base }: KeyServices, key = privateKey): string {
  const fields = {
    type: "service_account",
    client_email: "a@b",
    private_key: key,
    token_uri: `${base}/gcp-token`,
  };
  return JSON.stringify(fields);
}

const azure = { tenantId: "tenant", clientId: "c", clientSecret: "s" };
const aws = { accessKey: "AKID", secretKey: "hunter2" };

describe("keys in AWS KMS", () => {
  it("opens with given keys, and with those of this process", async () => {
    expect(await (await world()).open(AWS, { aws })).toBe(AWS_DATA_KEY);
    const own = await world({ AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "hunter2" });
    expect(await own.open(AWS)).toBe(AWS_DATA_KEY);
  });

  it("sends the token of a session", async () => {
    const { open } = await world();
    const session = { accessKey: "ASIA", secretKey: "temporary", sessionToken: "the-session" };
    expect(await open(AWS, { aws: session })).toBe(AWS_DATA_KEY);
    await expect(open(AWS, { aws: { ...session, sessionToken: "another" } })).rejects.toThrow("no session");
  });

  it("takes on the role that the file names, once for many files", async () => {
    const { open, services } = await world();
    for (let i = 0; i < 2; i++) expect(await open({ ...AWS, role: ROLE }, { aws })).toBe(AWS_DATA_KEY);
    expect(services.asked.filter((line) => line.includes("sts"))).toHaveLength(1);
    await expect(open({ ...AWS, role: `${ROLE}s` }, { aws })).rejects.toThrow(
      `assuming the role '${ROLE}s': the token service answered 403 AccessDenied`,
    );
  });

  it.each<[string, Partial<AwsKey>, CloudCredentials["aws"], string]>([
    [
      "a wrong secret",
      {},
      { ...aws, secretKey: "x" },
      "answered 400 IncompleteSignatureException: the signature",
    ],
    ["another context", { context: { Stage: "test" } }, aws, "answered 400 InvalidCiphertextException"],
    ["a key of elsewhere", { name: "arn:aws:kms:eu-west-1/../x:1:key/y" }, aws, "no valid ARN found in"],
    ["a name that is none", { name: "alias/x" }, aws, "no valid ARN found in 'alias/x'"],
  ])("tells of %s", async (_, change, given, message) => {
    const { open } = await world();
    const failed = open({ ...AWS, ...change }, given === undefined ? {} : { aws: given });
    await expect(failed).rejects.toBeInstanceOf(CloudError);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.not.toThrow("hunter2");
  });
});

describe("keys in GCP KMS", () => {
  it("opens with the key of a service account, whose token is kept", async () => {
    const { open, services } = await world();
    for (let i = 0; i < 2; i++) expect(await open(GCP, { gcp: gcpCredential(services) })).toBe(DATA_KEY);
    expect(services.asked.filter((line) => line.includes("gcp-token"))).toHaveLength(1);
  });

  it("refuses what is no resource, and tells of a key that is not trusted", async () => {
    const { open, services } = await world();
    const gcp = gcpCredential(services);
    await expect(open({ ...GCP, name: "projects/shop" }, { gcp })).rejects.toThrow(
      "no valid resource ID found in 'projects/shop'",
    );
    const other = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
    const pem = other.export({ type: "pkcs8", format: "pem" }).toString();
    await expect(open(GCP, { gcp: gcpCredential(services, pem) })).rejects.toThrow(
      "answered 401 invalid_grant",
    );
  });
});

describe("keys in Azure Key Vault", () => {
  it.each([
    ["a client's secret", azure],
    ["what `az` writes", { tenant: "tenant", appId: "c", password: "s" }],
  ])("opens with %s", async (_, given) => {
    expect(await (await world()).open(AZURE, { azure: given })).toBe(DATA_KEY);
  });

  it("opens with the identity of this process", async () => {
    const variables = { AZURE_TENANT_ID: "tenant", AZURE_CLIENT_ID: "c", AZURE_CLIENT_SECRET: "s" };
    expect(await (await world(variables)).open(AZURE)).toBe(DATA_KEY);
  });

  it.each([
    "https://evil.example",
    "https://shop.vault.azure.net.evil.example",
    "http://shop.vault.azure.net",
    "https://evil.example/shop.vault.azure.net",
    "https://u@shop.vault.azure.net:443",
  ])("shows its token to no %s", async (vaultUrl) => {
    const { open, services } = await world();
    await expect(open({ ...AZURE, vaultUrl }, { azure })).rejects.toThrow(
      "is no address of an Azure Key Vault",
    );
    expect(services.asked).toEqual([]);
  });

  it("says what an identity needs", async () => {
    const { open } = await world();
    await expect(open(AZURE, { azure: { tenantId: "tenant" } })).rejects.toThrow(
      "requires a 'clientId' field",
    );
    const locked = {
      tenantId: "t",
      clientId: "c",
      clientCertificate: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA\n-----END ENCRYPTED PRIVATE KEY-----",
      clientCertificatePassword: "hunter2",
    };
    const failed = open(AZURE, { azure: locked });
    await expect(failed).rejects.toThrow("does not open with clientCertificatePassword");
    await expect(failed).rejects.not.toThrow("hunter2");
  });
});
