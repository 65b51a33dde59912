import { BucketError, type ListedObject, type ListingPage } from "./bucket-client.js";
import { element, elements } from "./xml.js";

/** One page of a listing (ListObjectsV2), keys decoded. Throws `BucketError` for what is no listing. */
export function parseListing(xml: string): ListingPage {
  if (!/<ListBucketResult[\s>]/.test(xml)) throw new BucketError("the storage did not answer with a listing");
  const encoded = element(xml, "EncodingType") === "url";
  const objects = elements(xml, "Contents").map((entry): ListedObject => {
    const key = element(entry, "Key");
    const size = Number(element(entry, "Size"));
    if (key === undefined || !Number.isSafeInteger(size))
      throw new BucketError("the storage's listing is malformed");
    const etag = (element(entry, "ETag") ?? "").replace(/^"|"$/g, "");
    return { key: encoded ? decodeKey(key) : key, etag, size };
  });
  const truncated = element(xml, "IsTruncated") === "true";
  return { objects, next: truncated ? element(xml, "NextContinuationToken") : undefined };
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch (error) {
    throw new BucketError("the storage's listing is malformed", { cause: error });
  }
}
