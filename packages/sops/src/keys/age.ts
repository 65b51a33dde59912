import { armor, Decrypter } from "age-encryption";
import { SopsError } from "../errors.js";
import type { KeyText, Opener } from "./key-ring.js";

const MAX_IDENTITIES = 1000;

/**
 * Opens data keys wrapped for age: X25519 and post-quantum identities.
 *
 * @throws {SopsError} `key-material`
 */
export async function ageOpener(files: readonly KeyText[]): Promise<Opener> {
  const decrypter = new Decrypter();
  let count = 0;
  for (const { name, text } of files) {
    for (const line of text.split(/\r?\n/)) {
      if (line === "" || line.startsWith("#")) continue;
      count += 1;
      if (count > MAX_IDENTITIES)
        throw new SopsError("key-material", `more than ${MAX_IDENTITIES} age identities`);
      addIdentity(decrypter, line.trimEnd(), name);
    }
  }
  return async (key) => {
    if (count === 0) throw new SopsError("no-data-key", "no age identity is configured");
    const file = armored(key.encrypted);
    try {
      return await decrypter.decrypt(file);
    } catch (cause) {
      const none = cause instanceof Error && cause.message.includes("no identity matched");
      const reason = none
        ? "no identity matched any of the recipients"
        : "the data key does not authenticate";
      throw new SopsError("no-data-key", reason, { cause });
    }
  };
}

function addIdentity(decrypter: Decrypter, identity: string, file: string): void {
  const refuse = (reason: string, cause?: unknown) =>
    new SopsError("key-material", `'${file}' is no age key file: ${reason}`, { cause });
  if (identity.startsWith("AGE-PLUGIN-")) throw refuse("plugins are not run");
  if (!identity.startsWith("AGE-SECRET-KEY-1") && !identity.startsWith("AGE-SECRET-KEY-PQ-1")) {
    throw refuse("unknown identity type");
  }
  try {
    decrypter.addIdentity(identity);
  } catch (cause) {
    throw refuse("malformed secret key", cause);
  }
}

function armored(text: string): Uint8Array {
  try {
    return armor.decode(text);
  } catch (cause) {
    throw new SopsError("no-data-key", "the wrapped data key is no armored age file", { cause });
  }
}
