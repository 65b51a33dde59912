import { YamlSyntaxError } from "./error.js";
import {
  isNull,
  TAG_BINARY,
  TAG_BOOL,
  TAG_FLOAT,
  TAG_INT,
  TAG_MERGE,
  TAG_NULL,
  TAG_STR,
  TAG_TIMESTAMP,
  type YamlNode,
} from "./node.js";
import { refold } from "./refold.js";
import { type Resolved, resolvePlain, resolvePlain11, type ScalarValue } from "./resolve.js";

/** A document's value: scalars as `ScalarValue`, sequences as arrays, maps as plain objects. */
export type YamlValue = ScalarValue | YamlValue[] | { [key: string]: YamlValue };

const MAX_UINT64_NUMBER = 2 ** 64;

/** Sets a key even if it is `__proto__`, which assignment would take for the prototype. */
export function setKey(map: Record<string, unknown>, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    map[key] = value;
  }
}

/**
 * What the document says once kustomize has printed and read it back.
 * @throws YamlSyntaxError for duplicate keys, keys that are no strings, numbers that JSON has not,
 * and scalars whose text does not fit their tag
 */
export function nodeToValue(node: YamlNode): YamlValue {
  return toValue(node, "block", true);
}

/**
 * What the document says as it stands, where kustomize decodes it without printing it first.
 * @throws YamlSyntaxError as `nodeToValue`
 */
export function decodeNode(node: YamlNode): YamlValue {
  return toValue(node, "unprinted", true);
}

/** Where a node is printed before it is read back, if it is. */
type Printed = "block" | "flow" | "unprinted";

function toValue(node: YamlNode, around: Printed, root: boolean): YamlValue {
  const printed = around === "block" && node.flow ? "flow" : around;
  if (node.kind === "map") return mapToValue(node, printed, root);
  if (node.kind === "seq") return node.content.map((item) => toValue(item, printed, false));
  if (node.kind === "alias") {
    throw new YamlSyntaxError(`yaml: alias '${node.value}' is not expanded`, node.line);
  }
  return jsonScalar(scalarValue(node, printed), node);
}

function mapToValue(node: YamlNode, printed: Printed, root: boolean): YamlValue {
  const map: Record<string, YamlValue> = {};
  const content = node.content;
  for (let i = 0; i < content.length; i += 2) {
    const key = content[i] as YamlNode;
    const name = mapKey(key, root);
    if (Object.hasOwn(map, name)) {
      throw new YamlSyntaxError(
        `yaml: unmarshal errors:\n  line ${key.line}: mapping key "${name}" already defined`,
        key.line,
      );
    }
    setKey(map, name, toValue(content[i + 1] as YamlNode, printed, false));
  }
  return map;
}

function mapKey(key: YamlNode, root: boolean): string {
  const isString = key.kind === "scalar" && typeof scalarValue(key, "block") === "string";
  const dated = resolvePlain(key.value).tag === TAG_TIMESTAMP && key.style === "plain";
  if ((isString && !(dated && key.tag !== TAG_STR)) || key.tag === TAG_MERGE) return key.value;
  // A null key is written as nothing and read back, quoted, as the empty string.
  if (key.kind === "scalar" && (root || (isNull(key) && key.value === ""))) return key.value;
  throw new YamlSyntaxError(
    `json: unsupported type: map[interface {}]interface {}: key \`${key.value}\` is not a string`,
    key.line,
  );
}

/** A scalar's value in the document, before JSON has its say. */
function scalarValue(node: YamlNode, printed: Printed): ScalarValue {
  const { tag, value, style } = node;
  if (style !== "plain" && !node.tagged && (tag === TAG_STR || tag === "")) {
    return style === "folded" && printed === "block" ? refold(value) : value;
  }
  if (node.tagged) return taggedValue(tag, value, node.line);
  if (value.includes("\n") || tag === TAG_STR) return value;
  const resolved = resolvePlain(value);
  if (tag === "" || resolved.tag === tag) {
    if (style !== "plain") return value;
    if (printed === "flow" && (value === "" || (resolved.tag === TAG_TIMESTAMP && value.includes(":")))) {
      // Neither can stand without quotes in a flow collection, and quoted it is a string.
      return value;
    }
    return resolved.value;
  }
  return taggedValue(tag, value, node.line, resolved);
}

function taggedValue(tag: string, text: string, line: number, known?: Resolved): ScalarValue {
  if (tag === TAG_STR) return text;
  if (tag === TAG_BINARY) return decodeBinary(text, line);
  const resolved = known ?? resolvePlain(text);
  const known_ = [TAG_INT, TAG_FLOAT, TAG_BOOL, TAG_NULL, TAG_TIMESTAMP].includes(tag);
  if (!known_) return text;
  if (resolved.tag === tag || (tag === TAG_FLOAT && resolved.tag === TAG_INT)) return resolved.value;
  throw new YamlSyntaxError(`yaml: cannot decode ${resolved.tag} \`${text}\` as a ${tag}`, line);
}

function decodeBinary(text: string, line: number): string {
  const compact = text.replace(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(compact) || compact.length % 4 !== 0) {
    throw new YamlSyntaxError("yaml: !!binary value contains invalid base64 data", line);
  }
  const bytes = Uint8Array.from(atob(compact), (char) => char.charCodeAt(0));
  return new TextDecoder().decode(bytes);
}

/** What is left of a scalar after Go has written it as JSON and read that as YAML 1.1. */
function jsonScalar(value: ScalarValue, node: YamlNode): ScalarValue {
  if (typeof value === "number" && !Number.isSafeInteger(value)) return jsonNumber(value, node.line);
  if (typeof value === "string" && node.value.length > 0) return jsonString(value, node.line);
  return value;
}

function jsonNumber(value: number, line: number): ScalarValue {
  if (!Number.isFinite(value)) {
    const name = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
    throw new YamlSyntaxError(`json: unsupported value: ${name}`, line);
  }
  const whole = Number.isInteger(value) && value < MAX_UINT64_NUMBER && value >= -(2 ** 63);
  // Its shortest digits, filled up with zeros, and not its binary value.
  return whole ? BigInt(String(value)) : value;
}

function jsonString(value: string, line: number): string {
  for (let i = 0; i < value.length; i++) {
    const c = value.charCodeAt(i);
    if (c >= 0x7f && c <= 0x9f) return reread(value, line);
  }
  return value;
}

function reread(value: string, line: number): string {
  if (/[\u007f-\u0084\u0086-\u009f]/.test(value)) {
    throw new YamlSyntaxError("yaml: control characters are not allowed", line);
  }
  return value.replaceAll("\u0085", " ");
}

/**
 * A document as a YAML 1.1 reader sees it (kustomization files, configurations, JSON patches as
 * YAML): `yes` and `on` are booleans, the last of duplicate keys wins, any scalar key becomes text.
 */
export function nodeToValue11(node: YamlNode): YamlValue {
  switch (node.kind) {
    case "map": {
      const map: Record<string, YamlValue> = {};
      for (let i = 0; i < node.content.length; i += 2) {
        setKey(map, key11(node.content[i] as YamlNode), nodeToValue11(node.content[i + 1] as YamlNode));
      }
      return map;
    }
    case "seq":
      return node.content.map(nodeToValue11);
    case "alias":
      throw new YamlSyntaxError(`yaml: alias '${node.value}' is not expanded`, node.line);
    default:
      return jsonScalar(scalar11(node), node);
  }
}

function scalar11(node: YamlNode): ScalarValue {
  if (node.tagged) {
    if (node.tag === TAG_TIMESTAMP) return node.value;
    return taggedValue(node.tag, node.value, node.line, resolvePlain11(node.value));
  }
  return node.style === "plain" ? resolvePlain11(node.value).value : node.value;
}

function key11(key: YamlNode): string {
  if (key.kind !== "scalar") {
    throw new YamlSyntaxError("yaml: invalid map key", key.line);
  }
  const value = scalar11(key);
  return value === null ? "null" : String(value);
}
