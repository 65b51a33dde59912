import type { KubeObject } from "@capstan/kube";
import { decrypt, encryptedFormat, formatOfPath, type KeyRing, SopsError } from "@capstan/sops";
import { resourceName } from "../render/resource-name.js";
import { isEncrypted, isExempt } from "./encrypted-object.js";
import { failureText } from "./failure-text.js";
import { KeyWanted } from "./remote-keys.js";

/** An object that could not be decrypted. */
export class ObjectDecryptionError extends Error {
  override readonly name = "ObjectDecryptionError";
}

/**
 * A built object with its values in clear: one that is a SOPS document as a whole, or a Secret with entries
 * that are SOPS files. Other objects, and those that ask to be left alone, come back as they are. Throws
 * `ObjectDecryptionError`, or `KeyWanted` where a data key has to be opened first.
 */
export async function decryptObject(object: KubeObject, keys: KeyRing): Promise<KubeObject> {
  if (isExempt(object)) return object;
  if (isEncrypted(object)) return decryptWhole(object, keys);
  return object.kind === "Secret" ? decryptEntries(object, keys) : object;
}

async function decryptWhole(object: KubeObject, keys: KeyRing): Promise<KubeObject> {
  const bytes = Buffer.from(JSON.stringify(object));
  // The build may have changed labels, names and namespaces since the MAC was made.
  const plain = await attempt(object, `${object.kind} data`, async () => {
    const clear = Buffer.from(await decrypt(bytes, { format: "json", keys, mac: "seal" }));
    if (clear.includes("ENC[AES256_GCM,data:")) {
      const reason = "values are encrypted still; rules that go by comments do not survive a build";
      throw new SopsError("malformed", reason);
    }
    return clear;
  });
  return JSON.parse(Buffer.from(plain).toString("utf8")) as KubeObject;
}

async function decryptEntries(secret: KubeObject, keys: KeyRing): Promise<KubeObject> {
  const data = secret["data"];
  if (typeof data !== "object" || data === null) return secret;
  const changed = new Map<string, string>();
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== "string") continue;
    const bytes = Buffer.from(value, "base64");
    const format = encryptedFormat(bytes);
    if (format === undefined) continue;
    const options = { format, outputFormat: formatOfPath(key), keys } as const;
    const plain = await attempt(secret, `Secret field '${key}'`, () => decrypt(bytes, options));
    changed.set(key, Buffer.from(plain).toString("base64"));
  }
  return changed.size === 0 ? secret : { ...secret, data: { ...data, ...Object.fromEntries(changed) } };
}

async function attempt(
  object: KubeObject,
  what: string,
  work: () => Promise<Uint8Array>,
): Promise<Uint8Array> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof KeyWanted) throw error;
    const { namespace = "", name } = object.metadata;
    const message = `failed to decrypt and format '${namespace}/${name}' ${what}: ${failureText(error)}`;
    throw new ObjectDecryptionError(`decryption failed for '${resourceName(object)}': ${message}`, {
      cause: error,
    });
  }
}
