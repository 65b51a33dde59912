import { type OciLogin, parseOciUrl } from "@capstan/oci";
import type { Connection } from "../connection.js";
import { HttpClient } from "../http-client.js";
import { awsKeys } from "./aws.js";
import { signedHeaders } from "./aws-signature.js";
import { azureRegistryToken, azureToken } from "./azure.js";
import { type CloudEnvironment, CloudError } from "./environment.js";
import { gcpTokenOfMachine } from "./gcp.js";
import { askJson, textField } from "./http.js";
import type { Expiring, TokenCache } from "./token-cache.js";

/** What logs in to registries of clouds. */
export interface CloudLogin {
  readonly cloud: CloudEnvironment;
  readonly tokens: TokenCache;
}

export interface CloudRegistry {
  readonly provider: "aws" | "azure" | "gcp";
  /** `oci://host/path`. */
  readonly url: string;
  /** The registry speaks plain HTTP. */
  readonly insecure: boolean;
  readonly connection: Connection;
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Registries that a cloud's identity may be shown to; anything else could be anybody's. */
const HOSTS = {
  aws: /^public\.ecr\.aws$|^\d+\.dkr\.ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|sc2s\.sgov\.gov|c2s\.ic\.gov)$/,
  azure: /^[a-z0-9-]+\.azurecr\.(?:io|cn|us)$/,
  gcp: /^(?:(?:[a-z0-9-]+\.)?gcr\.io|[a-z0-9-]+-docker\.pkg\.dev)$/,
};

const PUBLIC_ECR = "public.ecr.aws";
const HALF_DAY_MS = 12 * 60 * 60_000;
const THREE_HOURS_MS = 3 * 60 * 60_000;

interface ExpiringLogin extends OciLogin, Expiring {}

/**
 * The login that the identity of this process has at a cloud's registry (ECR, ACR, Artifact Registry). Throws
 * `CloudError`.
 */
export async function cloudLogin(registry: CloudRegistry, { cloud, tokens }: CloudLogin): Promise<OciLogin> {
  const { provider, url, connection, now } = registry;
  const host = parseOciUrl(url).registry;
  const known = HOSTS[provider].exec(host);
  // Only a test puts other services in the place of a cloud's own, and its registry with them.
  if (known === null && cloud.endpoints === undefined) {
    throw new CloudError(`'${host}' is no registry of provider '${provider}'`);
  }
  const region = known?.[1] ?? cloud.variables["AWS_REGION"] ?? "us-east-1";
  const login = await tokens.get(`registry ${provider} ${host}`, now, async (): Promise<ExpiringLogin> => {
    const http = new HttpClient(connection.proxy === undefined ? {} : { proxy: connection.proxy });
    try {
      if (provider === "aws") {
        const open = host === PUBLIC_ECR;
        return await ecrLogin(http, cloud, open ? "us-east-1" : region, open, registry);
      }
      if (provider === "gcp") {
        const { token, expires } = await gcpTokenOfMachine(http, cloud, registry.signal);
        return { username: "oauth2accesstoken", password: token, expires };
      }
      return await acrLogin(http, cloud, host, registry);
    } finally {
      await http.close();
    }
  });
  return { username: login.username, password: login.password };
}

/** ECR gives a password of its own for a signed question. */
async function ecrLogin(
  http: HttpClient,
  cloud: CloudEnvironment,
  region: string,
  open: boolean,
  { signal, now }: CloudRegistry,
): Promise<ExpiringLogin> {
  const what = "asking ECR for a login";
  const keys = await awsKeys(http, cloud, { region, signal });
  const suffix = region.startsWith("cn-") ? ".cn" : "";
  const service = open ? "ecr-public" : "ecr";
  const url = cloud.endpoints?.awsEcr ?? `https://api.${service}.${region}.amazonaws.com${suffix}/`;
  const target = open ? "SpencerFrontendService" : "AmazonEC2ContainerRegistry_V20150921";
  const headers = {
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `${target}.GetAuthorizationToken`,
  };
  const body = "{}";
  const { authorization, ...signed } = await signedHeaders({
    url,
    keys,
    region,
    service,
    headers,
    body,
    now,
  });
  const answer = await askJson(http, {
    what,
    method: "POST",
    url,
    headers: signed,
    authorization,
    body,
    signal,
  });
  const data = answer["authorizationData"];
  const first: unknown = Array.isArray(data) ? data[0] : data;
  const token = textField((first ?? {}) as Record<string, unknown>, "authorizationToken", what);
  const [username = "", ...rest] = Buffer.from(token, "base64").toString("utf8").split(":");
  return { username, password: rest.join(":"), expires: now + HALF_DAY_MS };
}

/** ACR trades a token of Azure's for one of its own, which it takes as the password of nobody in particular. */
async function acrLogin(
  http: HttpClient,
  cloud: CloudEnvironment,
  host: string,
  { insecure, signal, now }: CloudRegistry,
): Promise<ExpiringLogin> {
  const { token } = await azureToken(http, cloud, { resource: "https://management.azure.com", signal });
  const origin = `${insecure ? "http" : "https"}://${host}`;
  const password = await azureRegistryToken(http, origin, token, signal);
  return { username: "00000000-0000-0000-0000-000000000000", password, expires: now + THREE_HOURS_MS };
}
