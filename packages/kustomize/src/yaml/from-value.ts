import { compareText } from "./compare-text.js";
import {
  newMap,
  newScalar,
  newSeq,
  newString,
  TAG_BOOL,
  TAG_INT,
  TAG_MAP,
  TAG_NULL,
  TAG_SEQ,
  TAG_STR,
  type YamlNode,
} from "./node.js";
import { formatNumber } from "./print.js";
import { plainNeedsQuotes, readsAsOther } from "./quoting.js";
import { resolvePlain } from "./resolve.js";
import type { YamlValue } from "./value.js";

/** How the document that stands for a value is thought to be written. */
export type WrittenAs = "yaml" | "json";

/** A document that says `value`, keys sorted as Go sorts a map. */
export function valueToNode(value: YamlValue, as: WrittenAs = "yaml"): YamlNode {
  if (value === null) return newScalar("null", TAG_NULL);
  switch (typeof value) {
    case "string":
      return stringNode(value, as);
    case "boolean":
      return newScalar(String(value), TAG_BOOL);
    case "bigint":
      return newScalar(String(value), TAG_INT);
    case "number":
      return numberNode(value, as);
  }
  const node = Array.isArray(value) ? newSeq() : newMap();
  node.flow = as === "json";
  if (Array.isArray(value)) {
    node.tag = TAG_SEQ;
    node.content = value.map((item) => valueToNode(item, as));
    return node;
  }
  node.tag = TAG_MAP;
  for (const key of Object.keys(value).sort(compareText)) {
    node.content.push(stringNode(key, as), valueToNode(value[key] as YamlValue, as));
  }
  return node;
}

function stringNode(text: string, as: WrittenAs): YamlNode {
  const node = newString(text);
  if (as === "json") {
    node.style = "double";
  } else if (node.style === "plain") {
    if (text === "" || readsAsOther(text) || resolvePlain(text).tag !== TAG_STR) node.style = "double";
    else if (plainNeedsQuotes(text)) node.style = "single";
  }
  return node;
}

/** Go's YAML prints a whole float from a million on with an exponent, and that is its text from then on. */
function numberNode(value: number, as: WrittenAs): YamlNode {
  if (as === "yaml" && Math.abs(value) >= 1e6) {
    const text = formatNumber(value, true);
    return newScalar(text, resolvePlain(text).tag);
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  // Whole numbers that no integer holds are read as floats, whatever they look like.
  return newScalar(text, resolvePlain(text).tag);
}
