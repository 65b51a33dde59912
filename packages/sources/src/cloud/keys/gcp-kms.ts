import { createHash } from "node:crypto";
import { CloudError, endpointsOf } from "../environment.js";
import { gcpTokenOfKey, gcpTokenOfMachine } from "../gcp.js";
import { askForPlaintext } from "./ask-service.js";
import type { CloudCredentials, GcpKey } from "./cloud-key.js";
import type { KeyContext } from "./key-context.js";

const KEY = /^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[^/]+$/;

const SCOPE = "https://www.googleapis.com/auth/cloudkms";

/** Opens a data key with Cloud KMS. Throws `CloudError`. */
export async function openGcpKey(
  key: GcpKey,
  given: CloudCredentials["gcp"],
  context: KeyContext,
): Promise<Uint8Array> {
  if (!KEY.test(key.name)) throw new CloudError(`no valid resource ID found in '${key.name}'`);
  const { http, cloud, signal } = context;
  const token = await tokenFor(given, context);
  const path = key.name.split("/").map(encodeURIComponent).join("/");
  const url = `${endpointsOf(cloud).gcpKms ?? "https://cloudkms.googleapis.com"}/v1/${path}:decrypt`;
  const question = {
    what: "failed to decrypt sops data key with GCP KMS key",
    method: "POST" as const,
    url,
    headers: { "content-type": "application/json" },
    authorization: `Bearer ${token}`,
    body: JSON.stringify({ ciphertext: key.encrypted }),
    signal,
  };
  return askForPlaintext(http, question, "plaintext");
}

async function tokenFor(
  given: string | undefined,
  { http, cloud, tokens, signal }: KeyContext,
): Promise<string> {
  const now = cloud.clock.now();
  const who = given === undefined ? "machine" : createHash("sha256").update(given).digest("hex");
  const { token } = await tokens.get(`keys gcp ${who}`, now, () =>
    given === undefined
      ? gcpTokenOfMachine(http, cloud, signal)
      : gcpTokenOfKey(http, given, SCOPE, now, signal),
  );
  return token;
}
