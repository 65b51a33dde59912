import { KustomizeError } from "../errors.js";
import { getField, removeField, type YamlNode } from "../yaml/node.js";
import { setElement } from "./list-elements.js";

const KEY = "$patch";

/** What a patch says of the value as a whole. */
export type Directive = "merge" | "replace" | "delete";

/** Reads and removes the `$patch` of a map or of a list. */
export function takeDirective(patch: YamlNode | undefined): Directive {
  if (patch === undefined) return "merge";
  if (patch.kind === "map") return fromMap(patch);
  if (patch.kind === "seq") return fromList(patch);
  throw new KustomizeError("patch", `no implemented strategic merge patch strategy for '${patch.tag}'`);
}

function fromMap(patch: YamlNode): Directive {
  const field = getField(patch, KEY);
  if (field === undefined) return "merge";
  const directive = asDirective(field.value);
  removeField(patch, KEY);
  return directive;
}

function fromList(patch: YamlNode): Directive {
  const element = patch.content.find((item) => item.kind === "map" && getField(item, KEY) !== undefined);
  // Beside other keys it is about that element and not about the list.
  if (element === undefined || element.content.length > 2) return "merge";
  const text = getField(element, KEY)?.value ?? "";
  const directive = asDirective(text);
  setElement(patch, undefined, [KEY], [text]);
  return directive;
}

function asDirective(text: string): Directive {
  if (text === "merge" || text === "replace" || text === "delete") return text;
  throw new KustomizeError("patch", `unknown patch strategy '${text}'`);
}
