import { KustomizeError } from "../errors.js";
import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";
import { goJson } from "../yaml/go-json.js";
import { getField, isNullOrEmpty } from "../yaml/node.js";
import { nodeToValue, type YamlValue } from "../yaml/value.js";
import { sha256Hex } from "./sha256.js";

const LETTERS: Readonly<Record<string, string>> = { "0": "g", "1": "h", "3": "k", a: "m", e: "t" };

/** The suffix that a ConfigMap, Secret or other object gets for its content. */
function hashSuffix(resource: Resource): string {
  const digest = sha256Hex(hashedText(resource)).slice(0, 10);
  return digest.replace(/[013ae]/g, (char) => LETTERS[char] as string);
}

function hashedText(resource: Resource): string {
  switch (resource.kind) {
    case "ConfigMap":
      return goJson({
        ...optionalMap(resource, "binaryData"),
        data: field(resource, "data"),
        kind: "ConfigMap",
        name: "",
      });
    case "Secret":
      return goJson({
        data: field(resource, "data"),
        kind: "Secret",
        name: "",
        ...optionalMap(resource, "stringData"),
        type: field(resource, "type"),
      });
    default:
      return goJson(nodeToValue(resource.node));
  }
}

function field(resource: Resource, name: string): YamlValue {
  const node = getField(resource.node, name);
  return node === undefined ? "" : nodeToValue(node);
}

function optionalMap(resource: Resource, name: string): Record<string, YamlValue> {
  const node = getField(resource.node, name);
  return node?.kind === "map" ? { [name]: nodeToValue(node) } : {};
}

/** Appends the hash suffix to every resource that asks for one. */
export function addHashSuffixes(map: ResMap): void {
  for (const resource of map.resources) {
    if (!resource.needsHash || isNullOrEmpty(resource.node)) continue;
    let suffix: string;
    try {
      suffix = hashSuffix(resource);
    } catch (error) {
      throw KustomizeError.from(error, "generator", resource.file);
    }
    resource.storePreviousId();
    resource.setName(`${resource.name}-${suffix}`);
  }
  map.changed();
}
