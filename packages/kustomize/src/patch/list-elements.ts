import { wrongKind } from "../fieldspec/field-spec.js";
import { getField, isNull, type YamlNode } from "../yaml/node.js";

/** Nothing, null or `{}`. */
export function isNullOrEmptyMap(node: YamlNode | undefined): boolean {
  return isNull(node) || (node?.kind === "map" && node.content.length === 0);
}

/** Whether `node` has `value` under `key`; an empty value stands for any. With no key: is the value. */
function fieldIs(node: YamlNode, key: string, value: string): boolean {
  if (key === "") {
    if (node.kind !== "scalar") throw wrongKind("ScalarNode", node);
    return node.value === value;
  }
  if (node.kind !== "map") throw wrongKind("MappingNode", node);
  const field = getField(node, key);
  return field !== undefined && (value === "" || field.value === value);
}

/**
 * Puts `element` in the place of every element that has the given values under the given keys, or
 * appends it; without one, removes them. Nulls and empty maps in the list are dropped on the way.
 */
export function setElement(
  list: YamlNode,
  element: YamlNode | undefined,
  keys: readonly string[],
  values: readonly string[],
): void {
  const byKey = keys[0] !== "" && keys[0] !== undefined && values[0] !== "" && values[0] !== undefined;
  const content: YamlNode[] = [];
  let found = false;
  for (const other of list.content) {
    if (isNullOrEmptyMap(other)) continue;
    if (other.kind !== "map" && byKey) {
      content.push(other);
    } else if (!elementMatches(other, keys, values)) {
      if (values.length > 0) content.push(other);
    } else {
      found = true;
      if (element !== undefined) content.push(element);
    }
  }
  list.content = content;
  if (element === undefined || isNull(element)) return;
  if (!found) list.content.push(element);
}

function elementMatches(node: YamlNode, keys: readonly string[], values: readonly string[]): boolean {
  let matched = false;
  for (const [index, key] of keys.entries()) {
    const value = values[index];
    if (value !== undefined) matched = fieldIs(node, key, value);
    if (!matched) return false;
  }
  return matched;
}

/** The first element with exactly these values; the fields must be there, an empty value included. */
export function findElement(
  list: YamlNode,
  keys: readonly string[],
  values: readonly string[],
): YamlNode | undefined {
  if (keys[0] === undefined || keys[0] === "") {
    const wanted = values[0] ?? "";
    return list.content.find((element) => element.value === wanted);
  }
  return list.content.find(
    (element) =>
      element.kind === "map" &&
      keys.every((key, index) => {
        const field = getField(element, key);
        return field !== undefined && field.value === values[index];
      }),
  );
}
