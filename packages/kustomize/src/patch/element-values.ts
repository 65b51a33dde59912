import { getField, isNullOrEmpty, type YamlNode } from "../yaml/node.js";

type Sources = readonly [dest: YamlNode, patch: YamlNode | undefined];

/** The key values of all elements, those of the patch first, each combination once. */
export function elementValues([dest, patch]: Sources, keys: readonly string[]): string[][] {
  const seen = new Set<string>();
  const found: string[][] = [];
  for (const source of [patch, dest]) {
    for (const element of source?.content ?? []) {
      const values = keys.map((key) => keyText(element, key));
      const id = JSON.stringify(values);
      if (seen.has(id)) continue;
      seen.add(id);
      found.push(values);
    }
  }
  return found;
}

function keyText(element: YamlNode, key: string): string {
  const field = getField(element, key);
  return isNullOrEmpty(field) ? "" : (field as YamlNode).value;
}

/** The texts of scalars, those of the patch first, each once. */
export function elementPrimitives([dest, patch]: Sources): string[][] {
  const seen = new Set<string>();
  for (const source of [patch, dest]) {
    for (const element of source?.content ?? []) seen.add(element.value);
  }
  return [...seen].map((value) => [value]);
}

/** Keys that some element has a value for, and an element's values for those. */
export function usedKeys(
  all: readonly (readonly string[])[],
  values: readonly string[],
  keys: readonly string[],
): { keys: readonly string[]; values: readonly string[] } {
  const used = keys.map((_, index) => all.some((other) => (other[index] ?? "") !== ""));
  if (!used.includes(true)) return { keys, values };
  return {
    keys: keys.filter((_, index) => used[index]),
    values: values.filter((value, index) => value !== "" || used[index]),
  };
}

/** Makes tuples the same that differ only in values that one of them lacks. */
export function unifyValues(found: readonly string[][]): string[][] {
  const all = found.slice();
  for (let i = 0; i < all.length; i++) {
    // What the loop began with: later changes to this place do not count.
    const first = all[i] as string[];
    for (let j = 0; j < all.length; j++) {
      const unified = unify(first, all[j] as string[]);
      if (unified === undefined) continue;
      all[i] = unified;
      all[j] = unified;
    }
  }
  return all;
}

function unify(a: readonly string[], b: readonly string[]): string[] | undefined {
  if (a.length !== b.length) return undefined;
  let common = false;
  const result: string[] = [];
  for (const [index, left] of a.entries()) {
    const right = b[index] as string;
    if (left === right) common = true;
    else if (left !== "" && right !== "") return undefined;
    result.push(left !== "" ? left : right);
  }
  return common ? result : undefined;
}
