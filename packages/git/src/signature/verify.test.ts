import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { parseCommit, parseTag, type SignedPayload } from "../commit.js";
import { SIGNED_OBJECTS, type SignedObject } from "../testing/signed-objects.js";
import { verifySignature } from "./verify.js";

const NOW = Date.UTC(2027, 0, 1);
const OID = "0".repeat(40);

function signedOf({ type, object }: SignedObject): SignedPayload {
  const bytes = Buffer.from(object);
  const parsed = type === "commit" ? parseCommit(OID, bytes) : parseTag(OID, bytes);
  return parsed.signed!;
}

function keysOf({ key }: SignedObject) {
  return key.startsWith("-----BEGIN") ? { ssh: [], openpgp: [key] } : { ssh: [key], openpgp: [] };
}

const allKeys = {
  ssh: SIGNED_OBJECTS.flatMap((object) => keysOf(object).ssh),
  openpgp: SIGNED_OBJECTS.flatMap((object) => keysOf(object).openpgp),
};

const named = (name: string) => SIGNED_OBJECTS.find((object) => object.name === name)!;

describe.each(SIGNED_OBJECTS.map((object) => [object.name, object] as const))(
  "a signature by %s",
  (_name, object) => {
    it("names its signer", async () => {
      expect(await verifySignature(signedOf(object), keysOf(object), NOW)).toEqual({ signer: object.signer });
      expect(await verifySignature(signedOf(object), allKeys, NOW)).toEqual({ signer: object.signer });
    });

    it("is refused without its key, and for other content", async () => {
      const others = SIGNED_OBJECTS.filter(({ key }) => key !== object.key);
      const without = {
        ssh: others.flatMap((other) => keysOf(other).ssh),
        openpgp: others.flatMap((other) => keysOf(other).openpgp),
      };
      await expect(verifySignature(signedOf(object), without, NOW)).rejects.toMatchObject({
        code: "invalid-signature",
      });
      const changed = {
        ...signedOf(object),
        payload: Buffer.concat([signedOf(object).payload, Buffer.from("x")]),
      };
      await expect(verifySignature(changed, allKeys, NOW)).rejects.toMatchObject({
        code: "invalid-signature",
      });
    });
  },
);

describe("verifySignature", () => {
  it("tries every key and passes over what is none", async () => {
    const object = named("openpgp rsa");
    const keys = {
      ssh: ["nonsense"],
      openpgp: ["nonsense", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxx\n", object.key],
    };
    expect(await verifySignature(signedOf(object), keys, NOW)).toEqual({ signer: object.signer });
  });

  it("reads SSH keys from authorized_keys lines with options and comments", async () => {
    const object = named("ssh-ed25519");
    const line = `# trusted\n\nnamespaces="git" ${object.key.trim()} somebody`;
    expect(await verifySignature(signedOf(object), { ssh: [line], openpgp: [] }, NOW)).toEqual({
      signer: object.signer,
    });
    const commented = { ssh: [`# ${object.key}`], openpgp: [] };
    await expect(verifySignature(signedOf(object), commented, NOW)).rejects.toMatchObject({
      code: "invalid-signature",
    });
  });

  it("accepts what an OpenPGP key signed before it expired", async () => {
    const object = named("openpgp expiring");
    await expect(verifySignature(signedOf(object), keysOf(object), NOW)).resolves.toBeDefined();
  });

  it.each([
    ["an unknown type", "-----BEGIN SOMETHING-----"],
    ["a malformed SSH signature", "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----"],
    [
      "a cut off SSH signature",
      "-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQAAADM=\n-----END SSH SIGNATURE-----",
    ],
    ["a malformed OpenPGP signature", "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----"],
  ])("refuses %s", async (_name, signature) => {
    const failure = verifySignature({ payload: Buffer.from("x"), signature }, allKeys, NOW);
    await expect(failure).rejects.toMatchObject({ name: "GitError", code: "invalid-signature" });
  });

  it("accepts a security key, and refuses a signature made for something else than git", async () => {
    const { signed, key } = securityKeySignature("git");
    expect((await verifySignature(signed, { ssh: [key], openpgp: [] }, NOW)).signer).toMatch(/^SHA256:/);
    const other = securityKeySignature("file");
    const failure = verifySignature(other.signed, { ssh: [other.key], openpgp: [] }, NOW);
    await expect(failure).rejects.toThrow("the signature is for file, not for git");
  });
});

/** What a FIDO key with an ed25519 pair produces (OpenSSH's PROTOCOL.u2f). */
function securityKeySignature(namespace: string): { signed: SignedPayload; key: string } {
  const field = (value: string | Buffer) => {
    const bytes = Buffer.from(value as string);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.byteLength);
    return Buffer.concat([length, bytes]);
  };
  const digest = (value: Buffer | string) => createHash("sha256").update(value).digest();
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const point = Buffer.from(publicKey.export({ format: "jwk" }).x!, "base64url");
  const type = "sk-ssh-ed25519@openssh.com";
  const blob = Buffer.concat([field(type), field(point), field("ssh:")]);
  const payload = Buffer.from("commit");
  const message = Buffer.concat([
    Buffer.from("SSHSIG"),
    field(namespace),
    field(""),
    field("sha256"),
    field(digest(payload)),
  ]);
  const flags = Buffer.from([1, 0, 0, 0, 7]);
  const signature = sign(null, Buffer.concat([digest("ssh:"), flags, digest(message)]), privateKey);
  const version = Buffer.from([0, 0, 0, 1]);
  const body = Buffer.concat([
    Buffer.from("SSHSIG"),
    version,
    field(blob),
    field(namespace),
    field(""),
    field("sha256"),
    field(Buffer.concat([field(type), field(signature), flags])),
  ]);
  const armoured = `-----BEGIN SSH SIGNATURE-----\n${body.toString("base64")}\n-----END SSH SIGNATURE-----`;
  return { signed: { payload, signature: armoured }, key: `${type} ${blob.toString("base64")} me` };
}
