import { readsAsString } from "./yaml-scalar.js";

/** Column beyond which Go's printer breaks a line at the next single space. */
const bestWidth = 80;

// Everything but line feed, printable ASCII, U+00A0-U+D7FF and U+E000-U+FFFD without the byte order mark.
const special = /[^\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const lineSeparator = /[\u2028\u2029]/;
const simple = /^[A-Za-z_./][A-Za-z0-9_./-]*$/;
const reserved =
  /^(?:[yYnN]|[yY]es|YES|[nN]o|NO|[oO]n|ON|[oO]ff|OFF|[tT]rue|TRUE|[fF]alse|FALSE|[nN]ull|NULL)$/;
const indicatorFirst = /^[#,[\]{}&*!|>'"%@`]/;
const indicatorThenBlank = /^[-?:](?:\s|$)/;
const indicatorInside = /:(?:\s|$)|\s#/;

/** Where a string is printed: its first column, the indentation of its further lines, whether as a key. */
export interface StringPlace {
  readonly column: number;
  readonly indent: number;
  readonly key: boolean;
}

/** A string as `sigs.k8s.io/yaml` prints it: plain, quoted, folded or as a literal block. */
export function printYamlString(raw: string, place: StringPlace): string {
  if (simple.test(raw) && raw.length < 60 && !reserved.test(raw) && !raw.startsWith(".")) return raw;
  // The printer's input passes through a YAML 1.1 reader, to which NEL is a line break to be folded.
  const text = raw.includes("\u0085") ? raw.replace(/[ \t]*\u0085[ \t]*/g, " ") : raw;
  if (text.includes("\n")) {
    return blockAllowed(text, place) ? literalBlock(text, place.indent) : doubleQuoted(text, place);
  }
  if (!readsAsString(text) || special.test(text) || !isWellFormed(text)) return doubleQuoted(text, place);
  return plainAllowed(text) ? folded(text, place, false) : singleQuoted(text, place);
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/.test(text);
}

function blockAllowed(text: string, place: StringPlace): boolean {
  return (
    !place.key && !text.endsWith(" ") && !text.includes(" \n") && !special.test(text) && isWellFormed(text)
  );
}

function plainAllowed(text: string): boolean {
  if (text.startsWith(" ") || text.endsWith(" ") || lineSeparator.test(text)) return false;
  if (text.startsWith("---") || text.startsWith("...")) return false;
  return !indicatorFirst.test(text) && !indicatorThenBlank.test(text) && !indicatorInside.test(text);
}

function literalBlock(text: string, indent: number): string {
  const hint = text.startsWith(" ") || text.startsWith("\n") ? "2" : "";
  const body = text.replace(/\n+$/, "");
  const breaks = text.length - body.length;
  const chomp = breaks === 0 ? "-" : breaks === 1 && body !== "" ? "" : "+";
  const margin = " ".repeat(indent);
  const lines = body === "" ? [] : body.split("\n").map((line) => (line === "" ? "" : margin + line));
  const tail = "\n".repeat(chomp === "+" ? breaks : 0);
  return `|${hint}${chomp}\n${lines.join("\n")}${tail}`;
}

function singleQuoted(text: string, place: StringPlace): string {
  const margin = " ".repeat(place.indent);
  const escaped = text.replaceAll("'", "''");
  const broken = lineSeparator.test(escaped) ? escaped.replace(/([\u2028\u2029]+)/g, `$1${margin}`) : escaped;
  return `'${folded(broken, { ...place, column: place.column + 1 }, true)}'`;
}

/** Breaks lines past the width at spaces that stand alone. Not at the first or last character of quoted text. */
function folded(text: string, place: StringPlace, quoted: boolean): string {
  if (place.key || place.column + text.length <= bestWidth) return text;
  let out = "";
  let column = place.column;
  const chars = Array.from(text);
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] as string;
    const alone = char === " " && chars[at - 1] !== " " && chars[at + 1] !== " ";
    const inside = !quoted || (at > 0 && at < chars.length - 1);
    if (alone && inside && column > bestWidth) {
      out += `\n${" ".repeat(place.indent)}`;
      column = place.indent;
    } else {
      out += char;
      column++;
    }
  }
  return out;
}

const escapes: ReadonlyMap<number, string> = new Map([
  [0x00, "\\0"],
  [0x07, "\\a"],
  [0x08, "\\b"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0b, "\\v"],
  [0x0c, "\\f"],
  [0x0d, "\\r"],
  [0x1b, "\\e"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
  [0x85, "\\N"],
  [0x2028, "\\L"],
  [0x2029, "\\P"],
]);

function doubleQuoted(text: string, place: StringPlace): string {
  let out = '"';
  let column = place.column + 1;
  const all = text.startsWith("\ufeff");
  const chars = Array.from(text);
  let afterSpace = false;
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at] as string;
    const inside = at > 0 && at < chars.length - 1;
    if (char === " " && !all) {
      if (!place.key && !afterSpace && inside && column > bestWidth) {
        out += `\n${" ".repeat(place.indent)}${chars[at + 1] === " " ? "\\" : ""}`;
        column = place.indent + (chars[at + 1] === " " ? 1 : 0);
      } else {
        out += char;
        column++;
      }
      afterSpace = true;
      continue;
    }
    const printed = escapeChar(char, all);
    out += printed;
    column += printed.length === char.length ? 1 : printed.length;
    afterSpace = false;
  }
  return `${out}"`;
}

function escapeChar(char: string, all: boolean): string {
  const code = char.codePointAt(0) ?? 0;
  const known = escapes.get(code);
  if (known !== undefined) return known;
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  if (surrogate) return "\ufffd";
  if (!all && !special.test(char)) return char;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
