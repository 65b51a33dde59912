import { KustomizeError } from "../errors.js";
import { type FieldSpec, fieldWalks } from "../fieldspec/field-spec.js";
import type { Var } from "../kustomization/types.js";
import { lookUpPath, splitReplacementPath } from "../replacement/path.js";
import { formatGvk, formatId, type ResId, sameGvkAndName, sameId, splitApiVersion } from "../resource/id.js";
import type { ResMap } from "../resource/res-map.js";
import type { Resource } from "../resource/resource.js";
import type { Scopes } from "../schema/scopes.js";
import {
  isNull,
  isStringScalar,
  TAG_BOOL,
  TAG_FLOAT,
  TAG_INT,
  TAG_NULL,
  TAG_STR,
  type YamlNode,
} from "../yaml/node.js";
import { parseInteger } from "../yaml/resolve.js";

/** A var with its defaults filled in. */
export interface BoundVar {
  readonly name: string;
  readonly target: ResId;
  readonly fieldPath: string;
}

/** Fills in what a var leaves out, and reads `apiVersion` into group and version. */
export function boundVar(variable: Var, scopes: Scopes): BoundVar {
  const reference = variable.objref ?? {};
  let group = reference.group ?? "";
  let version = reference.version ?? "";
  const apiVersion = reference.apiVersion ?? "";
  if (apiVersion !== "") {
    const parts = splitApiVersion(apiVersion);
    if (apiVersion.includes("/")) group = parts.group;
    version = parts.version;
  }
  const kind = reference.kind ?? "";
  const api = group === "" ? version : `${group}/${version}`;
  return {
    name: variable.name ?? "",
    target: {
      group,
      version,
      kind,
      name: reference.name ?? "",
      namespace: reference.namespace ?? "",
      clusterScoped: scopes.isClusterScoped(api, kind),
    },
    fieldPath: variable.fieldref?.fieldPath || "metadata.name",
  };
}

function describe(variable: BoundVar): string {
  const { target } = variable;
  return `{${variable.name} ${formatGvk(target)}/${formatId(target).split("/")[1]} {${variable.fieldPath}}}`;
}

/**
 * Ties vars to the resources they name, at the end of the level that declares them.
 * @throws KustomizeError where one names several resources or a name is taken
 */
export function bindVars(map: ResMap, known: Map<string, BoundVar>, vars: readonly BoundVar[]): void {
  for (const variable of vars) {
    const { target } = variable;
    const exact = target.namespace !== "" || target.clusterScoped;
    const matched = map.matchingAnyId((id) => (exact ? sameId(target, id) : sameGvkAndName(target, id)));
    if (matched.length > 1) {
      throw new KustomizeError(
        "var",
        `found ${matched.length} resId matches for var ${describe(variable)} (unable to disambiguate)`,
      );
    }
    matched[0]?.varNames.push(variable.name);
  }
  mergeVars(known, vars);
}

/** Adds vars; a name may be taken only once. */
export function mergeVars(known: Map<string, BoundVar>, vars: Iterable<BoundVar>): void {
  for (const variable of vars) {
    if (known.has(variable.name)) {
      throw new KustomizeError("var", `var '${variable.name}' already encountered`);
    }
    known.set(variable.name, variable);
  }
}

type VarValue = { readonly text: string; readonly tag: string } | undefined;

/** Puts the values of vars in the place of `$(NAME)`; returns the names of those never used. */
export function resolveVars(
  map: ResMap,
  vars: ReadonlyMap<string, BoundVar>,
  specs: readonly FieldSpec[],
): string[] {
  if (vars.size === 0) return [];
  const values = new Map<string, VarValue>();
  for (const name of [...vars.keys()].sort()) {
    const variable = vars.get(name) as BoundVar;
    values.set(name, varValue(variable, map.resources));
  }
  const expansion = new Expansion(values);
  const walks = fieldWalks(specs, "none");
  for (const resource of map.resources) {
    for (const walk of walks) walk.apply(resource.node, resource.id, (node) => expansion.apply(node));
  }
  map.changed();
  return [...vars.keys()].filter((name) => !expansion.used.has(name)).sort();
}

function varValue(variable: BoundVar, resources: readonly Resource[]): VarValue {
  const resource = resources.find((candidate) => candidate.varNames.includes(variable.name));
  if (resource === undefined) {
    throw new KustomizeError(
      "var",
      `var '${describe(variable)}' cannot be mapped to a field in the set of known resources`,
    );
  }
  const node = fieldNode(resource, variable.fieldPath);
  if (node === undefined) {
    const message = `field specified in var '${describe(variable)}' not found in corresponding resource`;
    throw new KustomizeError("var", message);
  }
  return node.kind === "scalar" ? scalarOf(node) : undefined;
}

function fieldNode(resource: Resource, fieldPath: string): YamlNode | undefined {
  const path = splitReplacementPath(fieldPath).flatMap((part) => {
    const match = /^(.*)\[(\d+)\]$/.exec(part);
    if (match === null) return [part];
    return match[1] === "" ? [match[2] as string] : [match[1] as string, match[2] as string];
  });
  try {
    return lookUpPath(resource.node, path);
  } catch (error) {
    // A path that does not fit the object is, like a missing field, "not found".
    if (error instanceof KustomizeError) return undefined;
    throw error;
  }
}

function scalarOf(node: YamlNode): VarValue {
  switch (node.tag) {
    case TAG_INT: {
      const value = parseInteger(node.value);
      return value === undefined ? undefined : { text: String(value), tag: TAG_INT };
    }
    case TAG_FLOAT:
      return { text: String(Number(node.value)), tag: TAG_FLOAT };
    case TAG_BOOL:
      return { text: node.value.toLowerCase(), tag: TAG_BOOL };
    case TAG_NULL:
      return { text: node.value, tag: TAG_STR };
    default:
      return { text: node.value, tag: TAG_STR };
  }
}

class Expansion {
  readonly used = new Set<string>();
  readonly #values: ReadonlyMap<string, VarValue>;

  constructor(values: ReadonlyMap<string, VarValue>) {
    this.#values = values;
  }

  apply(node: YamlNode): void {
    if (isNull(node)) return;
    if (node.kind === "scalar") {
      if (isStringScalar(node)) this.#expandNode(node);
    } else if (node.kind === "map") {
      this.#applyToMap(node);
    } else {
      for (const item of node.content) {
        if (!isStringScalar(item)) throw new KustomizeError("var", "invalid value type expect a string");
        this.#expandNode(item);
      }
    }
  }

  #applyToMap(node: YamlNode): void {
    for (let i = 0; i < node.content.length; i += 2) {
      const key = node.content[i] as YamlNode;
      if (!isStringScalar(key)) {
        throw new KustomizeError("var", `invalid map key: value='${key.value}', tag='${key.tag}'`);
      }
      const value = node.content[i + 1] as YamlNode;
      if (isStringScalar(value)) this.#expandNode(value);
    }
  }

  #expandNode(node: YamlNode): void {
    const { text, tag } = this.#expand(node.value);
    node.value = text;
    node.tag = tag;
    node.tagged = false;
    node.style = tag === TAG_STR && text.includes("\n") ? "literal" : "plain";
  }

  #expand(input: string): { text: string; tag: string } {
    let result = "";
    let at = 0;
    for (
      let dollar = input.indexOf("$");
      dollar >= 0 && dollar + 1 < input.length;
      dollar = input.indexOf("$", at)
    ) {
      result += input.slice(at, dollar);
      const next = input.charAt(dollar + 1);
      if (next === "$") {
        result += "$";
        at = dollar + 2;
        continue;
      }
      const close = next === "(" ? input.indexOf(")", dollar + 2) : -1;
      if (close < 0) {
        result += `$${next}`;
        at = dollar + 2;
        continue;
      }
      const name = input.slice(dollar + 2, close);
      const value = this.#lookUp(name);
      if (input === `$(${name})`) return value;
      result += value.text;
      at = close + 1;
    }
    return { text: result + input.slice(at), tag: TAG_STR };
  }

  #lookUp(name: string): { text: string; tag: string } {
    const value = this.#values.get(name);
    if (value === undefined) return { text: `$(${name})`, tag: TAG_STR };
    this.used.add(name);
    return value;
  }
}
