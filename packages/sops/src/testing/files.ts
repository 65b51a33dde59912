import { readFileSync } from "node:fs";
import { type KeyRing, keyRing } from "../keys/key-ring.js";

const directory = new URL("../../testdata/", import.meta.url);

export function encryptedFile(name: string): Buffer {
  return readFileSync(new URL(`encrypted/${name}`, directory));
}

export function plainFile(name: string): Buffer {
  return readFileSync(new URL(`plain/${name}`, directory));
}

/** The keys of some files, by the ending of their names. */
export function keysOf(...names: readonly string[]): Promise<KeyRing> {
  const texts = names.map((name) => ({
    name,
    text: readFileSync(new URL(`keys/${name}`, directory), "utf8"),
  }));
  return keyRing({
    age: texts.filter(({ name }) => name.endsWith(".agekey")),
    pgp: texts.filter(({ name }) => name.endsWith(".asc")),
  });
}
