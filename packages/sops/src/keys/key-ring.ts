import { SopsError } from "../errors.js";
import type { MasterKey } from "../metadata/metadata.js";
import { ageOpener } from "./age.js";
import { pgpOpener } from "./pgp.js";

/** Keys as they are kept: texts, so that they can be sent to where the work is done. */
export interface KeyMaterial {
  /** Key files of age: an identity per line, comments after `#`. */
  readonly age?: readonly KeyText[];
  /** Armored OpenPGP private keys without passphrase; several may stand in one text. */
  readonly pgp?: readonly KeyText[];
}

export interface KeyText {
  /** What the key is called in messages. */
  readonly name: string;
  readonly text: string;
}

/** Opens what a key of one kind wrapped; rejects with a reason that carries no secret. */
export type Opener = (key: MasterKey) => Promise<Uint8Array>;

/** Openers by the kind of key; kinds without one are refused by name. */
export type KeyRing = ReadonlyMap<MasterKey["kind"], Opener>;

/**
 * Reads keys once for any number of files. `openers` adds kinds of keys whose services are reached by the
 * caller's own means.
 *
 * @throws {SopsError} `key-material`, naming the key that cannot be read
 */
export async function keyRing(
  material: KeyMaterial,
  openers: Iterable<readonly [MasterKey["kind"], Opener]> = [],
): Promise<KeyRing> {
  return new Map<MasterKey["kind"], Opener>([
    ["age", await ageOpener(material.age ?? [])],
    ["pgp", await pgpOpener(material.pgp ?? [])],
    ...openers,
  ]);
}

/** A key of a kind that nobody here can use. */
export function unavailable(key: MasterKey): SopsError {
  return new SopsError(
    "no-data-key",
    `${LABELS[key.kind]} keys need credentials that are not configured here`,
  );
}

const LABELS: Readonly<Record<MasterKey["kind"], string>> = {
  age: "age",
  pgp: "PGP",
  kms: "AWS KMS",
  gcp_kms: "GCP KMS",
  azure_kv: "Azure Key Vault",
  hckms: "HuaweiCloud KMS",
  hc_vault: "Vault",
};
