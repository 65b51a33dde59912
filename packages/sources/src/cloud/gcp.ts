import { createPrivateKey, sign } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { HttpClient } from "../http-client.js";
import { parseObject } from "../json.js";
import { type CloudEnvironment, CloudError, endpointsOf } from "./environment.js";
import { askJson, formOrder, textField } from "./http.js";

/** A token to send along, for a while. */
export interface BearerToken {
  readonly token: string;
  /** Epoch ms. */
  readonly expires: number;
}

/** Trades the key of a service account for a token (RFC 7523). Throws `CloudError`. */
export async function gcpTokenOfKey(
  http: HttpClient,
  key: string,
  scope: string,
  now: number,
  signal: AbortSignal,
): Promise<BearerToken> {
  const account = parseObject(key);
  if (account?.["type"] !== "service_account") {
    throw new CloudError("the service account is no JSON key of type 'service_account'");
  }
  const what = "asking for a token for the service account";
  const audience = account["token_uri"] === undefined ? TOKEN_URI : textField(account, "token_uri", what);
  const seconds = Math.floor(now / 1000);
  const claims = {
    iss: textField(account, "client_email", what),
    scope,
    aud: audience,
    iat: seconds,
    exp: seconds + 3600,
  };
  const assertion = signedToken(
    { alg: "RS256", typ: "JWT", kid: account["private_key_id"] },
    claims,
    account["private_key"],
  );
  const form = formOrder({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
  return tokenOf(await askJson(http, { ...form, what, url: audience, signal }), what, now);
}

const TOKEN_URI = "https://oauth2.googleapis.com/token";

const CLOUD_SCOPE = "https://www.googleapis.com/auth/cloud-platform";

/**
 * The token of the service account that this process has: by the key that `GOOGLE_APPLICATION_CREDENTIALS` names,
 * or the machine's own. Throws `CloudError`.
 */
export async function gcpTokenOfMachine(
  http: HttpClient,
  environment: CloudEnvironment,
  signal: AbortSignal,
): Promise<BearerToken> {
  const file = environment.variables["GOOGLE_APPLICATION_CREDENTIALS"] ?? "";
  if (file !== "") {
    return gcpTokenOfKey(http, await readKey(file), CLOUD_SCOPE, environment.clock.now(), signal);
  }
  const what = "asking the instance's metadata";
  const url = `${endpointsOf(environment).gcpMetadata}/computeMetadata/v1/instance/service-accounts/default/token`;
  const answer = await askJson(http, { what, url, headers: { "metadata-flavor": "Google" }, signal });
  return tokenOf(answer, what, environment.clock.now());
}

async function readKey(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new CloudError(`the application credentials cannot be read: ${code}`, { cause: error });
  }
}

/** Reads an OAuth answer. Throws `CloudError`. */
export function tokenOf(answer: Readonly<Record<string, unknown>>, what: string, now: number): BearerToken {
  const seconds = Number(answer["expires_in"]);
  return {
    token: textField(answer, "access_token", what),
    expires: now + (Number.isFinite(seconds) ? seconds : 0) * 1000,
  };
}

/** A JSON web token signed with RSA and SHA-256. Throws `CloudError` for a key that is none. */
export function signedToken(header: object, claims: object, pem: unknown): string {
  const text = [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  try {
    const signature = sign("sha256", Buffer.from(text), createPrivateKey(String(pem)));
    return `${text}.${signature.toString("base64url")}`;
  } catch (error) {
    throw new CloudError("the private key cannot be used", { cause: error });
  }
}
