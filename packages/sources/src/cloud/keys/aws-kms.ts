import { type AwsKeys, awsKeys, roleKeys } from "../aws.js";
import { signedHeaders } from "../aws-signature.js";
import { CloudError, endpointsOf } from "../environment.js";
import { askForPlaintext } from "./ask-service.js";
import type { AwsKey, CloudCredentials } from "./cloud-key.js";
import type { KeyContext } from "./key-context.js";

/** The region becomes part of a host's name, so that nothing else may stand there. */
const KEY = /^arn:aws[a-z-]*:kms:([a-z0-9-]{1,40}):[0-9]+:(?:key|alias)\/.+$/;

const HOUR_MS = 60 * 60_000;

/** Opens a data key with AWS KMS, in the key's own region. Throws `CloudError`. */
export async function openAwsKey(
  key: AwsKey,
  given: CloudCredentials["aws"],
  context: KeyContext,
): Promise<Uint8Array> {
  const region = KEY.exec(key.name)?.[1];
  if (region === undefined) throw new CloudError(`no valid ARN found in '${key.name}'`);
  const { http, cloud, signal } = context;
  const keys = await keysFor(key, region, given, context);
  const { variables: env } = cloud;
  // As the SDKs of AWS have it, so that stand-ins for AWS can be asked.
  const named = env["AWS_ENDPOINT_URL_KMS"] ?? env["AWS_ENDPOINT_URL"];
  const url = endpointsOf(cloud).awsKms ?? named ?? kmsAddress(key.name, region);
  const body = JSON.stringify({
    KeyId: key.name,
    CiphertextBlob: key.encrypted,
    EncryptionContext: key.context,
  });
  const { authorization, ...headers } = await signedHeaders({
    url,
    keys,
    region,
    service: "kms",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "TrentService.Decrypt" },
    body,
    now: cloud.clock.now(),
  });
  const what = "failed to decrypt sops data key with AWS KMS";
  return askForPlaintext(
    http,
    { what, method: "POST", url, headers, authorization, body, signal },
    "Plaintext",
  );
}

async function keysFor(
  { role }: AwsKey,
  region: string,
  given: CloudCredentials["aws"],
  { http, cloud, tokens, signal }: KeyContext,
): Promise<AwsKeys> {
  const now = cloud.clock.now();
  const own: AwsKeys =
    given === undefined
      ? await tokens.get(`keys aws ${region}`, now, () => awsKeys(http, cloud, { region, signal }))
      : { ...given, sessionToken: given.sessionToken, expires: now + HOUR_MS };
  if (role === "") return own;
  const name = `keys aws ${region} ${own.accessKey} ${own.secretKey} ${role}`;
  return tokens.get(name, now, () => roleKeys(http, cloud, own, { role, region, signal }));
}

function kmsAddress(arn: string, region: string): string {
  const partition = arn.split(":", 2)[1];
  const domain = DOMAINS.get(partition ?? "") ?? "amazonaws.com";
  return `https://kms.${region}.${domain}/`;
}

const DOMAINS: ReadonlyMap<string, string> = new Map([
  ["aws-cn", "amazonaws.com.cn"],
  ["aws-iso", "c2s.ic.gov"],
  ["aws-iso-b", "sc2s.sgov.gov"],
]);
