import { SopsError } from "../errors.js";
import type { Entry, MapItem, MapNode, Tree } from "../tree/tree.js";
import type { Metadata } from "./metadata.js";
import { readMetadata } from "./read-metadata.js";
import { unflatten } from "./unflatten.js";

/** How a format keeps metadata: as a tree, flat below `sops`, or flat with `sops_` before each name. */
export type MetadataLayout = "tree" | "section" | "prefix";

export interface EncryptedFile {
  readonly tree: Tree;
  readonly metadata: Metadata;
}

/**
 * Takes the metadata out of a file. That of the first document counts for all.
 *
 * @throws {SopsError} `not-encrypted`, `malformed` or `too-large`
 */
export function splitMetadata(tree: Tree, layout: MetadataLayout): EncryptedFile {
  const isMetadata = (item: MapItem): item is Entry =>
    item.type === "entry" && (layout === "prefix" ? item.key.startsWith("sops_") : item.key === "sops");
  const found = (tree[0]?.items ?? []).filter(isMetadata);
  if (found.length === 0) throw new SopsError("not-encrypted", "sops metadata not found");
  if (layout !== "prefix" && found.length > 1) {
    throw new SopsError("malformed", "Found duplicate sops entry");
  }
  return {
    tree: tree.map(({ items }) => ({ type: "map", items: items.filter((item) => !isMetadata(item)) })),
    metadata: readMetadata(metadataNode(found, layout)),
  };
}

function metadataNode(found: readonly Entry[], layout: MetadataLayout): MapNode {
  if (layout === "prefix") {
    return unflatten(found.map((entry) => ({ ...entry, key: entry.key.slice("sops_".length) })));
  }
  const node = found[0]?.value;
  if (node?.type !== "map") throw new SopsError("malformed", "Found sops entry that is not a mapping");
  if (layout === "tree") return node;
  const entries = node.items.filter((item) => item.type === "entry");
  return unflatten(entries.map((entry) => withNewlines(entry)));
}

/** Values of one line each stand for texts of several. */
function withNewlines(entry: Entry): Entry {
  const { value } = entry;
  if (value.type !== "str") return entry;
  return { ...entry, value: { type: "str", value: value.value.replaceAll("\\n", "\n") } };
}
