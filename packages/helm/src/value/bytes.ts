import { isUtf8 } from "node:buffer";

// Go's strings hold any bytes. A byte that is no UTF-8 is kept as a lone surrogate, U+DC00 plus the byte, so that
// text cut in the middle of a character still encodes and hashes to what Go makes of it.
const strays = /(?<![\ud800-\udbff])[\udc80-\udcff]/;
const marked = 0xdc00;

/** The bytes of a template's text. */
export function bytesOf(text: string): Buffer {
  if (!strays.test(text)) return Buffer.from(text);
  const parts: Buffer[] = [];
  let plain = "";
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < marked + 0x80 || code > marked + 0xff) {
      plain += char;
      continue;
    }
    parts.push(Buffer.from(plain), Buffer.of(code - marked));
    plain = "";
  }
  return Buffer.concat([...parts, Buffer.from(plain)]);
}

/** Bytes as a template's text: those that are no UTF-8 stay recognizable to bytesOf. */
export function textOfBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  let out = "";
  for (let at = 0; at < buffer.length; ) {
    const size = sequenceAt(buffer, at);
    out +=
      size === 0 ? String.fromCharCode(marked + (buffer[at] ?? 0)) : buffer.toString("utf8", at, at + size);
    at += Math.max(size, 1);
  }
  return out;
}

/** The length of the character at an offset; 0 when the bytes there are none. */
function sequenceAt(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0;
  const size =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  return size > 0 && at + size <= buffer.length && isUtf8(buffer.subarray(at, at + size)) ? size : 0;
}

/** The length in bytes. */
export function byteLength(text: string): number {
  return strays.test(text) ? bytesOf(text).length : Buffer.byteLength(text);
}

/** Text for readers outside: what is no UTF-8 becomes U+FFFD. */
export function wellFormed(text: string): string {
  return strays.test(text) ? text.replace(/(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd") : text;
}
