import type { KeyText } from "@capstan/sops";

/** The keys that a Kustomization decrypts with, as plain data that can be sent to a worker. */
export interface DecryptionMaterial {
  /** The Secret that they come from, as `namespace/name`; none where there is none. */
  readonly secret: string | undefined;
  readonly age: readonly KeyText[];
  readonly pgp: readonly KeyText[];
  /** For the Vault or OpenBao that a file names. */
  readonly vaultToken: string | undefined;
}
