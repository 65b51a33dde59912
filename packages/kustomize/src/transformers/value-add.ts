import { KustomizeError } from "../errors.js";
import { splitFieldPath, wrongKind } from "../fieldspec/field-spec.js";
import type { Selector } from "../kustomization/types.js";
import { selectResources } from "../selector/select.js";
import { getField, isNull, newMap, newScalar, type YamlNode } from "../yaml/node.js";
import { setScalar } from "../yaml/set.js";
import { setNamespaces } from "./namespace.js";
import type { Transformer } from "./transformer.js";

/** A field to which `ValueAddTransformer` adds its value. */
export interface ValueAddTarget {
  readonly selector?: Selector;
  readonly fieldPath?: string;
  readonly filePathPosition?: number;
}

/** Writes a value into fields, or into the paths that fields hold. */
export function valueAddTransformer(value: string, targets: readonly ValueAddTarget[]): Transformer {
  if (targets.length === 0) throw new KustomizeError("transformer", "must specify at least one target");
  for (const { fieldPath, filePathPosition } of targets) {
    if (!fieldPath) throw new KustomizeError("transformer", "fieldPath cannot be empty");
    if (filePathPosition !== undefined && filePathPosition < 0) {
      const message = `value of FilePathPosition (${filePathPosition}) cannot be negative`;
      throw new KustomizeError("transformer", message);
    }
  }
  return {
    kind: "ValueAddTransformer",
    transform(map, note) {
      for (const { selector, fieldPath = "", filePathPosition = 0 } of targets) {
        const resources = selector === undefined ? map.resources : selectResources(map, selector);
        for (const resource of resources) {
          note(resource);
          if (fieldPath === "metadata/namespace") setNamespaces(resource, value, [], {});
          else addValue(resource.node, fieldPath, filePathPosition, value);
          resource.changed();
        }
      }
      map.changed();
    },
  };
}

function addValue(root: YamlNode, fieldPath: string, position: number, value: string): void {
  let at = root;
  const path = splitFieldPath(fieldPath).filter((part) => part.trim() !== "");
  for (const [index, part] of path.entries()) {
    if (at.kind !== "map") throw wrongKind("MappingNode", at);
    let next = getField(at, part);
    if (next === undefined) {
      next = index === path.length - 1 ? newScalar("") : newMap();
      at.content.push(newScalar(part), next);
    }
    at = next;
  }
  if (!isNull(at) && at.kind !== "scalar") throw wrongKind("ScalarNode", at);
  setScalar(at, newScalar(position > 0 ? insertPathPart(at.value, position - 1, value) : value));
}

/** Puts a part into a path; beyond its end, behind it. */
function insertPathPart(path: string, position: number, part: string): string {
  const absolute = path.startsWith("/");
  const parts = path.split("/").filter((piece) => piece !== "");
  parts.splice(Math.min(position, parts.length), 0, part);
  return (absolute ? "/" : "") + parts.join("/");
}
