import { HttpClient } from "../../http-client.js";
import type { CloudEnvironment } from "../environment.js";
import type { TokenCache } from "../token-cache.js";
import { openAwsKey } from "./aws-kms.js";
import { openAzureKey } from "./azure-key-vault.js";
import type { CloudCredentials, CloudKey } from "./cloud-key.js";
import { openGcpKey } from "./gcp-kms.js";

/** Opens data keys that clouds wrapped. */
export interface CloudKeys {
  /** The data key. Rejects with `CloudError`, whose message carries no secret, or the signal's reason. */
  open(key: CloudKey, credentials: CloudCredentials, signal: AbortSignal): Promise<Uint8Array>;
}

/**
 * The key management of AWS, Google Cloud and Azure, asked with given credentials or the identity of this process,
 * whose tokens are kept for as long as they are good.
 */
export function cloudKeys({
  cloud,
  tokens,
}: {
  readonly cloud: CloudEnvironment;
  readonly tokens: TokenCache;
}): CloudKeys {
  return {
    open: async (key, credentials, signal) => {
      const http = new HttpClient({});
      const context = { http, cloud, tokens, signal };
      try {
        switch (key.kind) {
          case "kms":
            return await openAwsKey(key, credentials.aws, context);
          case "gcp_kms":
            return await openGcpKey(key, credentials.gcp, context);
          case "azure_kv":
            return await openAzureKey(key, credentials.azure, context);
        }
      } finally {
        await http.close();
      }
    },
  };
}
