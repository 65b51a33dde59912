import { formatGoFloat, readsAsString } from "@capstan/kube";
import type { Scalar } from "../tree/tree.js";

// Everything but line feed, tab, printable ASCII, U+00A0-U+D7FF and U+E000-U+FFFD without the byte order mark.
const special = /[^\n\t\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const indicatorFirst = /^[#,[\]{}&*!|>'"%@`]/;
const indicatorThenBlank = /^[-?:](?:\s|$)/;
const indicatorInside = /:(?:\s|$)|\s#/;

/** A scalar as yaml.v3 prints it for SOPS; further lines of it are indented by `indent`. */
export function printYamlScalar(value: Scalar, indent: number, isKey = false): string {
  switch (value.type) {
    case "null":
      return "null";
    case "bool":
    case "int":
      return String(value.value);
    case "time":
      return value.value;
    case "float":
      return printFloat(value.value);
    case "bytes":
      return printText(base64Lines(value.value), indent, isKey, "!!binary ");
    case "str":
      return printText(value.value, indent, isKey, "");
  }
}

function printFloat(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  return formatGoFloat(value, 6);
}

function printText(text: string, indent: number, isKey: boolean, tag: string): string {
  if (text.includes("\n")) {
    return tag + (blockAllowed(text, isKey) ? literalBlock(text, indent) : doubleQuoted(text));
  }
  if (text === "<<") return `!!merge ${text}`;
  if (tag === "" && !readsAsString(text)) return doubleQuoted(text);
  if (/[\t]/.test(text) || special.test(text)) return tag + doubleQuoted(text);
  return tag + (plainAllowed(text) ? text : `'${text.replaceAll("'", "''")}'`);
}

/** Base64 in lines of 70 characters; a text shorter than that stays on its line. */
function base64Lines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("base64");
  return text.length < 70 ? text : text.replace(/.{1,70}/g, "$&\n");
}

function blockAllowed(text: string, isKey: boolean): boolean {
  return !isKey && !text.endsWith(" ") && !text.includes(" \n") && !special.test(text);
}

function plainAllowed(text: string): boolean {
  if (text.startsWith(" ") || text.endsWith(" ") || /[\u2028\u2029]/.test(text)) return false;
  if (text.startsWith("---") || text.startsWith("...")) return false;
  return !indicatorFirst.test(text) && !indicatorThenBlank.test(text) && !indicatorInside.test(text);
}

function literalBlock(text: string, indent: number): string {
  const hint = text.startsWith(" ") || text.startsWith("\n") ? "4" : "";
  const body = text.replace(/\n+$/, "");
  const breaks = text.length - body.length;
  const chomp = breaks === 0 ? "-" : breaks === 1 && body !== "" ? "" : "+";
  const margin = " ".repeat(indent);
  const lines = body === "" ? [] : body.split("\n").map((line) => (line === "" ? "" : margin + line));
  return `|${hint}${chomp}\n${lines.join("\n")}${"\n".repeat(chomp === "+" ? breaks : 0)}`;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ["\0", "\\0"],
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\v", "\\v"],
  ["\f", "\\f"],
  ["\r", "\\r"],
  ["\x1b", "\\e"],
  ['"', '\\"'],
  ["\\", "\\\\"],
  ["\u0085", "\\N"],
  ["\u2028", "\\L"],
  ["\u2029", "\\P"],
]);

function doubleQuoted(text: string): string {
  // A byte order mark at the start makes the printer take every character for one.
  const all = text.startsWith("\ufeff");
  let out = '"';
  for (const char of text) out += escapes.get(char) ?? (all || special.test(char) ? escaped(char) : char);
  return `${out}"`;
}

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
}
