import { readFile } from "node:fs/promises";
import type { HttpClient } from "../http-client.js";
import { signedHeaders } from "./aws-signature.js";
import { type CloudEnvironment, CloudError, endpointsOf } from "./environment.js";
import { ask, askJson, formOrder, textField } from "./http.js";

/** Keys for AWS, for a while. */
export interface AwsKeys {
  readonly accessKey: string;
  readonly secretKey: string;
  readonly sessionToken: string | undefined;
  /** Epoch ms. */
  readonly expires: number;
}

export interface AwsRequest {
  readonly region: string;
  /** A token service in the place of AWS's. */
  readonly stsEndpoint?: string | undefined;
  readonly signal: AbortSignal;
}

const HOUR_MS = 60 * 60_000;

/**
 * Keys of the identity that this process has on AWS: from variables, by a web identity (IRSA), from the
 * container's agent (EKS Pod Identity, ECS), or from the instance. Throws `CloudError`.
 */
export async function awsKeys(
  http: HttpClient,
  environment: CloudEnvironment,
  request: AwsRequest,
): Promise<AwsKeys> {
  const { variables: env, clock } = environment;
  const [accessKey, secretKey] = [env["AWS_ACCESS_KEY_ID"] ?? "", env["AWS_SECRET_ACCESS_KEY"] ?? ""];
  if (accessKey !== "" && secretKey !== "") {
    const sessionToken = env["AWS_SESSION_TOKEN"] || undefined;
    return { accessKey, secretKey, sessionToken, expires: clock.now() + HOUR_MS };
  }
  const role = env["AWS_ROLE_ARN"];
  const tokenFile = env["AWS_WEB_IDENTITY_TOKEN_FILE"];
  if (role !== undefined && tokenFile !== undefined) {
    return assumeRole(http, environment, { ...request, role, token: await readToken(tokenFile) });
  }
  if (
    (env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ?? env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]) !== undefined
  ) {
    return containerKeys(http, env, request.signal);
  }
  return instanceKeys(http, environment, request.signal);
}

interface WebIdentity extends AwsRequest {
  readonly role: string;
  readonly token: string;
}

/** Trades a token of the cluster for keys (AssumeRoleWithWebIdentity). Throws `CloudError`. */
async function assumeRole(
  http: HttpClient,
  environment: CloudEnvironment,
  { role, token, region, stsEndpoint, signal }: WebIdentity,
): Promise<AwsKeys> {
  const url = stsEndpoint ?? endpointsOf(environment).awsSts ?? stsHost(region);
  const session = environment.variables["AWS_ROLE_SESSION_NAME"] ?? "capstan";
  const form = formOrder({
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: session,
    WebIdentityToken: token,
  });
  return keysFromXml(http, url, form, "assuming the role", signal);
}

/** Trades keys for those of a role that they may take on (AssumeRole). Throws `CloudError`. */
export async function roleKeys(
  http: HttpClient,
  environment: CloudEnvironment,
  keys: AwsKeys,
  { role, region, signal }: { readonly role: string; readonly region: string; readonly signal: AbortSignal },
): Promise<AwsKeys> {
  const url = `${endpointsOf(environment).awsSts ?? stsHost(region)}/`;
  const form = formOrder({
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: role,
    RoleSessionName: "capstan",
  });
  const now = environment.clock.now();
  const unsigned = { ...form.headers, accept: "application/xml" };
  const headers = await signedHeaders({ ...form, headers: unsigned, url, keys, region, service: "sts", now });
  return keysFromXml(http, url, { ...form, headers }, `assuming the role '${role}'`, signal);
}

/** Trades a name and a password for keys (AssumeRoleWithLDAPIdentity, as MinIO has it). Throws `CloudError`. */
export async function ldapKeys(
  http: HttpClient,
  url: string,
  login: { readonly username: string; readonly password: string },
  signal: AbortSignal,
): Promise<AwsKeys> {
  const form = formOrder({
    Action: "AssumeRoleWithLDAPIdentity",
    Version: "2011-06-15",
    LDAPUsername: login.username,
    LDAPPassword: login.password,
  });
  return keysFromXml(http, url, form, "asking for temporary credentials", signal);
}

function stsHost(region: string): string {
  return `https://sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
}

async function keysFromXml(
  http: HttpClient,
  url: string,
  form: { readonly method: "POST"; readonly headers: Record<string, string>; readonly body: string },
  what: string,
  signal: AbortSignal,
): Promise<AwsKeys> {
  const answer = await ask(http, {
    ...form,
    what,
    url,
    signal,
    headers: { ...form.headers, accept: "application/xml" },
  });
  const xml = answer.body.toString("utf8");
  const element = (name: string) => new RegExp(`<${name}>([^<]{1,16384})</${name}>`).exec(xml)?.[1];
  const [accessKey, secretKey] = [element("AccessKeyId"), element("SecretAccessKey")];
  if (answer.status !== 200 || accessKey === undefined || secretKey === undefined) {
    const code = element("Code");
    const reason = code !== undefined && /^[\w.-]+$/.test(code) ? ` ${code}` : "";
    throw new CloudError(`${what}: the token service answered ${answer.status}${reason}`);
  }
  return {
    accessKey,
    secretKey: unescapeXml(secretKey),
    sessionToken: element("SessionToken"),
    expires: Date.parse(element("Expiration") ?? "") || 0,
  };
}

function unescapeXml(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#34;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}

async function containerKeys(
  http: HttpClient,
  env: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<AwsKeys> {
  const url =
    env["AWS_CONTAINER_CREDENTIALS_FULL_URI"] ??
    `http://169.254.170.2${env["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] ?? ""}`;
  const file = env["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"];
  const authorization = file === undefined ? env["AWS_CONTAINER_AUTHORIZATION_TOKEN"] : await readToken(file);
  const what = "asking the container's agent";
  return keysFromJson(await askJson(http, { what, url, signal, authorization }), what);
}

/** Version 2 of the instance's metadata: a token first, then the role, then its keys. */
async function instanceKeys(
  http: HttpClient,
  environment: CloudEnvironment,
  signal: AbortSignal,
): Promise<AwsKeys> {
  const base = `${endpointsOf(environment).awsMetadata}/latest`;
  const what = "asking the instance's metadata";
  const token = await ask(http, {
    what,
    method: "PUT",
    url: `${base}/api/token`,
    headers: { "x-aws-ec2-metadata-token-ttl-seconds": "300" },
    signal,
  });
  if (token.status !== 200) throw new CloudError(`${what}: the service answered ${token.status}`);
  const headers = { "x-aws-ec2-metadata-token": token.body.toString("utf8").trim() };
  const roles = `${base}/meta-data/iam/security-credentials/`;
  const answer = await ask(http, { what, url: roles, headers, signal });
  const role = answer.body.toString("utf8").trim().split("\n", 1)[0] ?? "";
  if (answer.status !== 200 || !/^[\w+=,.@-]+$/.test(role)) {
    throw new CloudError(`${what}: the instance has no role`);
  }
  return keysFromJson(await askJson(http, { what, url: `${roles}${role}`, headers, signal }), what);
}

function keysFromJson(answer: Readonly<Record<string, unknown>>, what: string): AwsKeys {
  return {
    accessKey: textField(answer, "AccessKeyId", what),
    secretKey: textField(answer, "SecretAccessKey", what),
    sessionToken: textField(answer, "Token", what),
    expires: Date.parse(textField(answer, "Expiration", what)) || 0,
  };
}

async function readToken(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "unknown";
    throw new CloudError(`the token of the web identity cannot be read: ${code}`, { cause: error });
  }
}
