import { SopsError } from "../errors.js";
import type { Entry, MapNode, TreeNode } from "../tree/tree.js";

const SEPARATOR = /__(map|list)_/;
/** Steps of one flat name; metadata has four at most. */
const MAX_STEPS = 16;

interface Branch {
  value?: TreeNode;
  readonly keys: Map<string, Branch>;
  readonly indices: Map<number, Branch>;
}

/**
 * Metadata of flat formats as the tree that it was: `age__list_0__map_enc` is member `enc` of the first
 * item of `age`.
 *
 * @throws {SopsError} `malformed`
 */
export function unflatten(flat: readonly Entry[]): MapNode {
  const root = branch();
  for (const { key, value } of flat) {
    if (value.type === "comment") continue;
    const place = placeOf(root, key);
    if (place.value !== undefined) throw malformed(key);
    place.value = value;
  }
  const node = nodeOf(root, "sops");
  if (node.type !== "map") throw malformed("sops");
  return node;
}

function branch(): Branch {
  return { keys: new Map(), indices: new Map() };
}

function placeOf(root: Branch, name: string): Branch {
  const parts = name.split(SEPARATOR);
  if (parts.length > 2 * MAX_STEPS) throw malformed(name);
  let place = step(root.keys, parts[0] ?? "");
  for (let at = 1; at < parts.length; at += 2) {
    const part = parts[at + 1] ?? "";
    if (parts[at] === "map") place = step(place.keys, part);
    else if (/^\d{1,4}$/.test(part)) place = step(place.indices, Number(part));
    else throw malformed(name);
  }
  return place;
}

function step<K>(branches: Map<K, Branch>, key: K): Branch {
  let next = branches.get(key);
  if (next === undefined) {
    next = branch();
    branches.set(key, next);
  }
  return next;
}

function nodeOf(place: Branch, name: string): TreeNode {
  const { value, keys, indices } = place;
  const kinds = Number(value !== undefined) + Number(keys.size > 0) + Number(indices.size > 0);
  if (kinds > 1) throw malformed(name);
  if (value !== undefined) return value;
  if (indices.size === 0) {
    const items = [...keys].map(([key, child]): Entry => ({ type: "entry", key, value: nodeOf(child, key) }));
    return { type: "map", items };
  }
  const items = Array.from({ length: indices.size }, (_, index) => {
    const child = indices.get(index);
    if (child === undefined) throw malformed(name);
    return nodeOf(child, name);
  });
  return { type: "list", items };
}

function malformed(name: string): SopsError {
  return new SopsError("malformed", `the sops metadata contradicts itself at '${name}'`);
}
