/** The little of ASN.1 DER that certificates need (ITU-T X.690). */

/** One value: tag, length, content. */
function der(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const length = contents.reduce((sum, content) => sum + content.length, 0);
  const head = length < 0x80 ? [tag, length] : [tag, ...longLength(length)];
  return Buffer.concat([Uint8Array.from(head), ...contents]);
}

function longLength(length: number): number[] {
  const bytes: number[] = [];
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return [0x80 | bytes.length, ...bytes];
}

export const sequence = (...contents: readonly Uint8Array[]) => der(0x30, ...contents);
export const set = (...contents: readonly Uint8Array[]) => der(0x31, ...contents);
export const utf8 = (text: string) => der(0x0c, Buffer.from(text));
export const octets = (bytes: Uint8Array) => der(0x04, bytes);
export const boolean = (value: boolean) => der(0x01, Uint8Array.of(value ? 0xff : 0));
/** A context-specific, constructed value. */
export const explicit = (tag: number, ...contents: readonly Uint8Array[]) => der(0xa0 | tag, ...contents);
/** A context-specific, primitive value. */
export const implicit = (tag: number, content: Uint8Array) => der(0x80 | tag, content);

/** A bit string whose last `unused` bits do not count. */
export const bits = (bytes: Uint8Array, unused = 0) => der(0x03, Uint8Array.of(unused), bytes);

/** A non-negative integer given as big-endian bytes. */
export function integer(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const trimmed = bytes.subarray(start);
  const signed = (trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Uint8Array.of(0), trimmed]) : trimmed;
  return der(0x02, signed);
}

/** An object identifier in dotted form. */
export function oid(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc & 0x7f];
    for (let more = arc >>> 7; more > 0; more >>>= 7) groups.unshift((more & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return der(0x06, Uint8Array.from(bytes));
}

/** A time of a certificate: UTCTime up to 2049, GeneralizedTime after (RFC 5280, 4.1.2.5). */
export function time(ms: number): Uint8Array {
  const digits = new Date(ms).toISOString().replace(/[-:T]/g, "").slice(0, 14);
  return Number(digits.slice(0, 4)) < 2050
    ? der(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : der(0x18, Buffer.from(`${digits}Z`));
}
