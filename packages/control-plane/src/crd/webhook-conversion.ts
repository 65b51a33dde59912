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
  for (const field of ["name", "namespace", "uid"] as const) {
    if ((original.metadata[field] ?? "") !== (converted.metadata?.[field] ?? "")) {
      throw failed(original, `invalid converted object: ${field} must not change`);
    }
  }
  if (converted.apiVersion !== apiVersion || converted.kind !== original.kind) {
    throw failed(
      original,
      `invalid converted object at index 0: expected ${apiVersion}, Kind=${original.kind}`,
    );
  }
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

function failed(object: KubeObject | undefined, why: string): Error {
  const { group, version } = parseApiVersion(textOf(object?.apiVersion));
  return untyped(`conversion webhook for ${group}/${version}, Kind=${object?.kind ?? ""} failed: ${why}`);
}
