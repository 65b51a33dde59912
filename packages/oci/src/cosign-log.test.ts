import { createHash, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { verifyCosign } from "./cosign.js";
import {
  artifact,
  type Sigstore,
  signBeside,
  signByReference,
  sigstore,
  type TestBundle,
} from "./testing/sigstore.js";

const anybody = () => true;

/** Base64 with its first bytes changed. */
const spoilt = (base64: string, at = 12) => {
  const bytes = Buffer.from(base64, "base64");
  bytes[at] = bytes[at]! ^ 0xff;
  return bytes.toString("base64");
};

describe("the log entry of a keyless signature", () => {
  type Entry = TestBundle["verificationMaterial"]["tlogEntries"][number];

  async function verifyChanged(change: (entry: Entry, bundle: TestBundle, own: Sigstore) => unknown) {
    const { client, digest } = await artifact();
    const own = await sigstore();
    await signByReference(client, digest, own, digest, (bundle) =>
      change(bundle.verificationMaterial.tlogEntries[0]!, bundle, own),
    );
    await verifyCosign(client, digest, { trustedRoot: own.trustedRoot, accepts: anybody });
  }

  it.each<[string, (entry: Entry, bundle: TestBundle) => unknown]>([
    ["is not there", (_, bundle) => (bundle.verificationMaterial.tlogEntries = [])],
    [
      "was promised by somebody else",
      (entry) =>
        (entry.inclusionPromise!.signedEntryTimestamp = spoilt(entry.inclusionPromise!.signedEntryTimestamp)),
    ],
    [
      "was promised at another time",
      (entry) => (entry.integratedTime = String(Number(entry.integratedTime) - 1)),
    ],
    [
      "is proven by a path that leads elsewhere",
      (entry) =>
        Object.assign(entry.inclusionProof!, {
          treeSize: "2",
          hashes: [Buffer.alloc(32).toString("base64")],
        }),
    ],
    [
      "has a checkpoint that nobody signed",
      (entry) => {
        const { checkpoint } = entry.inclusionProof!;
        checkpoint.envelope = checkpoint.envelope.replace("\n1\n", "\n2\n");
      },
    ],
    [
      "is about another signature",
      (entry) => {
        const body = JSON.parse(Buffer.from(entry.canonicalizedBody, "base64").toString());
        body.spec.payloadHash.value = "0".repeat(64);
        entry.canonicalizedBody = Buffer.from(JSON.stringify(body)).toString("base64");
      },
    ],
  ])("counts for nothing where it %s", async (_what, change) => {
    await expect(verifyChanged(change)).rejects.toMatchObject({ code: "unverified" });
  });

  it("is found in a tree with others", async () => {
    await verifyChanged((entry, _bundle, { logKeys }) => {
      const sha256 = (...parts: Buffer[]) => createHash("sha256").update(Buffer.concat(parts)).digest();
      const leaf = sha256(Buffer.from([0]), Buffer.from(entry.canonicalizedBody, "base64"));
      const sibling = sha256(Buffer.from("another entry"));
      const root = sha256(Buffer.from([1]), sibling, leaf);
      const note = `rekor.example - 1\n2\n${root.toString("base64")}\n`;
      const hint = Buffer.from(entry.logId.keyId, "base64").subarray(0, 4);
      const signature = Buffer.concat([hint, sign("sha256", Buffer.from(note), logKeys.privateKey)]);
      entry.inclusionProof = {
        logIndex: "1",
        treeSize: "2",
        rootHash: root.toString("base64"),
        hashes: [sibling.toString("base64")],
        checkpoint: { envelope: `${note}\n\u2014 rekor.example ${signature.toString("base64")}\n` },
      };
    });
  });

  it("is refused at once where its signer's name is a pattern", async () => {
    const started = performance.now();
    await expect(
      verifyChanged((entry) => {
        const { checkpoint } = entry.inclusionProof!;
        checkpoint.envelope = checkpoint.envelope.replace(/\u2014 \S+/, "\u2014 ((.+)+)+!");
      }),
    ).rejects.toThrow("a name that is none");
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it("may give way to a time stamp by a trusted authority, for when it was signed", async () => {
    const stamped = (by?: Sigstore) =>
      verifyChanged(async (entry, bundle, own) => {
        delete entry.inclusionPromise;
        if (by === undefined) return;
        const { stamp } = by === other ? other : own;
        const signedTimestamp = (await stamp(bundle.dsseEnvelope.signatures[0]!.sig)).toString("base64");
        bundle.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp }] };
      });
    const other = await sigstore();
    await expect(stamped()).rejects.toThrow("expected 1 timestamps, got 0");
    await expect(stamped(other)).rejects.toMatchObject({ code: "unverified" });
    await stamped(await sigstore());
  });

  it("is not enough for a certificate that no log has seen", async () => {
    const { client, digest } = await artifact();
    const own = await sigstore({ unlogged: true });
    await signByReference(client, digest, own);
    await expect(
      verifyCosign(client, digest, { trustedRoot: own.trustedRoot, accepts: anybody }),
    ).rejects.toThrow("expected 1 SCTs, got 0");
  });

  it("of a signature beside it is checked likewise, and its time stamp", async () => {
    const { client, digest } = await artifact();
    const own = await sigstore();
    const { trustedRoot } = own;
    const entryOf = (annotations: Record<string, string>) =>
      JSON.parse(annotations["dev.sigstore.cosign/bundle"]!) as {
        SignedEntryTimestamp: string;
        Payload: { integratedTime: number };
      };
    const trusted = () => verifyCosign(client, digest, { trustedRoot, accepts: anybody });
    await signBeside(client, digest, own, digest, (annotations) => {
      const entry = entryOf(annotations);
      entry.SignedEntryTimestamp = spoilt(entry.SignedEntryTimestamp);
      annotations["dev.sigstore.cosign/bundle"] = JSON.stringify(entry);
    });
    await expect(trusted()).rejects.toMatchObject({ code: "unverified" });
    await signBeside(
      client,
      digest,
      own,
      digest,
      (annotations) => delete annotations["dev.sigstore.cosign/bundle"],
    );
    await expect(trusted()).rejects.toThrow("no entry of the transparency log is attached");
    const stampBy = (by: Sigstore) => async (annotations: Record<string, string>) => {
      const stamp = await by.stamp(annotations["dev.cosignproject.cosign/signature"]!);
      annotations["dev.sigstore.cosign/rfc3161timestamp"] = JSON.stringify({
        SignedRFC3161Timestamp: stamp.toString("base64"),
      });
    };
    await signBeside(client, digest, own, digest, stampBy(await sigstore()));
    await expect(trusted()).rejects.toMatchObject({ code: "unverified" });
    await signBeside(client, digest, own, digest, stampBy(own));
    await trusted();
  });
});
