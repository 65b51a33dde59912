import type { KeyText } from "@capstan/sops";

/** The keys that a Kustomization decrypts with, as plain data that can be sent to a worker. */
export interface DecryptionMaterial {
  /** The Secret that they come from, as `namespace/name`; none where there is none. */
  readonly secret: string | undefined;
  readonly age: readonly KeyText[];
  readonly pgp: readonly KeyText[];
  readonly remote: RemoteCredentials;
}

/** Who asks services for data keys. A cloud that is left out is asked with the identity of this process. */
export interface RemoteCredentials {
  /** The service account of `spec.decryption` in whose name services were to be asked; none where it names none. */
  readonly serviceAccount?: string;
  /** For the Vault or OpenBao that a file names. */
  readonly vaultToken?: string;
  readonly aws?: {
    readonly accessKey: string;
    readonly secretKey: string;
    readonly sessionToken?: string;
  };
  /** A JSON key of a service account. */
  readonly gcp?: string;
  /** Fields of an Azure identity: `tenantId`, `clientId`, `clientSecret`, … */
  readonly azure?: Readonly<Record<string, string>>;
}
