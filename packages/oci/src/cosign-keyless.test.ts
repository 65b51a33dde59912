import { sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type SignerIdentity, verifyCosign } from "./cosign.js";
import {
  artifact,
  ISSUER,
  keys,
  refer,
  SUBJECT,
  signBeside,
  signByReference,
  sigstore,
} from "./testing/sigstore.js";

const anybody = () => true;

describe("verifyCosign without keys", () => {
  for (const [form, attach] of [
    ["a signature beside it", signBeside],
    ["a bundle that refers to it", signByReference],
  ] as const) {
    it(`takes ${form} by somebody expected below a trusted root, and nothing else`, async () => {
      const { client, digest } = await artifact();
      const own = await sigstore();
      const { trustedRoot } = own;
      await expect(verifyCosign(client, digest, { trustedRoot, accepts: anybody })).rejects.toMatchObject({
        code: "unverified",
      });
      await attach(client, digest, own);
      const seen: SignerIdentity[] = [];
      await verifyCosign(client, digest, { trustedRoot, accepts: (identity) => seen.push(identity) > 0 });
      expect(seen).toEqual([{ issuer: ISSUER, subject: SUBJECT }]);
      await expect(verifyCosign(client, digest, { trustedRoot, accepts: () => false })).rejects.toThrow(
        `got subject [${SUBJECT}] with issuer ${ISSUER}`,
      );
      const other = await sigstore();
      await expect(
        verifyCosign(client, digest, { trustedRoot: other.trustedRoot, accepts: anybody }),
      ).rejects.toMatchObject({ code: "unverified" });
    });

    it(`refuses ${form} that is about something else`, async () => {
      const { client, digest } = await artifact();
      const own = await sigstore();
      await attach(client, digest, own, `sha256:${"0".repeat(64)}`);
      await expect(
        verifyCosign(client, digest, { trustedRoot: own.trustedRoot, accepts: anybody }),
      ).rejects.toMatchObject({ code: "unverified" });
    });
  }

  it.each(["{", "[]", '{"tlogs":[]}', '{"tlogs":"x"}'])("refuses %s as a root", async (trustedRoot) => {
    const { client, digest } = await artifact();
    await signByReference(client, digest, await sigstore());
    await expect(verifyCosign(client, digest, { trustedRoot, accepts: anybody })).rejects.toMatchObject({
      code: "invalid-credentials",
    });
  });
});

describe("verifyCosign with keys and bundles", () => {
  async function signedByKey(about: (digest: string) => string = (digest) => digest) {
    const { client, digest } = await artifact();
    const pair = keys();
    const payloadType = "application/vnd.in-toto+json";
    const payload = Buffer.from(
      JSON.stringify({ subject: [{ digest: { sha256: about(digest).slice(7) } }] }),
    );
    const encoded = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} ${payload}`);
    const sig = sign("sha256", encoded, pair.privateKey).toString("base64");
    const bundle = {
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      verificationMaterial: { publicKey: { hint: "x" }, tlogEntries: [] },
      dsseEnvelope: { payload: payload.toString("base64"), payloadType, signatures: [{ sig }] },
    };
    await refer(client, digest, Buffer.from(JSON.stringify(bundle)));
    const pem = (pairOf: ReturnType<typeof keys>) =>
      pairOf.publicKey.export({ type: "spki", format: "pem" }).toString();
    return { client, digest, trusted: pem(pair), stranger: pem(keys()) };
  }

  it("takes one by a trusted key, and no other", async () => {
    const { client, digest, trusted, stranger } = await signedByKey();
    await verifyCosign(client, digest, { keys: [stranger, trusted] });
    await expect(verifyCosign(client, digest, { keys: [stranger] })).rejects.toMatchObject({
      code: "unverified",
    });
  });

  it("refuses one about something else, and what is no bundle", async () => {
    const { client, digest, trusted } = await signedByKey(() => `sha256:${"0".repeat(64)}`);
    await expect(verifyCosign(client, digest, { keys: [trusted] })).rejects.toThrow("is not about");
    for (const text of ["nonsense", "{}", '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}']) {
      await refer(client, digest, Buffer.from(text));
      await expect(verifyCosign(client, digest, { keys: [trusted] })).rejects.toMatchObject({
        code: "unverified",
      });
    }
  });
});
