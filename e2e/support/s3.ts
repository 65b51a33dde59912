import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Certificate, serve, type TestServer } from "./servers.js";

export interface S3Keys {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** An S3 server with one bucket. */
export interface S3Server extends TestServer {
  readonly bucket: string;
  readonly objects: Map<string, Buffer>;
  /** Method and path of everything that was asked as it should be. */
  readonly requests: string[];
}

/**
 * A storage that speaks as much of S3 as it takes to follow a bucket, and believes nobody: each request's Signature
 * Version 4 is computed anew from what arrived, as the AWS documentation describes it, without a library. Without keys it
 * is open, and takes nothing that is signed.
 */
export async function s3Server(
  bucket: string,
  keys: S3Keys | undefined,
  tls?: Certificate,
): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const requests: string[] = [];
  const server = await serve((request, response) => {
    const url = new URL(request.url ?? "/", "http://s3");
    const refusal = keys === undefined ? whySigned(request) : whyUnsigned(request, url, keys);
    if (refusal !== undefined) return void fail(response, 403, refusal);
    requests.push(`${request.method} ${url.pathname}`);
    answer(url, response, bucket, objects);
  }, tls);
  return { ...server, bucket, objects, requests };
}

function answer(
  url: URL,
  response: ServerResponse,
  bucket: string,
  objects: ReadonlyMap<string, Buffer>,
): void {
  const [, name, ...rest] = url.pathname.split("/").map(decodeURIComponent);
  if (name !== bucket) return void fail(response, 404, "NoSuchBucket");
  const key = rest.join("/");
  if (key === "") return void list(url, response, objects);
  const bytes = objects.get(key);
  if (bytes === undefined) return void fail(response, 404, "NoSuchKey");
  response.setHeader("ETag", `"${etagOf(bytes)}"`);
  response.end(bytes);
}

const PAGE = 2;

function list(url: URL, response: ServerResponse, objects: ReadonlyMap<string, Buffer>): void {
  const prefix = url.searchParams.get("prefix") ?? "";
  const after = url.searchParams.get("continuation-token") ?? "";
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
  const page = keys.slice(0, PAGE);
  const more = keys.length > PAGE;
  const contents = page.map((key) => {
    const bytes = objects.get(key) ?? Buffer.alloc(0);
    const name = encodeURIComponent(key).replaceAll("%2F", "/");
    return `<Contents><Key>${name}</Key><ETag>&quot;${etagOf(bytes)}&quot;</ETag><Size>${bytes.length}</Size></Contents>`;
  });
  const next = more ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : "";
  response.setHeader("Content-Type", "application/xml");
  response.end(
    `<?xml version="1.0"?><ListBucketResult><EncodingType>url</EncodingType><IsTruncated>${more}</IsTruncated>${next}${contents.join("")}</ListBucketResult>`,
  );
}

function etagOf(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status).end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
}

const sha256 = (text: string | Buffer) => createHash("sha256").update(text).digest("hex");
const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();

function whySigned(request: IncomingMessage): string | undefined {
  return request.headers.authorization === undefined ? undefined : "InvalidAccessKeyId";
}

/** The error code for a request that is not signed as it should be. */
function whyUnsigned(request: IncomingMessage, url: URL, keys: S3Keys): string | undefined {
  const parsed =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? "",
    );
  if (parsed === null) return "AccessDenied";
  const [, id, day = "", region = "", names = "", given = ""] = parsed;
  const time = String(request.headers["x-amz-date"]);
  if (id !== keys.accessKey) return "InvalidAccessKeyId";
  const signed = names.split(";");
  if (!signed.includes("host") || !signed.includes("x-amz-date") || !time.startsWith(day))
    return "AccessDenied";
  const skew =
    Date.now() - Date.parse(time.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z"));
  if (!(Math.abs(skew) < 15 * 60_000)) return "RequestTimeTooSkewed";
  if (request.headers["x-amz-content-sha256"] !== sha256("")) return "XAmzContentSHA256Mismatch";
  const query = (request.url ?? "").split("?")[1] ?? "";
  const canonical = [
    request.method,
    url.pathname,
    query
      .split("&")
      .filter((part) => part !== "")
      .sort()
      .join("&"),
    ...signed.map((name) => `${name}:${String(request.headers[name]).trim().replace(/ +/g, " ")}`),
    "",
    names,
    request.headers["x-amz-content-sha256"],
  ].join("\n");
  const scope = `${day}/${region}/s3/aws4_request`;
  const key = ["s3", "aws4_request"].reduce(hmac, hmac(hmac(`AWS4${keys.secretKey}`, day), region));
  const expected = hmac(key, ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n"));
  return timingSafeEqual(expected, Buffer.from(given, "hex")) ? undefined : "SignatureDoesNotMatch";
}
