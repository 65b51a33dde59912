import { bytesOf } from "../value/bytes.js";

const isBreak = (byte: number | undefined): boolean => byte === 0x0a || byte === 0x0d;
const padding = 0x3d;

/** Where base64 is malformed, as Go reports it. */
export function corruptBase64(text: string): number | undefined {
  const source = bytesOf(text);
  let filled = 0;
  for (let at = 0; at < source.length; at += 1) {
    const byte = source[at] ?? 0;
    if (isBreak(byte)) continue;
    if (/[A-Za-z0-9+/]/.test(String.fromCharCode(byte))) {
      filled = (filled + 1) % 4;
      continue;
    }
    if (byte !== padding || filled < 2) return at;
    let next = at + 1;
    if (filled === 2) {
      while (isBreak(source[next])) next += 1;
      if (next >= source.length) return source.length;
      if (source[next] !== padding) return next - 1;
      next += 1;
    }
    while (isBreak(source[next])) next += 1;
    return next < source.length ? next : undefined;
  }
  return filled === 0 ? undefined : source.length - filled;
}
