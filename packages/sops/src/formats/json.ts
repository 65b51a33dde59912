import { encodeGoJson, formatGoJsonNumber } from "@capstan/kube";
import { SopsError } from "../errors.js";
import { type MapNode, NULL, type Scalar, type Tree, type TreeNode } from "../tree/tree.js";
import { JsonReader } from "./json-reader.js";

/**
 * Reads a JSON object, its members in order. Whole numbers of 64 bits are integers.
 *
 * @throws {SopsError} `malformed` or `too-large`
 */
export function loadJson(text: string): Tree {
  return [new JsonReader(text).read()];
}

/**
 * Prints the first document as SOPS does: indented by tabs, without comments.
 *
 * @throws {SopsError} `output` for numbers that JSON has not
 */
export function printJson(tree: Tree): string {
  return `${printNode(tree[0] ?? { type: "map", items: [] }, "\n")}\n`;
}

function printNode(node: TreeNode, margin: string): string {
  switch (node.type) {
    case "map":
      return printMap(node, margin);
    case "list": {
      const items = node.items.flatMap((item) =>
        item.type === "comment" ? [] : [printNode(item, `${margin}\t`)],
      );
      return enclose("[", items, "]", margin);
    }
    default:
      return printScalar(node);
  }
}

function printMap(node: MapNode, margin: string): string {
  const items = node.items.flatMap((item) => {
    if (item.type === "comment") return [];
    const value = item.value.type === "comment" ? NULL : item.value;
    return [`${encodeGoJson(item.key)}: ${printNode(value, `${margin}\t`)}`];
  });
  return enclose("{", items, "}", margin);
}

function enclose(open: string, items: readonly string[], close: string, margin: string): string {
  if (items.length === 0) return open + close;
  return `${open}${items.map((item) => `${margin}\t${item}`).join(",")}${margin}${close}`;
}

function printScalar(value: Scalar): string {
  switch (value.type) {
    case "null":
      return "null";
    case "bool":
    case "int":
      return String(value.value);
    case "float":
      if (!Number.isFinite(value.value)) throw new SopsError("output", "JSON has no number for a value");
      return formatGoJsonNumber(value.value);
    case "str":
    case "time":
      return encodeGoJson(value.value);
    case "bytes":
      return `"${textRuns(value.value).join("\\ufffd")}"`;
  }
}

/** The stretches of UTF-8 between bytes that are none, without their quotes; Go marks each such byte. */
function textRuns(bytes: Uint8Array): readonly string[] {
  const buffer = Buffer.from(bytes);
  const runs: string[] = [];
  let from = 0;
  for (let at = 0; at < buffer.length; ) {
    const length = sequenceLength(buffer, at);
    if (length > 0) {
      at += length;
      continue;
    }
    runs.push(encodeGoJson(buffer.toString("utf8", from, at)).slice(1, -1));
    at += 1;
    from = at;
  }
  return [...runs, encodeGoJson(buffer.toString("utf8", from)).slice(1, -1)];
}

/** Bytes of the character at `at`; 0 where there is none. */
function sequenceLength(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const slice = buffer.subarray(at, at + length);
  return Buffer.from(slice.toString("utf8"), "utf8").equals(slice) ? length : 0;
}
