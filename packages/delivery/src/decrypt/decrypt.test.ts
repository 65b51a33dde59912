import { readFileSync } from "node:fs";
import { memoryTree } from "@capstan/kustomize";
import { describe, expect, it } from "vitest";
import { RenderError } from "../render/desired-object.js";
import { inlineRenderer } from "../render/inline-renderer.js";
import { buildWithKustomize } from "../render/kustomize.js";
import type { DecryptionMaterial } from "./material.js";

const testdata = new URL("../../../sops/testdata/", import.meta.url);
const read = (path: string) => readFileSync(new URL(path, testdata));
const encrypted = (name: string) => read(`encrypted/${name}`).toString();

function material(...names: readonly string[]): DecryptionMaterial {
  const keys = names.map((name) => ({ name, text: read(`keys/${name}`).toString() }));
  return {
    secret: "apps/keys",
    age: keys.filter(({ name }) => name.endsWith(".agekey")),
    pgp: keys.filter(({ name }) => name.endsWith(".asc")),
    remote: {},
  };
}

type Files = Readonly<Record<string, string | Uint8Array>>;

async function built(files: Files, decryption: DecryptionMaterial | undefined) {
  const renderer = inlineRenderer(buildWithKustomize, () => memoryTree(files));
  const request = {
    directory: "/",
    path: "./app",
    spec: {},
    finish: { owner: { name: "app", namespace: "apps" }, defaultNamespace: "apps" },
    ...(decryption === undefined ? {} : { decryption }),
  };
  const { objects } = await renderer.render(request, new AbortController().signal);
  return objects.map((one) => ({ ...one, object: JSON.parse(one.json) }));
}

async function refusal(files: Files, decryption: DecryptionMaterial): Promise<string> {
  const error = await built(files, decryption).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof RenderError)) throw new Error(`expected a RenderError, got ${String(error)}`);
  expect(error.reason).toBe("BuildFailed");
  for (const secret of ["ada", "correct horse", "5432", "staple"])
    expect(error.message).not.toContain(secret);
  return error.message;
}

function text(object: { data: Record<string, string> }, key: string): string {
  return Buffer.from(object.data[key] ?? "", "base64").toString();
}

describe("manifests", () => {
  it.each([
    ["secret.yaml", "one.agekey"],
    ["secret.hybrid.yaml", "hybrid.agekey"],
    ["secret.rsa.yaml", "rsa.asc"],
  ])("of %s are applied in clear with %s", async (name, key) => {
    const [secret] = await built({ "app/secret.yaml": encrypted(name) }, material("stranger.agekey", key));
    expect(text(secret?.object, "user")).toBe("ada");
    expect(text(secret?.object, "password")).toBe("correct horse: battery # staple");
    expect(secret?.object).not.toHaveProperty("sops");
    expect(secret?.encrypted).toBe(false);
  });

  it("of one file are decrypted one by one", async () => {
    const objects = await built({ "app/all.yaml": encrypted("several.yaml") }, material("two.agekey"));
    expect(objects.map(({ object }) => [object.kind, object.data.key])).toEqual([
      ["ConfigMap", "value"],
      ["Secret", "dmFsdWU="],
    ]);
  });

  it("are decrypted though the build changed them", async () => {
    const files = {
      "app/kustomization.yaml":
        "resources: [secret.yaml]\nnamespace: other\nnamePrefix: my-\ncommonAnnotations: {a: b}\n",
      "app/secret.yaml": encrypted("secret.yaml"),
    };
    const [secret] = await built(files, material("one.agekey"));
    expect(secret?.object.metadata).toMatchObject({ name: "my-database", namespace: "other" });
    expect(text(secret?.object, "user")).toBe("ada");
  });

  it("are left alone where they ask for it", async () => {
    const exempt = encrypted("secret.yaml").replace(
      "metadata:\n",
      "metadata:\n    annotations: {kustomize.toolkit.fluxcd.io/decrypt: Disabled}\n",
    );
    const [secret] = await built({ "app/secret.yaml": exempt }, material("one.agekey"));
    expect(secret?.object).toHaveProperty("sops");
    expect(secret?.encrypted).toBe(false);
  });

  it("are told apart as encrypted where nothing decrypts them", async () => {
    const [secret] = await built({ "app/secret.yaml": encrypted("secret.yaml") }, undefined);
    expect(secret?.encrypted).toBe(true);
  });

  it("are refused where their rule went by comments, which are gone", async () => {
    const message = await refusal(
      { "app/secret.yaml": encrypted("secret.comment.yaml") },
      material("two.agekey"),
    );
    expect(message).toContain("values are encrypted still");
  });
});

describe("files of generators and patches", () => {
  const generator = [
    "secretGenerator:",
    "- name: files",
    "  files: [config.json, renamed.yaml=types.yaml, blob.bin, settings.ini]",
    "- name: envs",
    "  envs: [settings.env]",
  ].join("\n");

  it("make the same Secrets, with the same names, as plain ones", async () => {
    const names = ["config.json", "types.yaml", "settings.ini", "settings.env", "blob.bin"];
    const tree = (folder: string): Files => ({
      "app/kustomization.yaml": "resources: [../base]\n",
      "base/kustomization.yaml": generator,
      ...Object.fromEntries(names.map((name) => [`base/${name}`, read(`${folder}/${name}`)])),
    });
    const expected = await built(tree("plain"), undefined);
    const objects = await built(tree("encrypted"), material("one.agekey"));
    expect(objects.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    expect(objects.map(({ digest }) => digest)).toEqual(expected.map(({ digest }) => digest));
  });

  it("are told apart from what their key would be written as", async () => {
    const files = {
      "app/kustomization.yaml": "secretGenerator:\n- name: s\n  files: [settings=config.json]\n",
      "app/config.json": encrypted("config.json"),
    };
    const message = await refusal(files, material("one.agekey"));
    expect(message).toContain("app/config.json: error decrypting sources: failed to emit decrypted data");
  });

  it("make patches", async () => {
    const files = {
      "app/kustomization.yaml": "resources: [secret.yaml]\npatches: [{path: patch.yaml}]\n",
      "app/secret.yaml": "apiVersion: v1\nkind: Secret\nmetadata: {name: database, namespace: default}\n",
      "app/patch.yaml": encrypted("secret.yaml"),
    };
    const [secret] = await built(files, material("one.agekey"));
    expect(text(secret?.object, "user")).toBe("ada");
    expect(secret?.object).not.toHaveProperty("sops");
  });

  it("are refused where they are larger than files of SOPS can be", async () => {
    const files = {
      "app/kustomization.yaml": "secretGenerator:\n- name: s\n  envs: [settings.env]\n",
      "app/settings.env": `${encrypted("settings.env")}${"# padding\n".repeat(600_000)}`,
    };
    const message = await refusal(files, material("one.agekey"));
    expect(message).toMatch(
      /^app\/settings.env: .*cannot decrypt file with size \(\d+ bytes\) exceeding limit/,
    );
    const { "app/settings.env": _, ...rest } = files;
    const plain = { ...rest, "app/settings.env": `A=b\n${"# padding\n".repeat(600_000)}` };
    expect(await built(plain, material("one.agekey"))).toHaveLength(1);
  });

  it("are verified as a whole", async () => {
    const files = {
      "app/kustomization.yaml": "secretGenerator:\n- name: s\n  envs: [settings.env]\n",
      "app/settings.env": encrypted("settings.env")
        .replace(/^EMPTY=.*\n/m, "EXTRA=\n")
        .replace(/^USER=.*\n/m, ""),
    };
    const message = await refusal(files, material("one.agekey"));
    expect(message).toBe(
      "app/settings.env: error decrypting sources: failed to verify sops data integrity: the MAC of the file is not that of its values",
    );
  });
});

describe("what does not decrypt", () => {
  const files = { "app/secret.yaml": encrypted("secret.yaml") };

  it.each([
    [
      "a wrong key",
      material("stranger.agekey"),
      files,
      /cannot get sops data key: no key opens the file: age1\S+: no identity matched/,
    ],
    ["no key", material(), files, /cannot get sops data key: .*no age identity is configured/],
    [
      "a MAC that was tampered with",
      material("one.agekey"),
      { "app/secret.yaml": encrypted("secret.yaml").replace(/(mac: ENC\[AES256_GCM,data:)./, "$1/") },
      /failed to verify sops data integrity: the MAC of the file does not authenticate/,
    ],
    [
      "a value that was tampered with",
      material("one.agekey"),
      { "app/secret.yaml": encrypted("secret.yaml").replace(/(port: ENC\[AES256_GCM,data:)./, "$1/") },
      /error decrypting sops tree: could not decrypt with AES_GCM.*'stringData.port'/,
    ],
  ])("is told with its place: %s", async (_, keys, tree, reason) => {
    const message = await refusal(tree, keys);
    expect(message).toMatch(
      /^app\/secret.yaml:1: decryption failed for 'Secret\.v1\.\[noGrp\]\/database': failed to decrypt and format 'default\/database' Secret data: /,
    );
    expect(message).toMatch(reason);
  });

  it("is told for every object at once", async () => {
    const message = await refusal(
      { "app/a.yaml": encrypted("secret.yaml"), "app/b.yaml": encrypted("several.yaml") },
      material(),
    );
    expect(message.split("\n").map((line) => line.split(" ")[0])).toEqual([
      "app/a.yaml:1:",
      "app/b.yaml:1:",
      "app/b.yaml:23:",
    ]);
  });

  it("is told of keys that are none", async () => {
    const keys = {
      secret: "apps/keys",
      age: [{ name: "x.agekey", text: "AGE-SECRET-KEY-1NONSENSE" }],
      pgp: [],
      remote: {},
    };
    expect(await refusal(files, keys)).toBe(
      "failed to import keys from sops decryption Secret 'apps/keys': 'x.agekey' is no age key file: malformed secret key",
    );
  });
});
