import { SopsError } from "../errors.js";
import type { MetadataLayout } from "../metadata/split-metadata.js";
import type { Tree } from "../tree/tree.js";
import { printBinary } from "./binary.js";
import { loadDotenv, printDotenv } from "./dotenv.js";
import { loadIni } from "./ini-load.js";
import { printIni } from "./ini-print.js";
import { loadJson, printJson } from "./json.js";
import { loadYaml } from "./yaml-load.js";
import { printYaml } from "./yaml-print.js";

export type SopsFormat = "yaml" | "json" | "dotenv" | "ini" | "binary";

interface FormatCodec {
  readonly layout: MetadataLayout;
  /** What stands in every encrypted file of the format. */
  readonly marker: string;
  load(text: string): Tree;
  print(tree: Tree): Uint8Array;
}

const CODECS: Readonly<Record<SopsFormat, FormatCodec>> = {
  yaml: { layout: "tree", marker: "mac: ENC[", load: loadYaml, print: utf8(printYaml) },
  json: { layout: "tree", marker: '"mac": "ENC[', load: loadJson, print: utf8(printJson) },
  dotenv: { layout: "prefix", marker: "sops_mac=ENC[", load: loadDotenv, print: printDotenv },
  ini: { layout: "section", marker: "[sops]", load: loadIni, print: utf8(printIni) },
  binary: { layout: "tree", marker: '"mac": "ENC[', load: loadJson, print: printBinary },
};

function utf8(print: (tree: Tree) => string): (tree: Tree) => Uint8Array {
  return (tree) => Buffer.from(print(tree), "utf8");
}

export function codecOf(format: SopsFormat): FormatCodec {
  return CODECS[format];
}

/** Whether bytes look like an encrypted file of a format. */
export function looksEncrypted(bytes: Uint8Array, format: SopsFormat): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes(CODECS[format].marker);
}

/** The format in which bytes look encrypted; JSON stands for binary files too, which are kept in it. */
export function encryptedFormat(bytes: Uint8Array): SopsFormat | undefined {
  const formats: readonly SopsFormat[] = ["json", "yaml", "dotenv", "ini"];
  return formats.find((format) => looksEncrypted(bytes, format));
}

/** The format that a file's name stands for; `binary` for names that say nothing. */
export function formatOfPath(path: string): SopsFormat {
  if (path.endsWith(".yaml") || path.endsWith(".yml")) return "yaml";
  if (path.endsWith(".json") || path.endsWith(".dockerconfigjson")) return "json";
  if (path.endsWith(".env")) return "dotenv";
  return path.endsWith(".ini") ? "ini" : "binary";
}

/**
 * Bytes as text.
 *
 * @throws {SopsError} `malformed` for what is no UTF-8
 */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new SopsError("malformed", "the file is not UTF-8", { cause });
  }
}
