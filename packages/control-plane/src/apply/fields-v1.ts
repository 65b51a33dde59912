import { descendField, descendItem, type FieldSet, hasChildren, newFieldSet } from "./field-set.js";
import { canonicalStep, compareItemSteps, compareText } from "./path-step.js";

/** Deeper sets than this are refused rather than recursed into. */
const MAX_DEPTH = 1_000;

const parsed = new WeakMap<object, FieldSet>();

/**
 * Reads `fieldsV1` into a set, ignoring steps of kinds it does not know. Results are remembered by
 * identity: the object must not be changed afterwards. Throws `SyntaxError` when it cannot be read.
 */
export function parseFieldsV1(fields: object): FieldSet {
  let set = parsed.get(fields);
  if (!set) {
    set = newFieldSet();
    readInto(set, fields, 0);
    set.owned = false;
    parsed.set(fields, set);
  }
  return set;
}

function readInto(set: FieldSet, source: unknown, depth: number): void {
  if (typeof source !== "object" || source === null || Array.isArray(source)) {
    throw new SyntaxError("expected an object in fieldsV1");
  }
  if (depth > MAX_DEPTH) throw new SyntaxError("fieldsV1 is nested too deeply");
  for (const key of Object.keys(source)) {
    if (key === ".") {
      set.owned = true;
      continue;
    }
    const child = key.startsWith("f:") ? descendField(set, key.slice(2)) : readItem(set, key);
    if (child) readInto(child, (source as Record<string, unknown>)[key], depth + 1);
  }
  if (!hasChildren(set)) set.owned = true;
}

function readItem(set: FieldSet, key: string): FieldSet | undefined {
  if (key.length < 2) throw new SyntaxError("key must be 2 characters long:");
  const step = canonicalStep(key);
  return step === undefined ? undefined : descendItem(set, step);
}

/** Writes a set as `fieldsV1`, members in the order that the Kubernetes API gives them. */
export function formatFieldsV1(set: FieldSet): Record<string, unknown> {
  const fields = writeNode(set, false);
  parsed.set(fields, set);
  return fields;
}

function writeNode(set: FieldSet, withSelf: boolean): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  if (withSelf && hasChildren(set)) out["."] = {};
  if (set.fields) {
    for (const name of [...set.fields.keys()].sort(compareText)) {
      const child = set.fields.get(name);
      if (child) out[`f:${name}`] = writeNode(child, child.owned);
    }
  }
  if (set.items) {
    for (const step of [...set.items.keys()].sort(compareItemSteps)) {
      const child = set.items.get(step);
      if (child) out[step] = writeNode(child, child.owned);
    }
  }
  return out;
}
