import { AwsV4Signer } from "aws4fetch";
import type { AwsKeys } from "./aws.js";

/** A POST to a service of AWS. */
export interface AwsPost {
  readonly url: string;
  readonly keys: Pick<AwsKeys, "accessKey" | "secretKey" | "sessionToken">;
  readonly region: string;
  readonly service: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  /** Epoch ms. */
  readonly now: number;
}

/** The headers of a request signed with version 4: those given, the time, and `authorization`. */
export async function signedHeaders(post: AwsPost): Promise<Record<string, string>> {
  const { url, keys, region, service, headers, body, now } = post;
  const signer = new AwsV4Signer({
    method: "POST",
    url,
    accessKeyId: keys.accessKey,
    secretAccessKey: keys.secretKey,
    ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
    service,
    region,
    datetime: new Date(now).toISOString().replace(/[:-]|\.\d{3}/g, ""),
    headers,
    body,
  });
  return Object.fromEntries((await signer.sign()).headers);
}
