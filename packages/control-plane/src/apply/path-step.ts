import type { Step } from "./field-set.js";

/** Encodes the key of an item of a keyed list: `k:{"name":"a"}`, members in the order of their names. */
export function keyStep(members: readonly (readonly [name: string, value: unknown])[]): Step {
  const sorted = members.length < 2 ? members : [...members].sort((a, b) => compareText(a[0], b[0]));
  return `k:{${sorted.map(([name, value]) => `${encodeJson(name)}:${encodeJson(value)}`).join(",")}}`;
}

/** Encodes an item of a set list: `v:"a"`. */
export function valueStep(value: unknown): Step {
  return `v:${encodeJson(value)}`;
}

/**
 * Brings an item step read from `FieldsV1` into the form that `keyStep` and `valueStep` give, so that
 * equal items have equal steps. `undefined` for steps of a kind that is not known; throws `SyntaxError`
 * for broken ones.
 */
export function canonicalStep(text: string): Step | undefined {
  const known = canonical.get(text);
  if (known !== undefined) return known;
  const step = readStep(text);
  if (step !== undefined) {
    if (canonical.size >= CACHE_SIZE) canonical.clear();
    canonical.set(text, step);
  }
  return step;
}

const CACHE_SIZE = 20_000;
const canonical = new Map<string, Step>();

function readStep(text: string): Step | undefined {
  const content = text.slice(2);
  switch (text.slice(0, 2)) {
    case "k:": {
      const key: unknown = JSON.parse(content);
      if (typeof key !== "object" || key === null || Array.isArray(key)) {
        throw new SyntaxError(`the key in ${JSON.stringify(text)} is not an object`);
      }
      return keyStep(Object.entries(key));
    }
    case "v:":
      return valueStep(JSON.parse(content));
    case "i:":
      if (!/^-?\d+$/.test(content))
        throw new SyntaxError(`the index in ${JSON.stringify(text)} is not a number`);
      return `i:${Number(content)}`;
    default:
      if (text.charAt(1) !== ":") throw new SyntaxError(`missing colon: ${text}`);
      return undefined;
  }
}

/** Orders steps as managed fields list them: fields, keyed items, set items, indices. */
export function compareItemSteps(a: Step, b: Step): number {
  const kinds = "kvi".indexOf(a.charAt(0)) - "kvi".indexOf(b.charAt(0));
  if (kinds !== 0) return kinds;
  const left: unknown = JSON.parse(a.slice(2));
  const right: unknown = JSON.parse(b.slice(2));
  return a.startsWith("k:") ? compareKeys(left, right) : compareValues(left, right);
}

function compareKeys(a: unknown, b: unknown): number {
  const left = Object.entries(a as object);
  const right = Object.entries(b as object);
  for (let i = 0; i < left.length && i < right.length; i++) {
    const [name, value] = left[i] as [string, unknown];
    const [otherName, otherValue] = right[i] as [string, unknown];
    const order = compareText(name, otherName) || compareValues(value, otherValue);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

const TYPE_ORDER = ["number", "string", "boolean", "object"];

function compareValues(a: unknown, b: unknown): number {
  const types = TYPE_ORDER.indexOf(typeof a) - TYPE_ORDER.indexOf(typeof b);
  if (types !== 0) return types;
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "object") return compareText(JSON.stringify(a), JSON.stringify(b));
  return compareText(String(a), String(b));
}

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A path as conflict messages print it: `.spec.containers[name="c"].image`. */
export function formatPath(path: readonly Step[]): string {
  return path.map(formatStep).join("");
}

export function formatStep(step: Step): string {
  const content = step.slice(2);
  switch (step.charAt(0)) {
    case "f":
      return `.${content}`;
    case "k": {
      const members = Object.entries(JSON.parse(content) as object);
      return `[${members.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(",")}]`;
    }
    case "v":
      return `[=${JSON.stringify(JSON.parse(content))}]`;
    default:
      return `[${content}]`;
  }
}

/** JSON as Go's encoder writes it: `<`, `>`, `&` and the line separators are escaped. */
export function encodeJson(value: unknown): string {
  const text = JSON.stringify(value) ?? "null";
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPED, escapeChar) : text;
}

const NEEDS_ESCAPE = /[<>&\u2028\u2029]/;
const ESCAPED = /[<>&\u2028\u2029]/g;

function escapeChar(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
