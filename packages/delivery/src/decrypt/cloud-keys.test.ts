import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Home } from "../testing/home.js";
import type { CloudKeys } from "./key-service.js";
import type { RemoteCredentials } from "./material.js";

let home: Home;
beforeEach(async () => {
  home = await Home.open();
});
afterEach(async () => {
  await home.close();
});

const testdata = (path: string) =>
  readFileSync(new URL(`../../../sops/testdata/${path}`, import.meta.url), "utf8");

const decryption = { provider: "sops", secretRef: { name: "keys" } };

async function user(): Promise<string> {
  const secret = await home.get("v1", "Secret", "database", "default");
  const data = secret?.["data"] as Record<string, string> | undefined;
  return Buffer.from(data?.["user"] ?? "", "base64").toString();
}

describe("files with data keys in a cloud", () => {
  /** What the clouds' services answer for the files of the test data. */
  const dataKeys: Readonly<Record<string, string>> = {
    kms: "5GZKmLdMtTnd/zTdryTGkZtCBxppbTWaqMUzFvRGJYo=",
    gcp_kms: "6m2BtcAYdxTdgIBZgcA5nHQYza7OYlWivQpH1TDW+i0=",
    azure_kv: "6m2BtcAYdxTdgIBZgcA5nHQYza7OYlWivQpH1TDW+i0=",
  };
  function clouds() {
    const asked: { readonly kind: string; readonly credentials: RemoteCredentials }[] = [];
    const cloudKeys: CloudKeys = {
      open: async ({ kind }, credentials) => {
        asked.push({ kind, credentials });
        return Buffer.from(dataKeys[kind] ?? "", "base64");
      },
    };
    return { asked, cloudKeys };
  }

  it.each(["kms", "gcp-kms", "azure-kv"])("of %s, are applied in clear", async (name) => {
    const { asked, cloudKeys } = clouds();
    await home.commit({ "secret.yaml": testdata(`encrypted/secret.${name}.yaml`) });
    await home.start({ cloudKeys });
    await home.kustomization("app", { decryption: { provider: "sops" } });
    await home.untilReady("app");
    expect(await user()).toBe("ada");
    expect(asked).toEqual([{ kind: name.replace("-", "_"), credentials: {} }]);
  });

  it("are asked for with the credentials of the Secret", async () => {
    const { asked, cloudKeys } = clouds();
    await home.commit({
      "secret.yaml": testdata("encrypted/secret.kms.yaml"),
      "kustomization.yaml":
        "namespace: default\nresources: [secret.yaml]\nsecretGenerator: [{name: g, files: [gcp.yaml]}]\n",
      "gcp.yaml": testdata("encrypted/secret.gcp-kms.yaml"),
    });
    await home.start({ cloudKeys });
    const stringData = {
      "sops.aws-kms": "aws_access_key_id: AKID\naws_secret_access_key: hunter2\naws_session_token: t\n",
      "sops.gcp-kms": '{"type": "service_account"}\n',
      "sops.azure-kv": "tenantId: t\nclientId: c\n",
    };
    await secretOf(stringData);
    await home.kustomization("app", { decryption });
    await home.untilReady("app");
    expect(await user()).toBe("ada");
    const credentials = {
      aws: { accessKey: "AKID", secretKey: "hunter2", sessionToken: "t" },
      gcp: '{"type": "service_account"}',
      azure: { tenantId: "t", clientId: "c" },
    };
    expect(asked.map(({ kind }) => kind).sort()).toEqual(["gcp_kms", "kms"]);
    for (const one of asked) expect(one.credentials).toEqual(credentials);
  });

  it("say what the service said", async () => {
    const open = () => Promise.reject(new Error("AWS KMS answered 400 AccessDeniedException"));
    await home.commit({ "secret.yaml": testdata("encrypted/secret.kms.yaml") });
    await home.start({ cloudKeys: { open } });
    await home.kustomization("app", { decryption: { provider: "sops" } });
    await home.untilCondition("app", "False BuildFailed");
    expect(await home.message("app")).toMatch(
      /cannot get sops data key: no key opens the file: arn:aws:kms:\S+: AWS KMS answered 400 AccessDenied/,
    );
    expect(await user()).toBe("");
  });

  it("name the service where none is reached", async () => {
    await home.commit({ "secret.yaml": testdata("encrypted/secret.azure-kv.yaml") });
    await home.start();
    await home.kustomization("app", { decryption: { provider: "sops" } });
    await home.untilCondition("app", "False BuildFailed");
    expect(await home.message("app")).toContain(
      "https://shop.vault.azure.net/keys/sops/4f6f0fbb8e2b4d3c9b2ad6a1f2f3a4b5: Azure Key Vault keys need credentials that are not configured here",
    );
  });

  it.each([
    ["it", { serviceAccountName: "kms" }, undefined],
    ["the process", {}, "kms"],
  ])("are not opened as this process where %s names a service account", async (_, named, byDefault) => {
    const { asked, cloudKeys } = clouds();
    await home.commit({ "secret.yaml": testdata("encrypted/secret.kms.yaml") });
    await home.start({
      cloudKeys,
      settings: { objectLevelWorkloadIdentity: true, defaultDecryptionServiceAccount: byDefault },
    });
    await home.kustomization("app", { decryption: { provider: "sops", ...named } });
    await home.untilCondition("app", "False BuildFailed");
    expect(await home.message("app")).toContain("service account 'kms' are not supported");
    expect(asked).toEqual([]);
  });

  it.each([
    ["sops.aws-kms", "hunter2: [", "the AWS credentials file is neither YAML nor JSON"],
    ["sops.aws-kms", "aws_access_key_id: AKID", "aws_access_key_id and aws_secret_access_key are needed"],
    ["sops.gcp-kms", "hunter2", "the key of a service account holds no fields"],
    ["sops.azure-kv", "- hunter2", "the Azure authentication file holds no fields"],
  ])("refuse %s of %s", async (name, text, reason) => {
    await home.commit({ "secret.yaml": testdata("encrypted/secret.kms.yaml") });
    await home.start(clouds());
    await secretOf({ [name]: text });
    await home.kustomization("app", { decryption });
    await home.untilCondition("app", "False BuildFailed");
    expect(await home.message("app")).toBe(
      `failed to import keys from sops decryption Secret 'flux-system/keys': failed to import '${name}' data: ${reason}`,
    );
  });

  const secretOf = (stringData: Readonly<Record<string, string>>) =>
    home.client.apply(
      { apiVersion: "v1", kind: "Secret", metadata: { name: "keys", namespace: "flux-system" }, stringData },
      { fieldManager: "test", force: true },
    );
});
