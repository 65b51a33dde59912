/** How a scalar was written; it decides how its text is read back. */
export type ScalarStyle = "plain" | "single" | "double" | "literal" | "folded";

/** The shared content of all nodes that have none. Never written to. */
const NO_CONTENT: readonly YamlNode[] = Object.freeze([]);

export const TAG_MAP = "!!map";
export const TAG_SEQ = "!!seq";
export const TAG_STR = "!!str";
export const TAG_INT = "!!int";
export const TAG_FLOAT = "!!float";
export const TAG_BOOL = "!!bool";
export const TAG_NULL = "!!null";
export const TAG_TIMESTAMP = "!!timestamp";
export const TAG_MERGE = "!!merge";
export const TAG_BINARY = "!!binary";

/**
 * A node of a YAML document as it was written: kustomize carries text, style and tag of each scalar
 * through the whole build, and only the output turns them into values.
 */
export class YamlNode {
  kind: "map" | "seq" | "scalar" | "alias";
  /** Short tag (`!!int`); empty for a scalar made during the build whose text decides its type. */
  tag: string;
  /** Text of a scalar, name of an alias. */
  value: string;
  style: ScalarStyle;
  /** A collection in `{}` or `[]`. */
  flow = false;
  /** The tag was written in the document, and stays. */
  tagged = false;
  /** A map's keys and values in turn, or a sequence's items. */
  content: YamlNode[];
  /** 1-based line in its document's text; 0 for a node made during the build. */
  line: number;
  anchor: string | undefined = undefined;
  target: YamlNode | undefined = undefined;

  constructor(kind: YamlNode["kind"], tag: string, value: string, style: ScalarStyle, line: number) {
    this.kind = kind;
    this.tag = tag;
    this.value = value;
    this.style = style;
    this.line = line;
    this.content = kind === "map" || kind === "seq" ? [] : (NO_CONTENT as YamlNode[]);
  }
}

/** An empty map without a style. */
export function newMap(): YamlNode {
  return new YamlNode("map", "", "", "plain", 0);
}

/** An empty sequence without a style. */
export function newSeq(): YamlNode {
  return new YamlNode("seq", "", "", "plain", 0);
}

/** A plain scalar; without a tag its text decides what it is. */
export function newScalar(value: string, tag = ""): YamlNode {
  return new YamlNode("scalar", tag, value, "plain", 0);
}

/** A scalar that is read back as this very string. */
export function newString(value: string): YamlNode {
  const node = new YamlNode("scalar", TAG_STR, value, "plain", 0);
  if (value.includes("\n")) node.style = "literal";
  return node;
}

/** A deep copy. */
export function copyNode(node: YamlNode): YamlNode {
  const copy = new YamlNode(node.kind, node.tag, node.value, node.style, node.line);
  copy.flow = node.flow;
  copy.tagged = node.tagged;
  copy.anchor = node.anchor;
  copy.target = node.target;
  if (node.content.length > 0) {
    const content = new Array<YamlNode>(node.content.length);
    for (let i = 0; i < content.length; i++) content[i] = copyNode(node.content[i] as YamlNode);
    copy.content = content;
  }
  return copy;
}

/** Makes `node` the same as `other`, keeping its identity for those that hold it. */
export function assignNode(node: YamlNode, other: YamlNode): void {
  node.kind = other.kind;
  node.tag = other.tag;
  node.value = other.value;
  node.style = other.style;
  node.flow = other.flow;
  node.tagged = other.tagged;
  node.anchor = other.anchor;
  node.target = other.target;
  node.content = other.content;
}

/** Turns a null into an empty collection. */
export function becomeCollection(node: YamlNode, kind: "map" | "seq"): void {
  node.kind = kind;
  node.tag = kind === "map" ? TAG_MAP : TAG_SEQ;
  node.value = "";
  node.tagged = false;
  node.content = [];
}

/** Absent, or null. */
export function isNull(node: YamlNode | undefined): boolean {
  return node === undefined || node.tag === TAG_NULL;
}

/** Nothing, null, `{}` or `[]`; an empty string is something. */
export function isNullOrEmpty(node: YamlNode | undefined): boolean {
  if (node === undefined || node.tag === TAG_NULL) return true;
  return (node.kind === "map" || node.kind === "seq") && node.content.length === 0;
}

/** Whether a scalar is a string, or would be taken for one by the transformers. */
export function isStringScalar(node: YamlNode): boolean {
  return node.kind === "scalar" && (node.tag === TAG_STR || node.tag === "");
}

/** The value under `key`, the first where a key is written twice. */
export function getField(node: YamlNode | undefined, key: string): YamlNode | undefined {
  if (node === undefined || node.kind !== "map") return undefined;
  const content = node.content;
  for (let i = 0; i < content.length; i += 2) {
    if ((content[i] as YamlNode).value === key) return content[i + 1];
  }
  return undefined;
}

/** Removes the first `key`; returns what was there. */
export function removeField(node: YamlNode | undefined, key: string): YamlNode | undefined {
  if (node === undefined || node.kind !== "map") return undefined;
  const content = node.content;
  for (let i = 0; i < content.length; i += 2) {
    if ((content[i] as YamlNode).value === key) return content.splice(i, 2)[1];
  }
  return undefined;
}

/** Text of a scalar, empty for null and for anything else. */
export function scalarText(node: YamlNode | undefined): string {
  return node === undefined || node.tag === TAG_NULL ? "" : node.value;
}
