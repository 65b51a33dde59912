/** A key that wraps the data key of a file, or a part of it, by its kind. */
export type MasterKey =
  | { readonly kind: "age"; readonly name: string; readonly encrypted: string }
  | { readonly kind: "pgp"; readonly name: string; readonly encrypted: string }
  | {
      readonly kind: "hc_vault";
      readonly name: string;
      readonly encrypted: string;
      readonly address: string;
      readonly enginePath: string;
      readonly keyName: string;
    }
  | {
      readonly kind: "kms";
      /** The ARN of the key. */
      readonly name: string;
      readonly encrypted: string;
      /** The ARN of a role to take on first; empty where there is none. */
      readonly role: string;
      /** What the key was wrapped with beside the plaintext, and must be given again. */
      readonly context: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "gcp_kms";
      /** `projects/…/locations/…/keyRings/…/cryptoKeys/…` */
      readonly name: string;
      readonly encrypted: string;
    }
  | {
      readonly kind: "azure_kv";
      readonly name: string;
      readonly encrypted: string;
      readonly vaultUrl: string;
      readonly keyName: string;
      readonly version: string;
    }
  | { readonly kind: "hckms"; readonly name: string; readonly encrypted: string };

/** Which values of a file are encrypted; at most one rule is set. */
export interface EncryptionRules {
  readonly unencryptedSuffix?: string;
  readonly encryptedSuffix?: string;
  readonly unencryptedRegex?: string;
  readonly encryptedRegex?: string;
  readonly unencryptedCommentRegex?: string;
  readonly encryptedCommentRegex?: string;
}

/** What SOPS writes into a file beside its values. */
export interface Metadata {
  /** As written; bound to the MAC in the form of RFC 3339 without fraction. */
  readonly lastModified: string;
  readonly mac: string;
  readonly macOnlyEncrypted: boolean;
  readonly rules: EncryptionRules;
  readonly groups: readonly (readonly MasterKey[])[];
  readonly shamirThreshold: number;
  readonly version: string;
}
