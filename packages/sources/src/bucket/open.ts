import type { BucketObject } from "../api/bucket.js";
import { type AwsKeys, awsKeys, ldapKeys } from "../cloud/aws.js";
import { azureToken, azureTokenOfSecret } from "../cloud/azure.js";
import { CloudError } from "../cloud/environment.js";
import { type BearerToken, gcpTokenOfKey, gcpTokenOfMachine } from "../cloud/gcp.js";
import type { CloudLogin } from "../cloud/registry.js";
import { authenticationFailed, type Connection, proxyFromSecret, tlsFromSecret } from "../connection.js";
import { type FailureReasons, SourceFailed } from "../failure.js";
import { HttpClient } from "../http-client.js";
import { requireSecret, type SecretData } from "../secrets.js";
import type { SourceDependencies, SourceRun } from "../source/reconcile.js";
import { AzureClient, type AzureCredential, accountOf } from "./azure-client.js";
import type { BucketClient } from "./bucket-client.js";
import { BucketError } from "./bucket-client.js";
import { GcsClient } from "./gcs-client.js";
import { S3Client } from "./s3-client.js";

type Run = SourceRun<BucketObject>;

export interface BucketDependencies extends SourceDependencies, CloudLogin {}

/** What an object's Secrets hold, read. */
interface Secrets {
  readonly login: SecretData | undefined;
  readonly loginName: string;
  /** Certificates and proxy. */
  readonly connection: Connection;
  readonly proxy: Pick<Connection, "proxy">;
}

const AZURE_STORAGE = "https://storage.azure.com";
const GCS_SCOPE = "https://www.googleapis.com/auth/devstorage.read_only";

/** A client for an object's bucket. Throws `SourceFailed`. */
export async function openBucket(run: Run, dependencies: BucketDependencies): Promise<BucketClient> {
  const { spec } = run.object;
  checkSpec(run.object);
  const secrets = await readSecrets(run);
  try {
    if (spec.provider === "gcp") return await openGcs(run, secrets, dependencies);
    if (spec.provider === "azure") return await openAzure(run, secrets, dependencies);
    return await openS3(run, secrets, dependencies);
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof CloudError) && !(error instanceof BucketError)) throw error;
    throw authenticationFailed(error.message);
  }
}

function checkSpec({ spec }: BucketObject): void {
  const { provider = "generic", endpoint, serviceAccountName, sts } = spec;
  if (serviceAccountName !== undefined && provider !== "generic") {
    const gate = "ObjectLevelWorkloadIdentity";
    stall(
      "FeatureGateDisabled",
      `to use spec.serviceAccountName for provider authentication please enable the ${gate} feature gate in the controller`,
    );
  }
  if (sts !== undefined) {
    const expected = provider === "aws" ? "aws" : provider === "generic" ? "ldap" : undefined;
    if (expected === undefined)
      stall(
        "InvalidSTSConfiguration",
        `STS configuration is not supported for '${provider}' bucket provider`,
      );
    if (sts.provider !== expected)
      stall(
        "InvalidSTSConfiguration",
        `STS provider '${sts.provider}' is not supported for '${provider}' bucket provider`,
      );
    if (!URL.canParse(sts.endpoint)) stall("URLInvalid", `failed to parse STS endpoint '${sts.endpoint}'`);
  }
  const isHost = /^[A-Za-z0-9._-]+(:\d{1,5})?$|^\[[0-9a-fA-F:]+\](:\d{1,5})?$/.test(endpoint);
  if (provider === "azure" ? !/^https?:\/\//.test(endpoint) || !URL.canParse(endpoint) : !isHost) {
    const wanted = provider === "azure" ? "a URL" : "a host with an optional port";
    throw new SourceFailed({
      condition: "FetchFailed",
      reason: "BucketOperationFailed",
      message: `the endpoint "${endpoint}" is not ${wanted}`,
      next: "retry",
    });
  }
}

function stall(reason: FailureReasons["FetchFailed"], message: string): never {
  throw new SourceFailed({ condition: "FetchFailed", reason, message, next: "stall" });
}

async function readSecrets(run: Run): Promise<Secrets> {
  const { spec, metadata } = run.object;
  const read = (name: string) => requireSecret(run.context, metadata.namespace, name);
  const cert = spec.certSecretRef?.name;
  const proxyName = spec.proxySecretRef?.name;
  const loginName = spec.secretRef?.name ?? "";
  const proxy = proxyName === undefined ? {} : { proxy: proxyFromSecret(await read(proxyName), proxyName) };
  const tls = cert === undefined ? {} : tlsFromSecret(await read(cert), cert);
  return {
    login: loginName === "" ? undefined : await read(loginName),
    loginName,
    connection: { ...tls, ...proxy },
    proxy,
  };
}

async function openS3(run: Run, secrets: Secrets, dependencies: BucketDependencies): Promise<BucketClient> {
  const { spec } = run.object;
  const region =
    spec.region ?? /\bs3[.-]([a-z0-9-]+)\.amazonaws\.com/.exec(spec.endpoint)?.[1] ?? "us-east-1";
  const keys = await s3Keys(run, secrets, region, dependencies);
  return new S3Client({
    endpoint: spec.endpoint,
    bucket: spec.bucketName,
    region,
    insecure: spec.insecure ?? false,
    ...(keys === undefined ? {} : { keys }),
    ...secrets.connection,
  });
}

type S3Keys = Pick<AwsKeys, "accessKey" | "secretKey"> & Partial<AwsKeys>;

async function s3Keys(
  run: Run,
  secrets: Secrets,
  region: string,
  { cloud, tokens }: BucketDependencies,
): Promise<S3Keys | undefined> {
  const { spec, metadata } = run.object;
  const { signal } = run;
  if (secrets.login !== undefined) return keysOf(secrets.login, secrets.loginName);
  if (spec.provider === "aws") {
    const request = { region, stsEndpoint: spec.sts?.endpoint, signal };
    const key = `aws ${region} ${spec.sts?.endpoint ?? ""}`;
    return tokens.get(key, run.context.now, () =>
      using(secrets.proxy, (http) => awsKeys(http, cloud, request)),
    );
  }
  if (spec.sts === undefined) return undefined;
  const { endpoint, secretRef, certSecretRef } = spec.sts;
  const read = (name: string) => requireSecret(run.context, metadata.namespace, name);
  const tls =
    certSecretRef === undefined ? {} : tlsFromSecret(await read(certSecretRef.name), certSecretRef.name);
  const data = secretRef === undefined ? undefined : await read(secretRef.name);
  const [username, password] = [data?.get("username") ?? "", data?.get("password") ?? ""];
  if (secretRef !== undefined && (username === "" || password === "")) {
    throw authenticationFailed(
      `invalid '${secretRef.name}' secret data for 'ldap' STS provider: required fields username, password`,
    );
  }
  return using({ ...tls, ...secrets.proxy }, (http) =>
    ldapKeys(http, endpoint, { username, password }, signal),
  );
}

function keysOf(data: SecretData, name: string): S3Keys {
  const accessKey = data.get("accesskey") ?? "";
  const secretKey = data.get("secretkey") ?? "";
  if (accessKey === "" || secretKey === "") {
    throw authenticationFailed(`invalid '${name}' secret data: required fields 'accesskey' and 'secretkey'`);
  }
  return { accessKey, secretKey };
}

async function openGcs(run: Run, secrets: Secrets, dependencies: BucketDependencies): Promise<BucketClient> {
  const { spec } = run.object;
  const { token } = await gcsToken(run, secrets, dependencies);
  return new GcsClient({
    endpoint: spec.endpoint,
    bucket: spec.bucketName,
    insecure: spec.insecure ?? false,
    connection: secrets.proxy,
    token,
  });
}

async function gcsToken(
  run: Run,
  secrets: Secrets,
  { cloud, tokens }: BucketDependencies,
): Promise<BearerToken> {
  const { signal } = run;
  const { now } = run.context;
  if (secrets.login === undefined) {
    return tokens.get("gcp", now, () =>
      using(secrets.proxy, (http) => gcpTokenOfMachine(http, cloud, signal)),
    );
  }
  const key = secrets.login.get("serviceaccount");
  if (key === undefined) {
    throw authenticationFailed(
      `invalid '${secrets.loginName}' secret data: required fields 'serviceaccount'`,
    );
  }
  return using(secrets.proxy, (http) => gcpTokenOfKey(http, key, GCS_SCOPE, now, signal));
}

async function openAzure(
  run: Run,
  secrets: Secrets,
  dependencies: BucketDependencies,
): Promise<BucketClient> {
  const { spec } = run.object;
  return new AzureClient({
    endpoint: spec.endpoint,
    container: spec.bucketName,
    connection: secrets.proxy,
    credential: await azureCredential(run, secrets, dependencies),
  });
}

async function azureCredential(
  run: Run,
  { login, loginName, proxy }: Secrets,
  { cloud, tokens }: BucketDependencies,
): Promise<AzureCredential> {
  const request = { resource: AZURE_STORAGE, signal: run.signal };
  if (login === undefined || login.size === 0) {
    const fetch = () => using(proxy, (http) => azureToken(http, cloud, request));
    return { kind: "token", token: (await tokens.get("azure", run.context.now, fetch)).token };
  }
  if (!["clientId", "accountKey", "sasKey", "authorityHost"].some((key) => login.has(key))) {
    throw authenticationFailed(
      `invalid '${loginName}' secret data: requires a 'clientId' or 'accountKey' field, a combination of 'tenantId', 'clientId' and 'clientSecret', or 'tenantId', 'clientId' and 'clientCertificate'`,
    );
  }
  const token = await using(proxy, (http) => azureTokenOfSecret(http, cloud, login, request));
  if (token !== undefined) return { kind: "token", token: token.token };
  const [accountKey, sasKey] = [login.get("accountKey"), login.get("sasKey")];
  if (accountKey !== undefined) {
    return {
      kind: "accountKey",
      account: accountOf(run.object.spec.endpoint),
      key: Buffer.from(accountKey, "base64"),
    };
  }
  return sasKey === undefined
    ? { kind: "anonymous" }
    : { kind: "sas", query: sasKey.trim().replace(/^\?/, "") };
}

async function using<T>(connection: Connection, use: (http: HttpClient) => Promise<T>): Promise<T> {
  const http = new HttpClient(connection);
  try {
    return await use(http);
  } finally {
    await http.close();
  }
}
