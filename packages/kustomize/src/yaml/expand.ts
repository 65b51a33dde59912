import { YamlSyntaxError } from "./error.js";
import { assignNode, copyNode, removeField, TAG_MERGE, YamlNode } from "./node.js";

/** Nodes that the aliases of one document may add to it. */
const MAX_EXPANDED_NODES = 500_000;
/** Nesting that aliases of aliases may lead to. */
const MAX_EXPANDED_DEPTH = 1000;

interface Budget {
  left: number;
  readonly line: number;
}

/**
 * Replaces aliases by copies of what they name and carries out `<<` merges, in place: own keys win,
 * then those of the merge that is named first.
 * @throws YamlSyntaxError for merges of what is no map, and for aliases that expand without end
 */
export function expandAliases(root: YamlNode): YamlNode {
  return expand(root, { left: MAX_EXPANDED_NODES, line: root.line }, new Set(), 0);
}

function expand(node: YamlNode, budget: Budget, open: Set<YamlNode>, depth: number): YamlNode {
  if (depth > MAX_EXPANDED_DEPTH) {
    throw new YamlSyntaxError(`yaml: aliases nest deeper than ${MAX_EXPANDED_DEPTH}`, node.line, true);
  }
  if (node.kind === "alias") {
    const target = node.target as YamlNode;
    if (open.has(target)) {
      throw new YamlSyntaxError(`yaml: anchor '${node.value}' value contains itself`, node.line, true);
    }
    return copyWithin(expand(target, budget, open, depth + 1), budget);
  }
  const anchored = node.anchor !== undefined;
  node.anchor = undefined;
  if (node.kind === "scalar") return node;
  if (anchored) open.add(node);
  if (node.kind === "map") mergeMaps(node, budget, open, depth);
  const content = node.content;
  for (let i = 0; i < content.length; i++)
    content[i] = expand(content[i] as YamlNode, budget, open, depth + 1);
  if (anchored) open.delete(node);
  return node;
}

function spend(budget: Budget): void {
  if (--budget.left < 0) {
    throw new YamlSyntaxError("yaml: document contains excessive aliasing", budget.line, true);
  }
}

function copyWithin(node: YamlNode, budget: Budget): YamlNode {
  budget.left -= countNodes(node);
  spend(budget);
  return copyNode(node);
}

function countNodes(node: YamlNode): number {
  let count = 1;
  for (const child of node.content) count += countNodes(child);
  return count;
}

function mergeMaps(node: YamlNode, budget: Budget, open: Set<YamlNode>, depth: number): void {
  const merges: YamlNode[] = [];
  for (let i = 0; i < node.content.length; i += 2) {
    if ((node.content[i] as YamlNode).tag === TAG_MERGE) merges.push(node.content[i + 1] as YamlNode);
  }
  if (merges.length === 0) return;
  if (merges.length > 1) throw new YamlSyntaxError("duplicate merge key", node.line);
  removeField(node, "<<");
  // Its own keys keep their places; merged ones only fill in.
  const merged = new YamlNode("map", node.tag, "", node.style, node.line);
  merged.flow = node.flow;
  merged.content = node.content.slice();
  for (const source of mergeSources(merges[0] as YamlNode)) {
    if (open.has(source)) throw new YamlSyntaxError("yaml: anchor value contains itself", node.line, true);
    setEntries(merged, copyWithin(expand(source, budget, open, depth + 1), budget));
  }
  setEntries(merged, node);
  assignNode(node, merged);
}

function setEntries(into: YamlNode, from: YamlNode): void {
  if (from.kind !== "map") return;
  const places = new Map<string, number>();
  for (let i = into.content.length - 2; i >= 0; i -= 2) places.set((into.content[i] as YamlNode).value, i);
  for (let i = 0; i < from.content.length; i += 2) {
    const key = from.content[i] as YamlNode;
    const at = places.get(key.value);
    if (at === undefined) {
      places.set(key.value, into.content.length);
      into.content.push(key, from.content[i + 1] as YamlNode);
    } else {
      into.content[at] = key;
      into.content[at + 1] = from.content[i + 1] as YamlNode;
    }
  }
}

/** The maps that a `<<` names, the one that wins last. */
function mergeSources(value: YamlNode): YamlNode[] {
  switch (value.kind) {
    case "map":
      return [value];
    case "alias": {
      const target = value.target as YamlNode;
      if (target.kind !== "map") {
        throw new YamlSyntaxError("invalid map merge: received alias for a non-map value", value.line);
      }
      return [target];
    }
    case "seq": {
      const sources: YamlNode[] = [];
      for (const item of value.content) {
        if (item.kind === "seq") {
          throw new YamlSyntaxError("invalid map merge: received a nested sequence", item.line);
        }
        sources.unshift(...mergeSources(item));
      }
      return sources;
    }
    default:
      throw new YamlSyntaxError("map merge requires map or sequence of maps as the value", value.line);
  }
}
