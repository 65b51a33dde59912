import { createCipheriv, createDecipheriv, createHmac, scryptSync } from "node:crypto";
import type { Clock, Random } from "@capstan/kube";
import { encodeBase64, hashSync } from "bcryptjs";
import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import type { GoInt } from "../value/go-value.js";
import { certificateFunctions } from "./certificates.js";

const templates: Readonly<Record<string, readonly string[]>> = {
  maximum: ["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
  long: [
    "CvcvnoCvcvCvcv",
    "CvcvCvcvnoCvcv",
    "CvcvCvcvCvcvno",
    "CvccnoCvcvCvcv",
    "CvccCvcvnoCvcv",
    "CvccCvcvCvcvno",
    "CvcvnoCvccCvcv",
    "CvcvCvccnoCvcv",
    "CvcvCvccCvcvno",
    "CvcvnoCvcvCvcc",
    "CvcvCvcvnoCvcc",
    "CvcvCvcvCvccno",
    "CvccnoCvccCvcv",
    "CvccCvccnoCvcv",
    "CvccCvccCvcvno",
    "CvcvnoCvccCvcc",
    "CvcvCvccnoCvcc",
    "CvcvCvccCvccno",
    "CvccnoCvcvCvcc",
    "CvccCvcvnoCvcc",
    "CvccCvcvCvccno",
  ],
  medium: ["CvcnoCvc", "CvcCvcno"],
  short: ["Cvcn"],
  basic: ["aaanaaan", "aannaaan", "aaannaaa"],
  pin: ["nnnn"],
};

const characters: Readonly<Record<string, string>> = {
  V: "AEIOU",
  C: "BCDFGHJKLMNPQRSTVWXYZ",
  v: "aeiou",
  c: "bcdfghjklmnpqrstvwxyz",
  A: "AEIOUBCDFGHJKLMNPQRSTVWXYZ",
  a: "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz",
  n: "0123456789",
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: "AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()",
};

function sized(text: string): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([size, Buffer.from(text)]);
}

/** The Master Password algorithm. */
function derivePassword(counter: GoInt, type: string, password: string, user: string, site: string): string {
  const choices = Object.hasOwn(templates, type) ? templates[type] : undefined;
  if (choices === undefined) return `cannot find password template ${type}`;
  const namespace = Buffer.from("com.lyndir.masterpassword");
  const salt = Buffer.concat([namespace, sized(user)]);
  const key = scryptSync(password, salt, 64, { N: 32768, r: 8, p: 2, maxmem: 64 * 1024 * 1024 });
  const count = Buffer.alloc(4);
  count.writeUInt32BE(Number(BigInt.asUintN(32, counter.value)));
  const seed = createHmac("sha256", key)
    .update(Buffer.concat([namespace, sized(site), count]))
    .digest();
  const template = choices[(seed[0] ?? 0) % choices.length] ?? "";
  return [...template]
    .map((letter, index) => {
      const set = characters[letter] ?? "";
      return set[(seed[index + 1] ?? 0) % set.length] ?? "";
    })
    .join("");
}

/** bcrypt with cost 10. */
function bcrypt(text: string, random: Random): string {
  return hashSync(text, `$2a$10$${encodeBase64([...random.bytes(16)], 16)}`);
}

function aesKey(password: string): Buffer {
  const key = Buffer.alloc(32);
  Buffer.from(password).copy(key);
  return key;
}

function encryptAes(password: string, text: string, random: Random): string {
  const iv = random.bytes(16);
  const cipher = createCipheriv("aes-256-cbc", aesKey(password), iv);
  return Buffer.concat([iv, cipher.update(text, "utf8"), cipher.final()]).toString("base64");
}

function decryptAes(password: string, encrypted: string): string {
  const bytes = Buffer.from(encrypted, "base64");
  try {
    const decipher = createDecipheriv("aes-256-cbc", aesKey(password), bytes.subarray(0, 16));
    return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString("utf8");
  } catch (error) {
    throw new FunctionError("unable to decrypt", { cause: error });
  }
}

/** Sprig's functions that derive secrets and encrypt. */
export function cryptoFunctions(clock: Clock, random: Random): Readonly<Record<string, TemplateFunction>> {
  return {
    ...certificateFunctions(clock, random),
    derivePassword: fn("int string string string string", derivePassword),
    bcrypt: fn("string", (text: string) => bcrypt(text, random)),
    htpasswd: fn("string string", (user: string, password: string) =>
      user.includes(":") ? `invalid username: ${user}` : `${user}:${bcrypt(password, random)}`,
    ),
    encryptAES: fn("string string", (password: string, text: string) =>
      text === "" ? "" : encryptAes(password, text, random),
    ),
    decryptAES: fn("string string", (password: string, text: string) =>
      text === "" ? "" : decryptAes(password, text),
    ),
  };
}
