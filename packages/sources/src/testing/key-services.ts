import {
  constants,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createVerify,
  type KeyObject,
  privateDecrypt,
} from "node:crypto";
import type { IncomingMessage } from "node:http";
import { listen } from "./home.js";

/** What the services accept, and what they were asked. */
export interface KeyServices {
  readonly base: string;
  readonly asked: string[];
}

export interface KeyServicesOptions {
  /** AWS secret keys by access key; temporary ones with the session token that goes with them. */
  readonly awsKeys: ReadonlyMap<string, { readonly secret: string; readonly session?: string }>;
  /** Roles that may be taken on, with the keys that are given out. */
  readonly roles?: ReadonlyMap<string, string>;
  /** Verifies the tokens of the Google service account. */
  readonly gcpAccount: KeyObject;
  /** Opens what the Azure vault wrapped. */
  readonly azureKey: string;
}

/** The key services of three clouds in one server, which check who asks and really decrypt. */
export async function keyServices(options: KeyServicesOptions): Promise<KeyServices> {
  const asked: string[] = [];
  const host = await listen((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString("utf8");
      asked.push(`${request.method} ${request.url}`);
      const { status, value } = answer(request, body, options);
      response.writeHead(status).end(typeof value === "string" ? value : JSON.stringify(value));
    });
  });
  return { base: `http://${host}`, asked };
}

interface Answer {
  readonly status: number;
  readonly value: unknown;
}

function answer(request: IncomingMessage, body: string, options: KeyServicesOptions): Answer {
  const { pathname } = new URL(request.url ?? "", "http://x");
  if (pathname === "/aws-kms/") return awsKms(request, body, options);
  if (pathname === "/aws-sts/") return awsSts(request, body, options);
  if (pathname === "/gcp-token") return gcpToken(body, options);
  if (pathname.endsWith(":decrypt")) return gcpKms(request, body);
  if (pathname === "/tenant/oauth2/v2.0/token") return azureToken(body);
  if (pathname.startsWith("/keys/")) return azureVault(request, body, options);
  return { status: 404, value: {} };
}

function awsKms(request: IncomingMessage, body: string, options: KeyServicesOptions): Answer {
  const problem = signatureProblem(request, body, "kms", options);
  if (problem !== undefined)
    return { status: 400, value: { __type: "IncompleteSignatureException", message: problem } };
  if (request.headers["x-amz-target"] !== "TrentService.Decrypt")
    return { status: 400, value: { __type: "UnknownOperationException" } };
  const { CiphertextBlob, EncryptionContext, KeyId } = JSON.parse(body);
  if (!KeyId.startsWith("arn:aws:kms:eu-west-1:"))
    return { status: 400, value: { __type: "NotFoundException", message: "no such key" } };
  const plaintext = unwrapped(CiphertextBlob, EncryptionContext);
  return plaintext === undefined
    ? { status: 400, value: { __type: "InvalidCiphertextException" } }
    : { status: 200, value: { KeyId, Plaintext: plaintext.toString("base64") } };
}

function awsSts(request: IncomingMessage, body: string, options: KeyServicesOptions): Answer {
  const problem = signatureProblem(request, body, "sts", options);
  const form = new URLSearchParams(body);
  const key = options.roles?.get(form.get("RoleArn") ?? "");
  const secret = key === undefined ? undefined : options.awsKeys.get(key);
  if (problem !== undefined || form.get("Action") !== "AssumeRole" || secret === undefined)
    return { status: 403, value: "<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>" };
  const fields = [
    `<AccessKeyId>${key}</AccessKeyId>`,
    `<SecretAccessKey>${secret.secret}</SecretAccessKey>`,
    `<SessionToken>${secret.session}</SessionToken>`,
    "<Expiration>2100-01-01T00:00:00Z</Expiration>",
  ];
  return { status: 200, value: `<R><Credentials>${fields.join("")}</Credentials></R>` };
}

/** Checks a signature of version 4 by its specification, and not with the library that made it. */
function signatureProblem(
  { headers, method, url }: IncomingMessage,
  body: string,
  service: string,
  { awsKeys }: KeyServicesOptions,
): string | undefined {
  const pattern =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const [, id = "", day = "", region = "", signedFor, names = "", signature] =
    pattern.exec(headers.authorization ?? "") ?? [];
  const known = awsKeys.get(id);
  if (known === undefined || signedFor !== service || region !== "eu-west-1") return "unknown credential";
  if (known.session !== undefined && headers["x-amz-security-token"] !== known.session) return "no session";
  for (const needed of ["host", "x-amz-date", ...(service === "kms" ? ["x-amz-target"] : [])])
    if (!names.split(";").includes(needed)) return `${needed} is not signed`;
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const canonical = [
    method,
    url,
    "",
    ...names.split(";").map((name) => `${name}:${headers[name]}`),
    "",
    names,
    hash(body),
  ].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope, hash(canonical)].join("\n");
  const key = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${known.secret}`, day));
  return hmac(key, text).toString("hex") === signature ? undefined : "the signature does not match";
}

function gcpToken(body: string, { gcpAccount }: KeyServicesOptions): Answer {
  const assertion = new URLSearchParams(body).get("assertion") ?? "";
  const [header = "", claims = "", signature = ""] = assertion.split(".");
  const verified = createVerify("sha256")
    .update(`${header}.${claims}`)
    .verify(gcpAccount, Buffer.from(signature, "base64url"));
  const { scope } = JSON.parse(Buffer.from(claims, "base64url").toString("utf8") || "{}");
  return verified && scope === "https://www.googleapis.com/auth/cloudkms"
    ? { status: 200, value: { access_token: "google-token", expires_in: 3600 } }
    : { status: 401, value: { error: "invalid_grant" } };
}

function gcpKms({ headers }: IncomingMessage, body: string): Answer {
  if (headers.authorization !== "Bearer google-token")
    return { status: 403, value: { error: { code: 403, status: "PERMISSION_DENIED", message: "not you" } } };
  const plaintext = unwrapped(JSON.parse(body).ciphertext, {});
  return plaintext === undefined
    ? { status: 400, value: { error: { status: "INVALID_ARGUMENT" } } }
    : { status: 200, value: { plaintext: plaintext.toString("base64") } };
}

function azureToken(body: string): Answer {
  const form = new URLSearchParams(body);
  const good = form.get("client_secret") === "s" && form.get("scope") === "https://vault.azure.net/.default";
  return good
    ? { status: 200, value: { access_token: "azure-token", expires_in: 3600 } }
    : { status: 401, value: { error: "invalid_client" } };
}

function azureVault(
  { headers, url }: IncomingMessage,
  body: string,
  { azureKey }: KeyServicesOptions,
): Answer {
  if (headers.authorization !== "Bearer azure-token")
    return { status: 401, value: { error: { code: "Unauthorized" } } };
  const { alg, value } = JSON.parse(body);
  if (alg !== "RSA-OAEP-256" || !/^\/keys\/sops\/[0-9a-f]{32}\/decrypt\?api-version=/.test(url ?? ""))
    return { status: 400, value: { error: { code: "BadParameter" } } };
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  const key = { key: createPrivateKey(azureKey), padding, oaepHash: "sha256" };
  return {
    status: 200,
    value: { value: privateDecrypt(key, Buffer.from(value, "base64url")).toString("base64url") },
  };
}

/** What the stand-in for key services wrapped; `undefined` where it was another, or with another context. */
function unwrapped(ciphertext: string, context: Readonly<Record<string, string>>): Buffer | undefined {
  const bytes = Buffer.from(ciphertext, "base64");
  const key = createHash("sha256").update("a key management service for tests").digest();
  const cipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12));
  cipher.setAAD(Buffer.from(JSON.stringify(Object.entries(context).sort())));
  cipher.setAuthTag(bytes.subarray(-16));
  try {
    return Buffer.concat([cipher.update(bytes.subarray(12, -16)), cipher.final()]);
  } catch {
    // It does not authenticate: the caller gets a refusal.
    return undefined;
  }
}
