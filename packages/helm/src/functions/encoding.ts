import { createHash } from "node:crypto";
import { encodeGoJson, parseYaml, stringifyYaml, YamlError } from "@capstan/kube";
import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { bytesOf, textOfBytes } from "../value/bytes.js";
import { fromPlain, GoMap, type GoValue, nilMap, nilSlice, toPlain } from "../value/go-value.js";
import { yamlProblem } from "../value/yaml-problem.js";
import { corruptBase64 } from "./base64.js";
import { parseJson } from "./json.js";
import { stringifyToml } from "./toml.js";
import { parseToml } from "./toml-parse.js";
import { prettyYaml } from "./yaml-pretty.js";

/** Helm's toYaml: without the last newline. Throws FunctionError for what YAML cannot hold. */
export function toYaml(value: GoValue): string {
  return stringifyYaml(plain(value, "error marshaling into JSON: ")).replace(/\n$/, "");
}

function plain(value: GoValue, prefix = ""): unknown {
  try {
    return toPlain(value);
  } catch (error) {
    if (error instanceof TypeError) throw new FunctionError(prefix + error.message);
    throw error;
  }
}

function orEmpty(run: () => string): string {
  try {
    return run();
  } catch (error) {
    // The variants without `must` give no text for what cannot be encoded.
    if (error instanceof FunctionError) return "";
    throw error;
  }
}

const jsonKind = (value: unknown): string =>
  Array.isArray(value)
    ? "array"
    : value === null
      ? "null"
      : typeof value === "boolean"
        ? "bool"
        : typeof value;

function fromYaml(text: string): GoValue {
  try {
    const value = parseYaml(text, { dialect: "helm", bigIntegers: "float" });
    if (value === null || value === undefined) return new GoMap();
    const map = fromPlain(value);
    if (map instanceof GoMap) return map;
    return errorMap(
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type map[string]interface {}`,
    );
  } catch (error) {
    if (error instanceof YamlError) return errorMap(yamlProblem(error));
    throw error;
  }
}

const errorMap = (message: string): GoMap => new GoMap([["Error", message]]);

function fromYamlArray(text: string): GoValue {
  try {
    const value = parseYaml(text, { dialect: "helm", bigIntegers: "float" });
    if (value === null || value === undefined) return [];
    if (Array.isArray(value)) return fromPlain(value);
    return [
      `error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${jsonKind(value)} into Go value of type []interface {}`,
    ];
  } catch (error) {
    if (error instanceof YamlError) return [yamlProblem(error)];
    throw error;
  }
}

function fromJson(text: string): GoValue {
  const parsed = parseJson(text);
  if ("error" in parsed) return errorMap(parsed.error);
  if (parsed.value === null) return nilMap();
  const value = fromPlain(parsed.value);
  return value instanceof GoMap
    ? value
    : errorMap(
        `json: cannot unmarshal ${jsonKind(parsed.value)} into Go value of type map[string]interface {}`,
      );
}

function fromJsonArray(text: string): GoValue {
  const parsed = parseJson(text);
  if ("error" in parsed) return [parsed.error];
  if (parsed.value === null) return nilSlice();
  if (Array.isArray(parsed.value)) return fromPlain(parsed.value);
  return [`json: cannot unmarshal ${jsonKind(parsed.value)} into Go value of type []interface {}`];
}

function mustFromJson(text: string): GoValue {
  const parsed = parseJson(text);
  if ("error" in parsed) throw new FunctionError(parsed.error);
  return fromPlain(parsed.value);
}

const json = (value: GoValue): string => encodeGoJson(plain(value));
const rawJson = (value: GoValue): string => encodeGoJson(plain(value), { escapeHtml: false });
const prettyJson = (value: GoValue): string => encodeGoJson(plain(value), { indent: 2 });

/** Go's base64.StdEncoding; the error as text. */
function decode64(text: string): string {
  const bad = corruptBase64(text);
  if (bad !== undefined) return `illegal base64 data at input byte ${bad}`;
  return textOfBytes(Buffer.from(text, "base64"));
}

const padding = 0x3d;
const alphabet32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

function encode32(text: string): string {
  let bits = "";
  for (const byte of bytesOf(text)) bits += byte.toString(2).padStart(8, "0");
  const groups = bits.match(/.{1,5}/g) ?? [];
  const chars = groups.map((group) => alphabet32[Number.parseInt(group.padEnd(5, "0"), 2)]).join("");
  return chars.padEnd(Math.ceil(chars.length / 8) * 8, "=");
}

/** Go's base32.StdEncoding; the error as text. */
function decode32(text: string): string {
  const clean = text.replace(/[\r\n]/g, "");
  const bad = corrupt32(bytesOf(clean));
  if (bad !== undefined) return `illegal base32 data at input byte ${bad}`;
  let bits = "";
  for (const char of clean.replace(/=+$/, "")) bits += alphabet32.indexOf(char).toString(2).padStart(5, "0");
  return textOfBytes(Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))));
}

/** Where base32 without line breaks is malformed, as Go reports it. */
function corrupt32(source: Uint8Array): number | undefined {
  const total = source.length;
  for (let at = 0; at < total; ) {
    for (let filled = 0; filled < 8; filled += 1) {
      if (at >= total) return total - filled;
      const byte = source[at] ?? 0;
      at += 1;
      const left = total - at;
      if (byte === padding && filled >= 2 && left < 8) {
        if (left + filled < 7) return total;
        for (let more = 0; more < 7 - filled; more += 1)
          if (left > more && source[at + more] !== padding) return at + more - 1;
        return filled === 3 || filled === 6 ? at - 1 : undefined;
      }
      if (!alphabet32.includes(String.fromCharCode(byte))) return at - 1;
    }
  }
  return undefined;
}

function adler32(text: string): string {
  let a = 1;
  let b = 0;
  for (const byte of bytesOf(text)) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return String(b * 65536 + a);
}

const hash = (name: string): TemplateFunction =>
  fn("string", (text: string) => createHash(name).update(bytesOf(text)).digest("hex"));

/** Functions that encode, decode and hash. */
export const encodingFunctions: Readonly<Record<string, TemplateFunction>> = {
  toYaml: fn("any", (value: GoValue) => orEmpty(() => toYaml(value))),
  mustToYaml: fn("any", toYaml),
  toYamlPretty: fn("any", prettyYaml),
  fromYaml: fn("string", fromYaml),
  fromYamlArray: fn("string", fromYamlArray),
  toJson: fn("any", (value: GoValue) => orEmpty(() => json(value))),
  mustToJson: fn("any", json),
  toRawJson: fn("any", rawJson),
  mustToRawJson: fn("any", rawJson),
  toPrettyJson: fn("any", (value: GoValue) => orEmpty(() => prettyJson(value))),
  mustToPrettyJson: fn("any", prettyJson),
  fromJson: fn("string", fromJson),
  fromJsonArray: fn("string", fromJsonArray),
  mustFromJson: fn("string", mustFromJson),
  toToml: fn("any", stringifyToml),
  fromToml: fn("string", (text: string) => {
    const parsed = parseToml(text);
    return "error" in parsed ? errorMap(parsed.error) : parsed.value;
  }),
  b64enc: fn("string", (text: string) => bytesOf(text).toString("base64")),
  b64dec: fn("string", decode64),
  b32enc: fn("string", encode32),
  b32dec: fn("string", decode32),
  sha1sum: hash("sha1"),
  sha256sum: hash("sha256"),
  sha512sum: hash("sha512"),
  adler32sum: fn("string", adler32),
};
