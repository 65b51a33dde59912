import { createHash } from "node:crypto";
import { type KubeObject, parseApiVersion, type Random } from "@capstan/kube";
import { LRUCache } from "lru-cache";
import { textOf } from "../admission/members.js";
import { type WebhookCaller, WebhookError } from "../admission/webhook-call.js";
import { untyped } from "../handler/errors.js";
import { randomUid } from "../handler/object-name.js";
import { NotConverted, type RemoteConversion } from "../registry/remote-conversion.js";
import { type ConversionClient, reviewConversion } from "./conversion-review.js";

const MAX_CONVERTED = 50_000;
const MAX_CONVERTED_BYTES = 48 * 1024 * 1024;

/** Conversions of one kind by its webhook, remembered by the content of what was converted. */
export class WebhookConversion implements RemoteConversion {
  readonly #client: ConversionClient;
  readonly #call: WebhookCaller;
  readonly #random: Random;
  readonly #converted = new LRUCache<string, KubeObject>({
    max: MAX_CONVERTED,
    maxSize: MAX_CONVERTED_BYTES,
    sizeCalculation: (object) => JSON.stringify(object).length,
  });

  constructor(client: ConversionClient, parts: { readonly call: WebhookCaller; readonly random: Random }) {
    this.#client = client;
    this.#call = parts.call;
    this.#random = parts.random;
  }

  /** The object at another version. Throws `NotConverted` unless it was prepared. */
  converted(object: KubeObject, apiVersion: string): KubeObject {
    if (object.apiVersion === apiVersion) return object;
    const found = this.#converted.get(keyOf(object, apiVersion));
    if (found === undefined) throw new NotConverted(object, apiVersion);
    return found;
  }

  async prepare(objects: readonly KubeObject[], apiVersion: string): Promise<void> {
    const missing = new Map<string, KubeObject>();
    for (const object of objects) {
      if (object.apiVersion === apiVersion) continue;
      const key = keyOf(object, apiVersion);
      if (!this.#converted.has(key)) missing.set(key, object);
    }
    if (missing.size === 0) return;
    const asked = [...missing.values()];
    const answered = await this.#ask(asked, apiVersion);
    for (const [index, key] of [...missing.keys()].entries()) {
      const original = asked[index];
      const converted = answered[index];
      if (original === undefined || converted === undefined) continue;
      this.#converted.set(key, withOwnMetadata(original, converted, apiVersion));
    }
  }

  async #ask(objects: readonly KubeObject[], apiVersion: string): Promise<readonly KubeObject[]> {
    try {
      return await reviewConversion(
        { uid: randomUid(this.#random), objects, apiVersion },
        this.#client,
        this.#call,
      );
    } catch (error) {
      if (!(error instanceof WebhookError)) throw error;
      throw failed(objects[0], error.message);
    }
  }
}

function keyOf(object: KubeObject, apiVersion: string): string {
  return createHash("sha1").update(apiVersion).update("\0").update(JSON.stringify(object)).digest("base64");
}

/** A webhook may change labels and annotations; whose object it is stays. Throws 500 where it is not. */
function withOwnMetadata(original: KubeObject, converted: KubeObject, apiVersion: string): KubeObject {
  const misfit = misfitOf(original, converted, apiVersion);
  if (misfit !== undefined) throw untyped(`${conversionOf(original)} returned invalid object${misfit}`);
  const { labels: _l, annotations: _a, ...own } = original.metadata;
  const { labels, annotations } = converted.metadata;
  return {
    ...converted,
    metadata: {
      ...own,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

function misfitOf(original: KubeObject, converted: KubeObject, apiVersion: string): string | undefined {
  const { apiVersion: given, kind, metadata } = converted;
  if (given !== apiVersion) {
    return ` at index 0: invalid groupVersion (expected ${apiVersion}, received ${given})`;
  }
  if (kind !== original.kind) {
    return ` at index 0: invalid kind (expected ${original.kind}, received ${kind})`;
  }
  for (const [field, named] of OWN_FIELDS) {
    const [own = "", other = ""] = [original.metadata[field], metadata[field]];
    if (own !== other) return `: must have the same ${named}: ${own} != ${other}`;
  }
  return undefined;
}

const OWN_FIELDS = [
  ["name", "name"],
  ["namespace", "namespace"],
  ["uid", "UID"],
] as const;

function failed(object: KubeObject | undefined, why: string): Error {
  return untyped(`${conversionOf(object)} failed: ${why}`);
}

function conversionOf(object: KubeObject | undefined): string {
  const { group, version } = parseApiVersion(textOf(object?.apiVersion));
  return `conversion webhook for ${group}/${version}, Kind=${object?.kind ?? ""}`;
}
