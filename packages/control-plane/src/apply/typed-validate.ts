import { type ApplyType, deduce, type ListType, type MapType, type ScalarKind } from "./apply-type.js";
import { formatStep } from "./path-step.js";
import { isFields, itemStep, TypedError } from "./typed-value.js";

/** Deeper values than this are refused rather than recursed into. */
const MAX_DEPTH = 1_000;

/** Where and how an applied value does not fit its type. */
interface Problem {
  readonly path: string;
  readonly message: string;
}

/**
 * Says why `value` does not fit `type`, in the words of the Kubernetes API; `undefined` when it fits.
 * Duplicate items of set and keyed lists do not fit.
 */
export function validateTyped(value: unknown, type: ApplyType): string | undefined {
  const problems: Problem[] = [];
  visit(value, type, "", problems, 0);
  const [first] = problems;
  if (!first) return undefined;
  const lines = problems.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return problems.length === 1 ? lines[0] : ["errors:", ...lines.map((line) => `  ${line}`)].join("\n");
}

function visit(value: unknown, type: ApplyType, path: string, out: Problem[], depth: number): void {
  if (depth > MAX_DEPTH) {
    out.push({ path, message: "nested too deeply" });
    return;
  }
  const part = deduce(type, value);
  if (part.map) visitMap(value, part.map, path, out, depth);
  else if (part.scalar) visitScalar(value, part.scalar, path, out);
  else if (part.list) visitList(value, part.list, path, out, depth);
}

function visitScalar(value: unknown, scalar: ScalarKind, path: string, out: Problem[]): void {
  if (value === null) return;
  const type = typeof value;
  if (scalar === "numeric" && type !== "number") {
    out.push({ path, message: `expected numeric (int or float), got ${goType(value)}` });
  } else if (scalar === "string" && type !== "string") {
    out.push({ path, message: `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}` });
  } else if (scalar === "boolean" && type !== "boolean") {
    out.push({ path, message: `expected boolean, got &{${goText(value)}}` });
  } else if (scalar === "untyped" && type === "object") {
    out.push({ path, message: `expected any scalar, got &{${goText(value)}}` });
  }
}

function visitMap(value: unknown, map: MapType, path: string, out: Problem[], depth: number): void {
  if (value === null) return;
  if (!isFields(value)) {
    out.push({ path, message: `expected map, got &{${goText(value)}}` });
    return;
  }
  for (const name of Object.keys(value)) {
    const type = map.member(name);
    if (!type) {
      out.push({ path: `${path}.${name}`, message: "field not declared in schema" });
      return;
    }
    visit(value[name], type, `${path}.${name}`, out, depth + 1);
  }
}

function visitList(value: unknown, list: ListType, path: string, out: Problem[], depth: number): void {
  if (value === null) return;
  if (!Array.isArray(value)) {
    out.push({ path, message: `expected list, got &{${goText(value)}}` });
    return;
  }
  const seen = new Set<string>();
  for (const [index, item] of value.entries()) {
    let step = `i:${index}`;
    if (!list.atomic) {
      try {
        step = itemStep(list, item);
      } catch (error) {
        if (!(error instanceof TypedError)) throw error;
        out.push({ path, message: `element ${index}: ${error.message}` });
        return;
      }
      if (seen.has(step)) out.push({ path, message: `duplicate entries for key ${formatStep(step)}` });
      seen.add(step);
    }
    visit(item, list.element(), path + formatStep(step), out, depth + 1);
  }
}

function goType(value: unknown): string {
  if (value === null) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** Go's `%v`. */
function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (!isFields(value)) return String(value);
  const names = Object.keys(value).sort();
  return `map[${names.map((name) => `${name}:${goText(value[name])}`).join(" ")}]`;
}

/** Go's `%#v`. */
function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return "interface {}(nil)";
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(", ")}}`;
  if (!isFields(value)) return typeof value === "string" ? JSON.stringify(value) : String(value);
  const names = Object.keys(value).sort();
  return `map[string]interface {}{${names.map((name) => `${JSON.stringify(name)}:${goSyntax(value[name])}`).join(", ")}}`;
}
