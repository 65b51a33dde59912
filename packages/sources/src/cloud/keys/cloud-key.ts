/** A key of a cloud's key management that wrapped a data key, as SOPS files name it. */
export type CloudKey = AwsKey | GcpKey | AzureKey;

export interface AwsKey {
  readonly kind: "kms";
  /** The ARN of the key, or of an alias. */
  readonly name: string;
  /** The wrapped data key, in base64. */
  readonly encrypted: string;
  /** The ARN of a role to take on first; empty where there is none. */
  readonly role: string;
  readonly context: Readonly<Record<string, string>>;
}

export interface GcpKey {
  readonly kind: "gcp_kms";
  /** `projects/…/locations/…/keyRings/…/cryptoKeys/…` */
  readonly name: string;
  readonly encrypted: string;
}

export interface AzureKey {
  readonly kind: "azure_kv";
  readonly name: string;
  /** In the base64 of URLs. */
  readonly encrypted: string;
  readonly vaultUrl: string;
  readonly keyName: string;
  readonly version: string;
}

/** Who asks; the identity of this process, for a cloud that is left out. */
export interface CloudCredentials {
  readonly aws?: {
    readonly accessKey: string;
    readonly secretKey: string;
    readonly sessionToken?: string | undefined;
  };
  /** A JSON key of a service account. */
  readonly gcp?: string;
  /** `tenantId`, `clientId`, `clientSecret`, `clientCertificate`, … */
  readonly azure?: Readonly<Record<string, string>>;
}
