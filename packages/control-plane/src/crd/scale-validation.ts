import type { KubeObject } from "@capstan/kube";
import type { FieldError } from "../registry/kind.js";
import type { ScalePaths } from "./definition.js";

const MAX_INT32 = 2 ** 31 - 1;

/** What is wrong with the numbers of replicas that the scale subresource reads. */
export function scaleErrors(object: KubeObject, scale: ScalePaths | undefined): FieldError[] {
  if (!scale) return [];
  const errors: FieldError[] = [];
  for (const path of [scale.specReplicasPath, scale.statusReplicasPath]) {
    const error = replicasError(object, path);
    if (error) errors.push(error);
  }
  return errors;
}

function replicasError(object: KubeObject, path: string): FieldError | undefined {
  const error = (value: unknown, detail: string): FieldError => ({
    type: "Invalid value",
    field: path,
    detail,
    value,
  });
  let value: unknown = object;
  for (const name of path.replace(/^\./, "").split(".")) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      return error(
        0,
        `${path} accessor error: ${goText(value)} is of the type ${goType(value)}, expected map[string]interface{}`,
      );
    }
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  if (typeof value !== "number" || !Number.isInteger(value)) {
    return error(
      0,
      `${path} accessor error: ${goText(value)} is of the type ${goType(value)}, expected int64`,
    );
  }
  if (value < 0) return error(value, "should be a non-negative integer");
  return value > MAX_INT32 ? error(value, `should be less than or equal to ${MAX_INT32}`) : undefined;
}

function goType(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return "[]interface {}";
  if (typeof value === "object") return "map[string]interface {}";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function goText(value: unknown): string {
  if (value === null || value === undefined) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value !== "object") return String(value);
  const names = Object.keys(value).sort();
  return `map[${names.map((name) => `${name}:${goText((value as Record<string, unknown>)[name])}`).join(" ")}]`;
}

/** The value at a simple dotted path (`.spec.replicas`); undefined where there is none. */
export function readPath(object: unknown, path: string): unknown {
  let value = object;
  for (const name of path.replace(/^\./, "").split(".")) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
