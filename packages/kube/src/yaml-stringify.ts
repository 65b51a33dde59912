import { compareUtf8 } from "./go-json.js";
import { formatGoFloat, formatGoJsonNumber } from "./go-number.js";
import { compareYamlKeys } from "./yaml-key-order.js";
import { printYamlString } from "./yaml-string.js";

/** Go's YAML printer writes longer keys, and keys of several lines, as `? key`. In bytes. */
const maxSimpleKey = 128;
const maxDepth = 1000;

/**
 * Prints JSON data as `sigs.k8s.io/yaml` does, byte for byte: keys in its natural order, lists not
 * indented, strings quoted where YAML 1.1 would misread them, lines folded past column 80. Ends with one
 * newline. Members that are `undefined` are left out; bigints are printed in full.
 *
 * @throws {RangeError} where the data is nested deeper than 1000 levels
 */
export function stringifyYaml(value: unknown, options: StringifyYamlOptions = {}): string {
  const out: string[] = [];
  const order = options.keys === "bytes" ? compareUtf8 : compareYamlKeys;
  if (typeof value !== "object" || value === null) out.push(printScalar(value, 0, 2));
  else writeNode(out, value, { indent: 0, column: 0, sequenceIndent: 0, inline: true, order }, 0);
  const text = out.join("");
  return text.endsWith("\n") ? text : `${text}\n`;
}

export interface StringifyYamlOptions {
  /** In which order keys are printed: Go's natural one (default), or by their UTF-8 bytes. */
  readonly keys?: "natural" | "bytes";
}

/** Where a node starts: the column it is at, its indentation, and whether it goes on with the line before. */
interface Place {
  /** Column of the keys of a mapping that starts here. */
  readonly indent: number;
  readonly column: number;
  /** Column of the dashes of a list that starts here. */
  readonly sequenceIndent: number;
  /** Whether a collection starts on the current line, as inside a list or at the top. */
  readonly inline: boolean;
  readonly order: (a: string, b: string) => number;
}

function writeNode(out: string[], value: unknown, place: Place, depth: number): void {
  if (depth > maxDepth) throw new RangeError(`cannot print data nested deeper than ${maxDepth} levels`);
  if (Array.isArray(value)) writeSequence(out, value, place, depth);
  else if (typeof value === "object" && value !== null) writeMapping(out, value, place, depth);
  else out.push(printScalar(value, place.column, place.indent));
}

function writeSequence(out: string[], items: readonly unknown[], place: Place, depth: number): void {
  if (items.length === 0) {
    out.push("[]");
    return;
  }
  const indent = place.sequenceIndent;
  const margin = `\n${" ".repeat(indent)}`;
  const { order } = place;
  const child = { indent: indent + 2, column: indent + 2, sequenceIndent: indent + 2, inline: true, order };
  for (let at = 0; at < items.length; at++) {
    if (at > 0 || !place.inline) newline(out, margin);
    out.push("- ");
    writeNode(out, items[at] === undefined ? null : items[at], child, depth + 1);
  }
}

function writeMapping(out: string[], value: object, place: Place, depth: number): void {
  const members = value as Record<string, unknown>;
  const keys = Object.keys(members)
    .filter((key) => members[key] !== undefined)
    .sort(place.order);
  if (keys.length === 0) {
    out.push("{}");
    return;
  }
  const margin = `\n${" ".repeat(place.indent)}`;
  for (let at = 0; at < keys.length; at++) {
    if (at > 0 || !place.inline) newline(out, margin);
    writeMember(out, keys[at] as string, members[keys[at] as string], place, depth);
  }
}

function writeMember(out: string[], key: string, value: unknown, place: Place, depth: number): void {
  const { indent, order } = place;
  if (isSimpleKey(key)) {
    const printed = printYamlString(key, { column: indent, indent, key: true });
    const nested = isFilled(value);
    out.push(nested ? `${printed}:` : `${printed}: `);
    const child = nested ? indent + (Array.isArray(value) ? 0 : 2) : indent + 2;
    const column = indent + Array.from(printed).length + 2;
    writeNode(out, value, { indent: child, column, sequenceIndent: indent, inline: false, order }, depth + 1);
    return;
  }
  out.push("? ", printYamlString(key, { column: indent + 2, indent: indent + 2, key: false }));
  newline(out, `\n${" ".repeat(indent)}`);
  out.push(": ");
  const inner = { indent: indent + 2, column: indent + 2, sequenceIndent: indent + 2, inline: true, order };
  writeNode(out, value, inner, depth + 1);
}

/** A literal block may already have ended the line. */
function newline(out: string[], margin: string): void {
  const last = out[out.length - 1];
  out.push(last?.endsWith("\n") === true ? margin.slice(1) : margin);
}

function isSimpleKey(key: string): boolean {
  return (
    !/[\n\u2028\u2029]/.test(key) &&
    (key.length <= maxSimpleKey / 4 || Buffer.byteLength(key) <= maxSimpleKey)
  );
}

function isFilled(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Array.isArray(value)
    ? value.length > 0
    : Object.values(value).some((member) => member !== undefined);
}

function printScalar(value: unknown, column: number, indent: number): string {
  switch (typeof value) {
    case "string":
      return printYamlString(value, { column, indent, key: false });
    case "number":
      return printYamlNumber(value);
    case "boolean":
    case "bigint":
      return String(value);
    default:
      return "null";
  }
}

/**
 * A number as it comes out after Go's JSON step: what reads as an integer of 64 bits stays as digits,
 * everything else is a float in Go's shortest form.
 */
function printYamlNumber(value: number): string {
  if (!Number.isFinite(value)) return "null";
  if (value === 0) return "0";
  if (Number.isSafeInteger(value)) return String(value);
  const text = formatGoJsonNumber(value);
  if (/^-?[0-9]+$/.test(text)) {
    const integer = BigInt(text);
    if (integer >= -(2n ** 63n) && integer < 2n ** 64n) return text;
  }
  return formatGoFloat(value, 6);
}
