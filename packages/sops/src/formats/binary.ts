import { SopsError } from "../errors.js";
import type { Tree } from "../tree/tree.js";

/**
 * The bytes that a binary file holds: its one value, `data`.
 *
 * @throws {SopsError} `output`
 */
export function printBinary(tree: Tree): Uint8Array {
  if (tree.length !== 1)
    throw new SopsError("output", "error emitting binary store: there must be exactly one tree branch");
  for (const item of tree[0]?.items ?? []) {
    if (item.type !== "entry" || item.key !== "data") continue;
    if (item.value.type === "str") return Buffer.from(item.value.value, "utf8");
    if (item.value.type === "bytes") return item.value.value;
    throw new SopsError(
      "output",
      "error emitting binary store: 'data' key in tree does not have a string value",
    );
  }
  throw new SopsError("output", "error emitting binary store: no binary data found in tree");
}
