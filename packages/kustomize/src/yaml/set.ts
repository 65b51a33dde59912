import {
  assignNode,
  getField,
  isNull,
  isStringScalar,
  newScalar,
  removeField,
  TAG_NULL,
  TAG_STR,
  type YamlNode,
} from "./node.js";
import { isOldBoolean, resolvePlain } from "./resolve.js";

/**
 * Puts `value` in the place of the scalar `node`, which keeps its quoting: a new text in an old pair
 * of quotes stays a string.
 */
export function setScalar(node: YamlNode, value: YamlNode): void {
  if (isNull(value)) return;
  value.style = node.style;
  assignNode(node, value);
}

/** Sets or, for a null, removes a field. What was there lends its quoting to the new value. */
export function setScalarField(map: YamlNode, key: string, value: YamlNode, keepNull = false): void {
  quoteIfAmbiguous(value);
  if (value.tag === TAG_NULL && !keepNull) {
    removeField(map, key);
    return;
  }
  const old = getField(map, key);
  if (old !== undefined) {
    value.style = old.style;
    value.flow = old.flow;
    assignNode(old, value);
    return;
  }
  map.content.push(newScalar(key), value);
}

/** Quotes a string that a YAML 1.1 reader would take for a boolean, a number or null. */
export function quoteIfAmbiguous(value: YamlNode): void {
  if (value.style !== "plain" || !isStringScalar(value) || value.kind !== "scalar") return;
  const text = value.value;
  if (isOldBoolean(text) || resolvePlain(text).tag !== TAG_STR) value.style = "double";
}
