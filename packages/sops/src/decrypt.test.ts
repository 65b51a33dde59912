import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DecryptOptions, decrypt } from "./decrypt.js";
import { SopsError, type SopsErrorCode } from "./errors.js";
import { encryptedFormat, formatOfPath } from "./formats/formats.js";
import { keyRing } from "./keys/key-ring.js";
import type { MasterKey } from "./metadata/metadata.js";
import { encryptedFile, keysOf, plainFile } from "./testing/files.js";

async function decrypted(
  file: Buffer | string,
  keys: readonly string[],
  options: Partial<DecryptOptions> = {},
): Promise<string> {
  const ring = await keysOf(...keys);
  return Buffer.from(await decrypt(Buffer.from(file), { format: "yaml", keys: ring, ...options })).toString(
    "utf8",
  );
}

async function failure(result: Promise<unknown>): Promise<SopsError> {
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SopsError) return error;
  throw new Error(`expected a SopsError, got ${String(error)}`);
}

const plain = plainFile("secret.yaml").toString();

describe("files that the real tool encrypted", () => {
  it.each([
    ["secret.yaml", "secret.yaml", "one.agekey", "yaml"],
    ["secret.hybrid.yaml", "secret.yaml", "hybrid.agekey", "yaml"],
    ["secret.rsa.yaml", "secret.yaml", "rsa.asc", "yaml"],
    ["secret.curve.yaml", "secret.yaml", "curve.asc", "yaml"],
    ["secret.mac-only.yaml", "secret.yaml", "rsa.asc", "yaml"],
    ["secret.mac-only.yaml", "secret.yaml", "two.agekey", "yaml"],
    ["secret.comment.yaml", "secret.yaml", "two.agekey", "yaml"],
    ["several.yaml", "several.yaml", "two.agekey", "yaml"],
    ["types.yaml", "types.yaml", "one.agekey", "yaml"],
    ["config.json", "config.json", "one.agekey", "json"],
    ["settings.env", "settings.env", "one.agekey", "dotenv"],
    ["settings.ini", "settings.ini", "one.agekey", "ini"],
    ["blob.bin", "blob.bin", "one.agekey", "binary"],
  ] as const)("decrypts %s to %s with %s", async (name, expected, key, format) => {
    const result = await decrypt(encryptedFile(name), { format, keys: await keysOf("stranger.agekey", key) });
    expect(Buffer.from(result).equals(plainFile(expected))).toBe(true);
  });

  it.each([
    [["one.agekey", "two.agekey"]],
    [["two.agekey", "rsa.asc"]],
    [["one.agekey", "two.agekey", "rsa.asc"]],
  ])("puts a shared key together from the groups of %j", async (keys) => {
    expect(await decrypted(encryptedFile("secret.shamir.yaml"), keys)).toBe(plain);
  });

  it("writes another format where asked", async () => {
    const json = await decrypted(encryptedFile("types.yaml"), ["one.agekey"], { outputFormat: "json" });
    expect(JSON.parse(json)).toMatchObject({
      text: "yes",
      number: 42,
      time: "2024-02-29T12:30:45.5Z",
      nothing: null,
    });
    expect(Object.keys(JSON.parse(json))[0]).toBe("text");
  });
});

describe("files that cannot be opened", () => {
  it.each([
    ["a stranger's key", "secret.yaml", ["stranger.agekey"], "no identity matched any of the recipients"],
    ["no key", "secret.yaml", [], "no age identity is configured"],
    ["no PGP key", "secret.rsa.yaml", ["one.agekey"], "no PGP key is configured"],
    ["another PGP key", "secret.rsa.yaml", ["curve.asc"], "no PGP private key at hand opens it"],
    ["a key with a passphrase", "secret.protected.yaml", ["protected.asc"], "protected by a passphrase"],
    ["one group of two", "secret.shamir.yaml", ["one.agekey"], "1 of the 2 key groups"],
  ])("says why: %s", async (_, name, keys, reason) => {
    const error = await failure(decrypted(encryptedFile(name), keys));
    expect(error.code).toBe("no-data-key");
    expect(error.message).toContain(reason);
  });

  it("names cloud keys that it cannot use", async () => {
    const file = [
      "a: ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]",
      "sops:",
      '  lastmodified: "2024-01-01T00:00:00Z"',
      "  mac: ENC[x]",
      "  kms: [{arn: 'arn:aws:kms:eu-west-1:1:key/x', enc: AAAA}]",
      "  gcp_kms: [{resource_id: projects/p, enc: AAAA}]",
      "  azure_kv: [{vault_url: 'https://v', name: n, version: '1', enc: AAAA}]",
      "  hc_vault: [{vault_address: 'https://vault', engine_path: sops, key_name: k, enc: AAAA}]",
    ].join("\n");
    const error = await failure(decrypted(file, ["one.agekey"]));
    expect(error.code).toBe("no-data-key");
    for (const what of [
      "arn:aws:kms",
      "AWS KMS",
      "GCP KMS",
      "Azure Key Vault",
      "https://vault/v1/sops/keys/k",
    ]) {
      expect(error.message).toContain(what);
    }
  });

  it.each([
    [
      "secret.kms.yaml",
      {
        kind: "kms",
        name: "arn:aws:kms:eu-west-1:111122223333:key/0d0e57a2-11aa-4f3c-9a53-aa6d1f5a2a11",
        role: "",
        context: { Stage: "prod" },
      },
    ],
    [
      "secret.gcp-kms.yaml",
      { kind: "gcp_kms", name: "projects/shop/locations/europe-west3/keyRings/delivery/cryptoKeys/sops" },
    ],
    [
      "secret.azure-kv.yaml",
      {
        kind: "azure_kv",
        vaultUrl: "https://shop.vault.azure.net",
        keyName: "sops",
        version: "4f6f0fbb8e2b4d3c9b2ad6a1f2f3a4b5",
      },
    ],
  ] as const)("hands the opener all that the service of %s is asked with", async (name, expected) => {
    const asked: MasterKey[] = [];
    const opener = (key: MasterKey) => {
      asked.push(key);
      return Promise.reject(new SopsError("no-data-key", "not today"));
    };
    const keys = await keyRing({}, [[expected.kind, opener]]);
    const error = await failure(decrypt(encryptedFile(name), { format: "yaml", keys }));
    expect(error.message).toContain("not today");
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject(expected);
    expect(asked[0]?.encrypted.length).toBeGreaterThan(40);
  });

  it.each([
    ["AGE-PLUGIN-YUBIKEY-1QQ", "plugins are not run"],
    ["AGE-SECRET-KEY-1QQQQ", "malformed secret key"],
    ["hello", "unknown identity type"],
  ])("refuses %s as an age key without repeating it", async (text, reason) => {
    const error = await failure(keyRing({ age: [{ name: "id.agekey", text }] }));
    expect(error.code).toBe("key-material");
    expect(error.message).toContain(`'id.agekey' is no age key file: ${reason}`);
    expect(error.message).not.toContain("QQ");
  });

  it("refuses what is no PGP key", async () => {
    const error = await failure(keyRing({ pgp: [{ name: "x.asc", text: "hunter2" }] }));
    expect(error).toMatchObject({ code: "key-material", message: "'x.asc' holds no armored PGP key" });
  });
});

describe("files that were tampered with", () => {
  const file = encryptedFile("secret.yaml").toString();
  const change = (pattern: RegExp, to: string) => {
    const changed = file.replace(pattern, to);
    expect(changed).not.toBe(file);
    return changed;
  };

  it.each<[string, () => string, SopsErrorCode]>([
    ["a value", () => change(/(user: ENC\[AES256_GCM,data:)./, "$1/"), "wrong-value"],
    ["a value at another place", () => change(/ user: (ENC\S+)/, " admin: $1"), "wrong-value"],
    ["a tag", () => change(/(port: ENC.*tag:)./, "$1/"), "wrong-value"],
    ["the MAC", () => change(/(mac: ENC\[AES256_GCM,data:)./, "$1/"), "mac-mismatch"],
    ["the time of the MAC", () => change(/lastmodified: "20../, 'lastmodified: "2031'), "mac-mismatch"],
    ["what is not encrypted", () => change(/name: database/, "name: other"), "mac-mismatch"],
    ["a value that is gone", () => change(/ {4}port: .*\n/, ""), "mac-mismatch"],
    ["a value that is not encrypted any more", () => change(/user: .*/, "user: mallory"), "malformed"],
    ["the data key", () => change(/(BEGIN AGE ENCRYPTED FILE-----\s+\S{20})./, "$1/"), "no-data-key"],
    ["an IV of nothing", () => change(/(user: ENC.*iv:)[^,]*/, "$1"), "malformed"],
  ])("sees %s", async (_, changed, code) => {
    const error = await failure(decrypted(changed(), ["one.agekey"]));
    expect(error.code).toBe(code);
    for (const secret of ["ada", "correct", "horse", "5432", "mallory"])
      expect(error.message).not.toContain(secret);
  });

  it("lets cleartext change where only the seal is asked for, and nothing else", async () => {
    const renamed = change(/name: database/, "name: other");
    expect(await decrypted(renamed, ["one.agekey"], { mac: "seal" })).toBe(
      plain.replace("name: database", "name: other"),
    );
    const unsealed = change(/(mac: ENC\[AES256_GCM,data:)./, "$1/");
    expect((await failure(decrypted(unsealed, ["one.agekey"], { mac: "seal" }))).code).toBe("mac-mismatch");
    const missing = change(/ {4}mac: .*\n/, "");
    expect((await failure(decrypted(missing, ["one.agekey"], { mac: "seal" }))).code).toBe("mac-mismatch");
  });
});

describe("input of any kind", () => {
  it.each<[string, string, SopsErrorCode]>([
    ["nothing", "", "not-encrypted"],
    ["no metadata", "a: b\n", "not-encrypted"],
    ["metadata of another type", "sops: x\n", "malformed"],
    ["metadata without keys", "sops: {lastmodified: '2024-01-01T00:00:00Z'}\n", "malformed"],
    [
      "two rules",
      "sops: {lastmodified: '2024-01-01T00:00:00Z', encrypted_regex: a, encrypted_suffix: b}\n",
      "malformed",
    ],
    ["no YAML", "a: [", "malformed"],
    ["a list", "- a\n", "malformed"],
    ["a key twice", "a: 1\na: 2\n", "malformed"],
    ["a number as key", "1: x\nsops: {}\n", "malformed"],
    ["nesting", `${"[".repeat(2000)}`, "malformed"],
    ["aliases", bomb(), "too-large"],
  ])("refuses %s", async (_, text, code) => {
    expect((await failure(decrypted(text, ["one.agekey"]))).code).toBe(code);
  });

  it("refuses files beyond the bound", async () => {
    const error = await failure(decrypted("a: b\n".repeat(100), [], { maxBytes: 499 }));
    expect(error).toMatchObject({ code: "too-large" });
    expect(error.message).toBe("cannot decrypt file with size (500 bytes) exceeding limit (499)");
  });

  it("reads long lines and values of nothing but separators in linear time", async () => {
    const value = `ENC[AES256_GCM,data:${",iv:,tag:,type:".repeat(50_000)}`;
    const flow = `a: [${"x, ".repeat(100_000)}x]\nb: "${value}"\nsops: {}\n`;
    const started = performance.now();
    expect((await failure(decrypted(flow, ["one.agekey"]))).code).toBe("malformed");
    const { code } = await failure(
      decrypted(
        encryptedFile("secret.yaml")
          .toString()
          .replace(/user: .*/, `user: '${value}]'`),
        ["one.agekey"],
      ),
    );
    expect(code).toBe("malformed");
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it("never fails with anything but its own error", async () => {
    const keys = await keysOf("one.agekey");
    const file = encryptedFile("secret.yaml").toString();
    await fc.assert(
      fc.asyncProperty(
        fc.nat(file.length - 1),
        fc.nat(40),
        fc.string({ maxLength: 5 }),
        fc.constantFrom("yaml", "json", "dotenv", "ini", "binary"),
        async (at, length, insert, format) => {
          const broken = file.slice(0, at) + insert + file.slice(at + length);
          await decrypt(Buffer.from(broken), { format, keys }).catch((error: unknown) => {
            expect(error).toBeInstanceOf(SopsError);
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("formats", () => {
  it("are told by names as SOPS does", () => {
    expect(
      ["a.yaml", "a.yml", "a.json", ".env", "x.env", "x.ini", "x.YAML", "key.pem", ".dockerconfigjson"].map(
        formatOfPath,
      ),
    ).toEqual(["yaml", "yaml", "json", "dotenv", "dotenv", "ini", "binary", "binary", "json"]);
  });

  it("are told by what stands in encrypted files", () => {
    const formats = ["secret.yaml", "config.json", "settings.env", "settings.ini", "blob.bin"].map((name) =>
      encryptedFormat(encryptedFile(name)),
    );
    expect(formats).toEqual(["yaml", "json", "dotenv", "ini", "json"]);
    expect(encryptedFormat(Buffer.from("password"))).toBeUndefined();
  });
});

function bomb(): string {
  const lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"];
  for (let at = 1; at < 9; at++)
    lines.push(
      `a${at}: &a${at} [${Array(10)
        .fill(`*a${at - 1}`)
        .join(", ")}]`,
    );
  return lines.join("\n");
}
