import { SopsError } from "../errors.js";
import type { KeyText, Opener } from "./key-ring.js";

type OpenPgp = typeof import("openpgp");
type PrivateKey = Awaited<ReturnType<OpenPgp["readPrivateKey"]>>;

const BLOCK = /-----BEGIN PGP (PRIVATE|PUBLIC) KEY BLOCK-----[\s\S]*?-----END PGP \1 KEY BLOCK-----/g;

/**
 * Opens data keys wrapped for OpenPGP. The library is loaded when there are keys to read.
 *
 * @throws {SopsError} `key-material`
 */
export async function pgpOpener(files: readonly KeyText[]): Promise<Opener> {
  if (files.length === 0) {
    return async () => {
      throw new SopsError("no-data-key", "no PGP key is configured");
    };
  }
  const openpgp = await import("openpgp");
  const keys: PrivateKey[] = [];
  for (const file of files) keys.push(...(await readKeys(openpgp, file)));
  return async (key) => {
    if (keys.length === 0) throw new SopsError("no-data-key", "no PGP private key is configured");
    const usable = keys.filter((candidate) => candidate.isDecrypted());
    if (usable.length === 0) throw new SopsError("no-data-key", "the PGP key is protected by a passphrase");
    const message = await readMessage(openpgp, key.encrypted);
    try {
      const { data } = await openpgp.decrypt({ message, decryptionKeys: usable, format: "binary" });
      return data;
    } catch (cause) {
      throw new SopsError("no-data-key", "no PGP private key at hand opens it", { cause });
    }
  };
}

async function readKeys(openpgp: OpenPgp, { name, text }: KeyText): Promise<PrivateKey[]> {
  const keys: PrivateKey[] = [];
  const blocks = [...text.matchAll(BLOCK)];
  if (blocks.length === 0) throw new SopsError("key-material", `'${name}' holds no armored PGP key`);
  for (const [block, kind] of blocks) {
    if (kind === "PUBLIC") continue;
    try {
      keys.push(...(await openpgp.readPrivateKeys({ armoredKeys: block })));
    } catch (cause) {
      throw new SopsError("key-material", `'${name}' is no PGP private key`, { cause });
    }
  }
  return keys;
}

async function readMessage(openpgp: OpenPgp, armored: string) {
  try {
    return await openpgp.readMessage({ armoredMessage: armored });
  } catch (cause) {
    throw new SopsError("no-data-key", "the wrapped data key is no armored PGP message", { cause });
  }
}
