import { KustomizeError } from "../errors.js";
import { splitFieldPath, wrongKind } from "../fieldspec/field-spec.js";
import { compilePattern } from "../selector/regex.js";
import { getField, isNull, newMap, newScalar, newSeq, type YamlNode } from "../yaml/node.js";
import { plainNeedsQuotes } from "../yaml/quoting.js";
import { quoteIfAmbiguous } from "../yaml/set.js";

/** Splits at dots; `[a.b/c]` keeps its dots, and its brackets only where it selects by `=`. */
export function splitReplacementPath(path: string): string[] {
  const parts = splitFieldPath(path, ".");
  const result: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (!part.startsWith("[") || part.endsWith("]")) {
      result.push(part);
      continue;
    }
    const bracketed = [part];
    while (i < parts.length - 1) {
      i++;
      bracketed.push(parts[i] as string);
      if ((parts[i] as string).endsWith("]")) break;
    }
    const joined = bracketed.join(".");
    result.push(joined.includes("=") ? joined : joined.replace(/^[[\]]+|[[\]]+$/g, ""));
  }
  return result;
}

const INTEGER = /^[-+]?\d{1,15}$/;

function isIndex(part: string): boolean {
  return INTEGER.test(part) && Number(part) >= 0;
}

function isListSelector(part: string): boolean {
  return part.startsWith("[") && part.endsWith("]");
}

function splitSelector(part: string): readonly [key: string, value: string] {
  const inner = part.slice(1, -1);
  const equals = inner.indexOf("=");
  if (equals < 0) {
    throw new KustomizeError(
      "replacement",
      "list path element must contain fieldName=fieldValue for element to match",
    );
  }
  return [inner.slice(0, equals), inner.slice(equals + 1)];
}

function assertKind(node: YamlNode, kind: "map" | "seq"): void {
  if (isNull(node) || node.kind === kind) return;
  throw wrongKind(kind === "map" ? "MappingNode" : "SequenceNode", node);
}

/** The one value at a path: names, indices, `-` for the last element, `[key=value]`. */
export function lookUpPath(root: YamlNode, path: readonly string[]): YamlNode | undefined {
  let at: YamlNode | undefined = root;
  for (const raw of path) {
    const part = raw.trim();
    if (part === "") continue;
    at = step(at, part);
    if (at === undefined) return undefined;
  }
  return at;
}

function step(node: YamlNode, part: string): YamlNode | undefined {
  if (INTEGER.test(part)) {
    if (Number(part) < 0)
      throw new KustomizeError("replacement", `array index ${Number(part)} cannot be negative`);
    assertKind(node, "seq");
    return node.content[Number(part)];
  }
  if (part === "-") {
    assertKind(node, "seq");
    return node.content[node.content.length - 1];
  }
  if (part === "*") throw new KustomizeError("replacement", "wildcard is not supported in PathGetter");
  if (isListSelector(part)) {
    const [key, value] = splitSelector(part);
    assertKind(node, "seq");
    if (key === "") return node.content.find((element) => element.value === value);
    return node.content.find((element) => element.kind === "map" && getField(element, key)?.value === value);
  }
  assertKind(node, "map");
  return isNull(node) ? undefined : getField(node, part);
}

/** What a created field becomes where its path ends. */
export type CreateKind = YamlNode["kind"] | undefined;

/** Every field at a path, `*` and `[key=pattern]` taken for all that match; made where told to. */
export function matchPath(root: YamlNode, path: readonly string[], create: CreateKind): YamlNode[] {
  return match(root, path, 0, create);
}

function match(node: YamlNode, path: readonly string[], at: number, create: CreateKind): YamlNode[] {
  const part = path[at];
  if (part === undefined) return [node];
  if (isIndex(part)) return matchIndex(node, path, at, create);
  if (isListSelector(part)) return matchSelector(node, path, at, create);
  if (part === "*") {
    assertKind(node, "seq");
    return node.content.flatMap((element) => match(element, path, at + 1, create));
  }
  assertKind(node, "map");
  let field = isNull(node) ? undefined : getField(node, part);
  if (field === undefined) {
    if (create === undefined) return [];
    field = emptyNode(path[at + 1], create);
    assertCreatable(node);
    node.content.push(newScalar(part), field);
  }
  return match(field, path, at + 1, create);
}

function assertCreatable(node: YamlNode): void {
  if (node.kind !== "map") throw wrongKind("MappingNode", node);
}

function matchIndex(node: YamlNode, path: readonly string[], at: number, create: CreateKind): YamlNode[] {
  const index = Number(path[at]);
  assertKind(node, "seq");
  if (node.content.length === index && create !== undefined && node.kind === "seq") {
    node.content.push(emptyNode(path[at + 1], create));
  }
  const element = node.content[index];
  if (element === undefined) {
    throw new KustomizeError(
      "replacement",
      `index ${index} specified but only ${node.content.length} elements found`,
    );
  }
  return match(element, path, at + 1, create);
}

function matchSelector(node: YamlNode, path: readonly string[], at: number, create: CreateKind): YamlNode[] {
  const [key, value] = splitSelector(path[at] as string);
  const pattern = compilePattern(value);
  const find = (): YamlNode[] => {
    assertKind(node, "seq");
    return node.content.flatMap((element) => {
      const text = key === "" ? element : getField(element, key);
      if (text === undefined || !pattern.find(sourceText(text))) return [];
      return key === "" ? [element] : match(element, path, at + 1, create);
    });
  };
  const found = find();
  if (found.length > 0 || create === undefined) return found;
  if (node.kind !== "seq") throw wrongKind("SequenceNode", node);
  const scalar = newScalar(value);
  quoteIfAmbiguous(scalar);
  scalar.style = "plain";
  let made = scalar;
  if (key !== "") {
    made = newMap();
    made.content.push(newScalar(key), scalar);
  }
  node.content.push(made);
  return find();
}

function emptyNode(next: string | undefined, create: YamlNode["kind"]): YamlNode {
  if (next !== undefined && (isListSelector(next) || isIndex(next))) return newSeq();
  if (next !== undefined && next !== "") return newMap();
  switch (create) {
    case "map":
      return newMap();
    case "seq":
      return newSeq();
    default:
      return newScalar("");
  }
}

/** A scalar as it stands in the file, its quotes included: that is what patterns are matched with. */
function sourceText(node: YamlNode): string {
  if (node.kind !== "scalar") return "";
  switch (node.style) {
    case "double":
      return JSON.stringify(node.value);
    case "single":
      return `'${node.value.replaceAll("'", "''")}'`;
    case "plain":
      return plainNeedsQuotes(node.value) ? `'${node.value.replaceAll("'", "''")}'` : node.value.trim();
    default:
      return `${node.style === "literal" ? "|" : ">"}-\n${node.value}`.trim();
  }
}
