import { createHmac, scryptSync } from "node:crypto";
import type { Clock, Random } from "@capstan/kube";
import { fn, type TemplateFunction } from "../template/function.js";
import type { GoInt } from "../value/go-value.js";

const templates: Readonly<Record<string, readonly string[]>> = {
  maximum: ["anoxxxxxxxxxxxxxxxxx", "axxxxxxxxxxxxxxxxxno"],
  long: [
    "CvcvnoCvcvCvcv", "CvcvCvcvnoCvcv", "CvcvCvcvCvcvno", "CvccnoCvcvCvcv", "CvccCvcvnoCvcv", "CvccCvcvCvcvno", "CvcvnoCvccCvcv",
    "CvcvCvccnoCvcv", "CvcvCvccCvcvno", "CvcvnoCvcvCvcc", "CvcvCvcvnoCvcc", "CvcvCvcvCvccno", "CvccnoCvccCvcv", "CvccCvccnoCvcv",
    "CvccCvccCvcvno", "CvcvnoCvccCvcc", "CvcvCvccnoCvcc", "CvcvCvccCvccno", "CvccnoCvcvCvcc", "CvccCvcvnoCvcc", "CvccCvcvCvccno",
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
  const seed = createHmac("sha256", key).update(Buffer.concat([namespace, sized(site), count])).digest();
  const template = choices[(seed[0] ?? 0) % choices.length] ?? "";
  return [...template].map((letter, index) => {
    const set = characters[letter] ?? "";
    return set[(seed[index + 1] ?? 0) % set.length] ?? "";
  }).join("");
}

/** Sprig's functions that derive secrets. */
export function cryptoFunctions(_clock: Clock, _random: Random): Readonly<Record<string, TemplateFunction>> {
  return {
    derivePassword: fn("int string string string string", derivePassword),
  };
}
