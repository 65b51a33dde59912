import { createDecipheriv } from "node:crypto";
import { SopsError } from "../errors.js";
import type { Comment, Scalar } from "../tree/tree.js";

const algorithms = new Map([
  [16, "aes-128-gcm"],
  [24, "aes-192-gcm"],
  [32, "aes-256-gcm"],
] as const);

/**
 * Decrypts one `ENC[AES256_GCM,…]`. The empty text stands for itself. `context` is what the value is
 * bound to: its path, or the time of the last change for a MAC.
 *
 * @throws {SopsError} `malformed`, or `wrong-value` where it does not authenticate
 */
export function decryptValue(encrypted: string, key: Uint8Array, context: string): Scalar | Comment {
  if (encrypted === "") return { type: "str", value: "" };
  const { data, iv, tag, type } = partsOf(encrypted);
  return typed(
    type,
    open(base64(data, "data"), base64(iv, "initialization vector"), base64(tag, "tag"), key, context),
  );
}

const PREFIX = "ENC[AES256_GCM,data:";

/** The parts of a value, looked for from its end and in linear time. */
function partsOf(encrypted: string) {
  const end = encrypted.lastIndexOf("]");
  const type = encrypted.lastIndexOf(",type:", end);
  const tag = encrypted.lastIndexOf(",tag:", type);
  const iv = encrypted.lastIndexOf(",iv:", tag);
  const places = [PREFIX.length, iv, tag, type, end];
  const ordered = places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0));
  if (!ordered || !encrypted.startsWith(PREFIX) || encrypted.lastIndexOf("\n", end) >= 0) {
    throw new SopsError("malformed", "a value that should be encrypted does not match the format of SOPS");
  }
  return {
    data: encrypted.slice(PREFIX.length, iv),
    iv: encrypted.slice(iv + ",iv:".length, tag),
    tag: encrypted.slice(tag + ",tag:".length, type),
    type: encrypted.slice(type + ",type:".length, end),
  };
}

function open(data: Uint8Array, iv: Uint8Array, tag: Uint8Array, key: Uint8Array, context: string): Buffer {
  for (const [length, algorithm] of algorithms) {
    if (key.length !== length) continue;
    if (tag.length !== 16 || iv.length === 0) break;
    try {
      const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: 16 });
      decipher.setAAD(Buffer.from(context, "utf8")).setAuthTag(tag);
      return Buffer.concat([decipher.update(data), decipher.final()]);
    } catch (cause) {
      throw new SopsError("wrong-value", "could not decrypt with AES_GCM: message authentication failed", {
        cause,
      });
    }
  }
  const what =
    tag.length !== 16 || iv.length === 0 ? "an encrypted value is cut off" : "the data key is of no AES size";
  throw new SopsError("malformed", what);
}

function base64(text: string, what: string): Uint8Array {
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) {
    throw new SopsError("malformed", `the ${what} of an encrypted value is not base64`);
  }
  return Buffer.from(text, "base64");
}

const MIN_INT = -(2n ** 63n);
const MAX_INT = 2n ** 63n - 1n;

function typed(type: string, bytes: Buffer): Scalar | Comment {
  const text = bytes.toString("utf8");
  switch (type) {
    case "str":
      return Buffer.from(text, "utf8").equals(bytes)
        ? { type: "str", value: text }
        : { type: "bytes", value: bytes };
    case "bytes":
      return { type: "bytes", value: bytes };
    case "comment":
      return { type: "comment", value: text, inline: false };
    case "int":
      if (/^[-+]?[0-9]{1,19}$/.test(text)) {
        const value = BigInt(text.replace("+", ""));
        if (value >= MIN_INT && value <= MAX_INT) return { type: "int", value };
      }
      break;
    case "float":
      if (/^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(text)) {
        return { type: "float", value: Number(text) };
      }
      if (/^[-+]?inf$/i.test(text)) {
        return {
          type: "float",
          value: text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
        };
      }
      if (/^nan$/i.test(text)) return { type: "float", value: Number.NaN };
      break;
    case "bool":
      if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return { type: "bool", value: true };
      if (/^(?:0|f|F|FALSE|false|False)$/.test(text)) return { type: "bool", value: false };
      break;
    case "time":
      if (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/.test(text))
        return { type: "time", value: text };
      break;
    default:
      throw new SopsError("malformed", "an encrypted value is of an unknown type");
  }
  throw new SopsError("malformed", `an encrypted value is no ${type}`);
}
