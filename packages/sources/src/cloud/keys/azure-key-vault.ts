import { createHash, createPrivateKey } from "node:crypto";
import { azureToken, azureTokenOfSecret } from "../azure.js";
import { CloudError, endpointsOf } from "../environment.js";
import { askForPlaintext } from "./ask-service.js";
import type { AzureKey, CloudCredentials } from "./cloud-key.js";
import type { KeyContext } from "./key-context.js";

/** Vaults that a token may be shown to: anybody can write the address of another into a file. */
const VAULTS =
  /^https:\/\/[a-z0-9-]{1,127}\.((?:vault|managedhsm)\.(?:azure\.net|azure\.cn|usgovcloudapi\.net))\/?$/;

const API_VERSION = "7.4";

/** Opens a data key with a key of Azure Key Vault. Throws `CloudError`. */
export async function openAzureKey(
  key: AzureKey,
  given: CloudCredentials["azure"],
  context: KeyContext,
): Promise<Uint8Array> {
  const { http, cloud, signal } = context;
  const domain = VAULTS.exec(key.vaultUrl.toLowerCase())?.[1];
  if (domain === undefined) throw new CloudError(`'${key.vaultUrl}' is no address of an Azure Key Vault`);
  const token = await tokenFor(given, `https://${domain}`, context);
  const path = ["keys", key.keyName, key.version, "decrypt"].map(encodeURIComponent).join("/");
  const vault = (endpointsOf(cloud).azureVault ?? key.vaultUrl).replace(/\/+$/, "");
  const question = {
    what: `failed to decrypt sops data key with Azure Key Vault key '${key.name}'`,
    method: "POST" as const,
    url: `${vault}/${path}?api-version=${API_VERSION}`,
    headers: { "content-type": "application/json" },
    authorization: `Bearer ${token}`,
    body: JSON.stringify({ alg: "RSA-OAEP-256", value: key.encrypted }),
    signal,
  };
  return askForPlaintext(http, question, "value");
}

async function tokenFor(
  given: CloudCredentials["azure"],
  resource: string,
  { http, cloud, tokens, signal }: KeyContext,
): Promise<string> {
  const now = cloud.clock.now();
  const request = { resource, signal };
  const data = given === undefined ? undefined : fieldsOf(given);
  const who = data === undefined ? "machine" : digest(JSON.stringify([...data]));
  const { token } = await tokens.get(`keys azure ${resource} ${who}`, now, async () => {
    if (data === undefined) return azureToken(http, cloud, request);
    const found = await azureTokenOfSecret(http, cloud, data, request);
    if (found !== undefined) return found;
    throw new CloudError(
      "invalid data: requires a 'clientId' field, a combination of 'tenantId', 'clientId' and 'clientSecret', or 'tenantId', 'clientId' and 'clientCertificate'",
    );
  });
  return token;
}

/** The fields of an identity under the names that they have elsewhere; `az` has names of its own for some. */
function fieldsOf(given: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const data = new Map(Object.entries(given));
  const { clientCertificate = "", clientCertificatePassword = "" } = given;
  if (clientCertificate !== "" && clientCertificatePassword !== "") {
    data.set("clientCertificate", unlocked(clientCertificate, clientCertificatePassword));
    data.delete("clientCertificatePassword");
  }
  const { appId = "", tenant = "", password = "" } = given;
  if (data.has("clientId") || appId === "" || tenant === "" || password === "") return data;
  return new Map([...data, ["clientId", appId], ["tenantId", tenant], ["clientSecret", password]]);
}

/** A certificate with its key out of its password. */
function unlocked(pem: string, passphrase: string): string {
  const locked =
    /-----BEGIN (?:ENCRYPTED|RSA) PRIVATE KEY-----[\s\S]+?-----END (?:ENCRYPTED|RSA) PRIVATE KEY-----/;
  try {
    return pem.replace(locked, (key) =>
      createPrivateKey({ key, passphrase }).export({ type: "pkcs8", format: "pem" }).toString(),
    );
  } catch (error) {
    throw new CloudError("the key of clientCertificate does not open with clientCertificatePassword", {
      cause: error,
    });
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
