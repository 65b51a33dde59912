import { Cursor } from "./cursor.js";
import { scanBlockScalar } from "./scalars.js";

/** What makes Go's printer use double quotes instead of a block. */
const NO_BLOCK = / \n| $|[^\n\t\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;

/**
 * A folded scalar once Go's printer has written it as one and it was read again, which is not always
 * what it was: before a line that begins with a blank, and at the end, a break may be added, and where
 * the text begins with a blank, breaks may be lost.
 */
export function refold(text: string): string {
  if (!text.includes("\n") || NO_BLOCK.test(text)) return text;
  const written = write(text);
  return scanBlockScalar(new Cursor(written), -1).value;
}

function write(text: string): string {
  const start = text.search(/[^\n]/);
  const first = start < 0 ? "" : text.charAt(start);
  const extraBreaks = first !== "" && first !== " " && first !== "\t";
  const hint = text.startsWith(" ") || text.startsWith("\n") ? "2" : "";
  let chomp = "-";
  if (text.endsWith("\n")) chomp = text.length === 1 || text.endsWith("\n\n") ? "+" : "";
  let out = `>${hint}${chomp}\n`;
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const last = index === lines.length - 1;
    if (line !== "") out += `  ${line}`;
    if (last) break;
    out += "\n";
    const leadingBlank = line.startsWith(" ") || line.startsWith("\t");
    if (line !== "" && !leadingBlank && extraBreaks) out += "\n";
  }
  return out;
}
