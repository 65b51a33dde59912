const short = new Map([
  [0x07, "\\a"],
  [0x08, "\\b"],
  [0x0c, "\\f"],
  [0x0a, "\\n"],
  [0x0d, "\\r"],
  [0x09, "\\t"],
  [0x0b, "\\v"],
  [0x5c, "\\\\"],
]);
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

/** One code point as Go's strconv quotes it; `quote` is escaped too. */
export function quoteRune(code: number, quote: string, ascii = false): string {
  const char = String.fromCodePoint(code);
  if (char === quote) return `\\${quote}`;
  const known = short.get(code);
  if (known !== undefined) return known;
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code >= 0xd800 && code <= 0xdfff) return "\\ufffd";
  if (code === 0x20 || (printable.test(char) && (!ascii || code < 0x7f))) return char;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Text as Go's `%q` prints it. */
export function quote(text: string, ascii = false): string {
  if (/^[ !#-[\]-~]*$/.test(text)) return `"${text}"`;
  let result = "";
  for (const char of text) result += quoteRune(char.codePointAt(0) ?? 0, '"', ascii);
  return `"${result}"`;
}
