import { OciError } from "../error.js";

/** What CBOR (RFC 8949) can say, as far as signatures use it. */
export type CborValue =
  | number
  | boolean
  | null
  | string
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<CborValue, CborValue>
  | CborTag;

/** A value with a tag. */
export class CborTag {
  readonly tag: number;
  readonly value: CborValue;

  constructor(tag: number, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

const MAX_DEPTH = 16;

/**
 * Reads one value that fills `bytes`. Lengths have to be definite and numbers whole, as in deterministic
 * encodings. Throws `OciError` `unverified`.
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (reader.at !== bytes.length) throw malformed();
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get at(): number {
    return this.#at;
  }

  value(depth: number): CborValue {
    if (depth > MAX_DEPTH) throw malformed();
    const first = this.#take(1)[0] ?? 0;
    const [major, info] = [first >> 5, first & 0x1f];
    if (major === 7) return simple(info);
    const number = this.#argument(info);
    switch (major) {
      case 0:
        return number;
      case 1:
        return -1 - number;
      case 2:
        return this.#take(number).slice();
      case 3:
        return text(this.#take(number));
      case 4:
        return this.#many(number, () => this.value(depth + 1));
      case 5:
        return this.#map(number, depth);
      default:
        return new CborTag(number, this.value(depth + 1));
    }
  }

  #map(count: number, depth: number): ReadonlyMap<CborValue, CborValue> {
    const map = new Map<CborValue, CborValue>();
    this.#many(count, () => {
      const key = this.value(depth + 1);
      if (map.has(key)) throw malformed();
      map.set(key, this.value(depth + 1));
    });
    return map;
  }

  #many<T>(count: number, read: () => T): T[] {
    // Each element takes a byte at least, so that a length cannot promise more than there is.
    if (count > this.#bytes.length - this.#at) throw malformed();
    return Array.from({ length: count }, read);
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw malformed();
    let value = 0n;
    for (const byte of this.#take(2 ** (info - 24))) value = (value << 8n) | BigInt(byte);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed();
    return Number(value);
  }

  #take(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#bytes.length) throw malformed();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function simple(info: number): CborValue {
  if (info === 20) return false;
  if (info === 21) return true;
  if (info === 22) return null;
  throw malformed();
}

function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformed(error);
  }
}

function malformed(cause?: unknown): OciError {
  return new OciError("unverified", "the signature envelope is no CBOR that can be read", { cause });
}

/** An array of texts and byte strings, which is what COSE signs. */
export function encodeCborArray(items: readonly (string | Uint8Array)[]): Buffer {
  const parts = items.map((item) => {
    const bytes = typeof item === "string" ? Buffer.from(item) : item;
    return Buffer.concat([head(typeof item === "string" ? 3 : 2, bytes.length), bytes]);
  });
  return Buffer.concat([head(4, items.length), ...parts]);
}

function head(major: number, value: number): Buffer {
  const kind = major << 5;
  if (value < 24) return Buffer.from([kind | value]);
  if (value < 0x100) return Buffer.from([kind | 24, value]);
  if (value < 0x10000) return Buffer.from([kind | 25, value >> 8, value & 0xff]);
  const long = Buffer.alloc(5);
  long[0] = kind | 26;
  long.writeUInt32BE(value, 1);
  return long;
}
