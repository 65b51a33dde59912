import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { HttpClient } from "../http-client.js";
import type { SecretData } from "../secrets.js";
import { type CloudEnvironment, CloudError, endpointsOf } from "./environment.js";
import { type BearerToken, signedToken, tokenOf } from "./gcp.js";
import { askJson, formOrder, textField } from "./http.js";

export interface AzureRequest {
  /** What the token is for: `https://storage.azure.com`. */
  readonly resource: string;
  readonly signal: AbortSignal;
}

/** The token that a Secret's fields ask for; `undefined` where they are no identity. Throws `CloudError`. */
export async function azureTokenOfSecret(
  http: HttpClient,
  environment: CloudEnvironment,
  data: SecretData,
  request: AzureRequest,
): Promise<BearerToken | undefined> {
  const get = (key: string) => data.get(key) || undefined;
  const [tenant, client] = [get("tenantId"), get("clientId")];
  if (client === undefined) return undefined;
  const authority = get("authorityHost") ?? endpointsOf(environment).azureAuthority;
  const login = { authority, tenant: tenant ?? "", client };
  const [secret, certificate] = [get("clientSecret"), get("clientCertificate")];
  if (tenant !== undefined && secret !== undefined) {
    return azureLogin(http, environment, login, { client_secret: secret }, request);
  }
  if (tenant !== undefined && certificate !== undefined) {
    const sendChain = ["1", "true"].includes((get("clientCertificateSendChain") ?? "").toLowerCase());
    const assertion = clientAssertion(certificate, login, sendChain, environment.clock.now());
    return azureLogin(http, environment, login, assertionFields(assertion), request);
  }
  return machineToken(http, environment, client, request);
}

/**
 * The token of the identity that this process has: by variables, by a token of the cluster (workload identity),
 * or from the instance. Throws `CloudError`.
 */
export async function azureToken(
  http: HttpClient,
  environment: CloudEnvironment,
  request: AzureRequest,
): Promise<BearerToken> {
  const { variables: env } = environment;
  const [tenant, client] = [env["AZURE_TENANT_ID"] ?? "", env["AZURE_CLIENT_ID"] ?? ""];
  const authority = env["AZURE_AUTHORITY_HOST"] ?? endpointsOf(environment).azureAuthority;
  const login = { authority, tenant, client };
  const secret = env["AZURE_CLIENT_SECRET"];
  if (tenant !== "" && client !== "" && secret !== undefined) {
    return azureLogin(http, environment, login, { client_secret: secret }, request);
  }
  const file = env["AZURE_FEDERATED_TOKEN_FILE"];
  if (tenant !== "" && client !== "" && file !== undefined) {
    return azureLogin(http, environment, login, assertionFields(await readToken(file)), request);
  }
  return machineToken(http, environment, client === "" ? undefined : client, request);
}

interface AzureLogin {
  readonly authority: string;
  readonly tenant: string;
  readonly client: string;
}

async function azureLogin(
  http: HttpClient,
  environment: CloudEnvironment,
  login: AzureLogin,
  proof: Readonly<Record<string, string>>,
  { resource, signal }: AzureRequest,
): Promise<BearerToken> {
  const what = `logging in to Azure as client '${login.client}'`;
  const form = formOrder({
    grant_type: "client_credentials",
    client_id: login.client,
    scope: `${resource}/.default`,
    ...proof,
  });
  const answer = await askJson(http, { ...form, what, url: tokenAddress(login), signal });
  return tokenOf(answer, what, environment.clock.now());
}

function tokenAddress({ authority, tenant }: AzureLogin): string {
  return `${authority.replace(/\/+$/, "")}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
}

function assertionFields(assertion: string): Record<string, string> {
  return {
    client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    client_assertion: assertion,
  };
}

/** A token that the holder of a certificate signs. */
function clientAssertion(pem: string, login: AzureLogin, sendChain: boolean, now: number): string {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const key = /-----BEGIN (?:RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:RSA )?PRIVATE KEY-----/.exec(pem)?.[0];
  const chain = certificates.map(derOf);
  const [leaf] = chain;
  if (leaf === undefined || key === undefined) {
    throw new CloudError("clientCertificate holds no certificate with its key, both as PEM");
  }
  const thumbprint = createHash("sha1").update(leaf).digest("base64url");
  const header = {
    alg: "RS256",
    typ: "JWT",
    x5t: thumbprint,
    ...(sendChain ? { x5c: chain.map((der) => der.toString("base64")) } : {}),
  };
  const seconds = Math.floor(now / 1000);
  const claims = {
    aud: tokenAddress(login),
    iss: login.client,
    sub: login.client,
    jti: createHash("sha256").update(`${login.client} ${now}`).digest("hex"),
    nbf: seconds,
    exp: seconds + 600,
  };
  return signedToken(header, claims, key);
}

function derOf(pem: string): Buffer {
  try {
    return new X509Certificate(pem).raw;
  } catch (error) {
    throw new CloudError("clientCertificate holds a certificate that cannot be read", { cause: error });
  }
}

async function machineToken(
  http: HttpClient,
  environment: CloudEnvironment,
  client: string | undefined,
  { resource, signal }: AzureRequest,
): Promise<BearerToken> {
  const what = "asking the instance's metadata";
  const query = new URLSearchParams({ "api-version": "2018-02-01", resource });
  if (client !== undefined) query.set("client_id", client);
  const url = `${endpointsOf(environment).azureMetadata}/metadata/identity/oauth2/token?${query}`;
  return tokenOf(
    await askJson(http, { what, url, headers: { metadata: "true" }, signal }),
    what,
    environment.clock.now(),
  );
}

/** Trades a token for a registry's refresh token, which it takes as a password. Throws `CloudError`. */
export async function azureRegistryToken(
  http: HttpClient,
  origin: string,
  token: string,
  signal: AbortSignal,
): Promise<string> {
  const what = `logging in to ${origin}`;
  const form = formOrder({ grant_type: "access_token", service: new URL(origin).host, access_token: token });
  return textField(
    await askJson(http, { ...form, what, url: `${origin}/oauth2/exchange`, signal }),
    "refresh_token",
    what,
  );
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new CloudError(`the federated token cannot be read: ${code}`, { cause: error });
  }
}
