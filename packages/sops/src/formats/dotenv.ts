import { SopsError } from "../errors.js";
import { Budget } from "../tree/bounds.js";
import type { MapItem, Tree } from "../tree/tree.js";
import { text } from "../tree/tree.js";
import { plainText } from "./plain-text.js";

/**
 * Reads `NAME=value` lines; `\n` in a value is a new line.
 *
 * @throws {SopsError} `malformed` or `too-large`
 */
export function loadDotenv(source: string): Tree {
  const budget = new Budget();
  const items: MapItem[] = [];
  source.split("\n").forEach((line, index) => {
    if (line === "") return;
    budget.spend(1);
    const equals = line.indexOf("=");
    if (line.startsWith("#")) items.push({ type: "comment", value: line.slice(1), inline: false });
    else if (equals < 0) throw new SopsError("malformed", `invalid dotenv input line ${index + 1}`);
    else {
      const value = text(line.slice(equals + 1).replaceAll("\\n", "\n"));
      items.push({ type: "entry", key: line.slice(0, equals), value });
    }
  });
  return [{ type: "map", items }];
}

/**
 * Prints the first document as lines.
 *
 * @throws {SopsError} `output` for lists and mappings
 */
export function printDotenv(tree: Tree): Uint8Array {
  const lines = (tree[0]?.items ?? []).map((item) => {
    if (item.type === "comment") return Buffer.from(`#${item.value}\n`);
    const { key, value } = item;
    if (value.type === "map" || value.type === "list") {
      throw new SopsError("output", `cannot use complex value in dotenv file; offending key ${key}`);
    }
    if (value.type === "bytes") return Buffer.from(`${latin1(key)}=${onOneLine(value.value)}\n`, "latin1");
    if (value.type === "str") return Buffer.from(`${key}=${value.value.replaceAll("\n", "\\n")}\n`);
    return Buffer.from(`${key}=${value.type === "comment" ? value.value : plainText(value)}\n`);
  });
  return Buffer.concat(lines);
}

/** Text as the bytes of its UTF-8, a character for each. */
function latin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

function onOneLine(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1").replaceAll("\n", "\\n");
}
