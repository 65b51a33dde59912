/** Longest name of a field manager, in bytes. */
const MAX_BYTES = 128;

/** The field manager of a request: the one it names, else the product part of its user agent. */
export function fieldManagerOf(named: string | undefined, userAgent: string | undefined): string {
  if (named) return named;
  const [product = ""] = (userAgent ?? "").split("/", 1);
  let name = "";
  for (const char of product) {
    if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(char)) continue;
    if (Buffer.byteLength(name + char) > MAX_BYTES) break;
    name += char;
  }
  return name;
}
