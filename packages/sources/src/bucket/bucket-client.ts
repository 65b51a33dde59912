/** An object as a listing shows it; the etag is without quotes. */
export interface ListedObject {
  readonly key: string;
  readonly etag: string;
  readonly size: number;
}

/** What a storage answered that is not what was asked for; `message` carries no credentials. */
export class BucketError extends Error {
  override readonly name = "BucketError";
}

/** One bucket, whatever its storage speaks. Everything throws `BucketError` and `HttpFailure`. */
export interface BucketClient {
  /** All objects whose keys begin with `prefix`; past `maxObjects` it fails. */
  list(prefix: string, maxObjects: number, now: number, signal: AbortSignal): Promise<ListedObject[]>;
  /** An object's bytes and etag; `undefined` where it is gone. */
  get(
    key: string,
    maxBytes: number,
    now: number,
    signal: AbortSignal,
  ): Promise<{ bytes: Buffer; etag: string } | undefined>;
  close(): Promise<void>;
}

const MAX_PAGES = 1000;

/** One page of a listing, and where the next one begins. */
export interface ListingPage {
  readonly objects: readonly ListedObject[];
  readonly next: string | undefined;
}

/** Reads a listing page by page, up to `maxObjects`. */
export async function listPages(
  maxObjects: number,
  page: (token: string | undefined) => Promise<ListingPage>,
): Promise<ListedObject[]> {
  const objects: ListedObject[] = [];
  let token: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const listing = await page(token);
    objects.push(...listing.objects);
    if (objects.length > maxObjects) throw new BucketError(`the bucket has more than ${maxObjects} objects`);
    if (listing.next === undefined) return objects;
    if (listing.next === token) break;
    token = listing.next;
  }
  throw new BucketError("the bucket's listing does not end");
}

/** An etag header without its quotes. */
export function plainEtag(header: string | string[] | undefined): string {
  return String(header ?? "").replace(/^"|"$/g, "");
}
