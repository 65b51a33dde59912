import { SopsError } from "@capstan/sops";
import type { RemoteCredentials } from "./material.js";
import type { RemoteKey } from "./remote-keys.js";
import { openVaultKey, postJson } from "./vault.js";

/** A key of a cloud's key management. */
export type CloudKey = Exclude<RemoteKey, { kind: "hc_vault" }>;

/** Opens data keys that clouds wrapped. */
export interface CloudKeys {
  /**
   * The data key. Credentials that are left out are those of this process. Rejects with an error whose message
   * people may read and that carries no secret.
   */
  open(key: CloudKey, credentials: RemoteCredentials, signal: AbortSignal): Promise<Uint8Array>;
}

/** Reaches the services that open data keys. */
export interface KeyService {
  /** The kinds of keys that it can do something about, with these credentials. */
  kinds(credentials: RemoteCredentials): readonly RemoteKey["kind"][];
  /** Rejects with an error whose message people may read. */
  open(key: RemoteKey, credentials: RemoteCredentials, signal: AbortSignal): Promise<Uint8Array>;
}

/** Vaults, for which a token is needed; and clouds where `clouds` is given. */
export function keyService(clouds: CloudKeys | undefined): KeyService {
  return {
    kinds: ({ vaultToken }) => [
      ...(vaultToken === undefined ? [] : (["hc_vault"] as const)),
      ...(clouds === undefined ? [] : (["kms", "gcp_kms", "azure_kv"] as const)),
    ],
    open: async (key, credentials, signal) => {
      if (key.kind === "hc_vault") return openVaultKey(key, credentials.vaultToken ?? "", postJson);
      if (clouds === undefined) throw new SopsError("no-data-key", "no cloud is reached from here");
      requireCredentials(key, credentials);
      return clouds.open(key, credentials, signal);
    },
  };
}

const CREDENTIALS = { kms: "aws", gcp_kms: "gcp", azure_kv: "azure" } as const;

/** Who names a service account must not get the identity of this process instead. */
function requireCredentials({ kind }: CloudKey, credentials: RemoteCredentials): void {
  if (credentials.serviceAccount === undefined || credentials[CREDENTIALS[kind]] !== undefined) return;
  throw new SopsError(
    "no-data-key",
    `identities that clouds give to service account '${credentials.serviceAccount}' are not supported: name credentials in spec.decryption.secretRef`,
  );
}
