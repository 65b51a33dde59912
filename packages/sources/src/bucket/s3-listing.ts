import { S3Error, type S3Object } from "./s3-client.js";

/** One page of a listing (ListObjectsV2), keys decoded. Throws `S3Error` for what is no listing. */
export function parseListing(xml: string): { objects: S3Object[]; next: string | undefined } {
  if (!/<ListBucketResult[\s>]/.test(xml)) throw new S3Error("the storage did not answer with a listing");
  const encoded = element(xml, "EncodingType") === "url";
  const objects = elements(xml, "Contents").map((entry): S3Object => {
    const key = element(entry, "Key");
    const size = Number(element(entry, "Size"));
    if (key === undefined || !Number.isSafeInteger(size))
      throw new S3Error("the storage's listing is malformed");
    const etag = (element(entry, "ETag") ?? "").replace(/^"|"$/g, "");
    return { key: encoded ? decodeKey(key) : key, etag, size };
  });
  const truncated = element(xml, "IsTruncated") === "true";
  return { objects, next: truncated ? element(xml, "NextContinuationToken") : undefined };
}

function* ranges(xml: string, name: string): Generator<string> {
  const open = `<${name}>`;
  const close = `</${name}>`;
  for (let from = xml.indexOf(open); from >= 0; from = xml.indexOf(open, from)) {
    const end = xml.indexOf(close, from);
    if (end < 0) return;
    yield xml.slice(from + open.length, end);
    from = end + close.length;
  }
}

function elements(xml: string, name: string): string[] {
  return [...ranges(xml, name)];
}

function element(xml: string, name: string): string | undefined {
  const text = ranges(xml, name).next().value;
  return typeof text === "string" ? unescapeXml(text) : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-fA-F]{1,6}|#\d{1,7}|amp|lt|gt|quot|apos);/g, (whole, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? whole;
    const code = name[1] === "x" ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch (error) {
    throw new S3Error("the storage's listing is malformed", { cause: error });
  }
}
