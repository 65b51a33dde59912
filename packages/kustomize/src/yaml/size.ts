import type { YamlNode } from "./node.js";

/** Roughly how many characters a document has. */
export function sizeOf(node: YamlNode): number {
  let size = node.value.length + 4;
  for (const child of node.content) size += sizeOf(child);
  return size;
}
