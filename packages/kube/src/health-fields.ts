import type { KubeObject } from "./object.js";

/** A condition as it may come from anybody: only its type is sure to be text. */
export interface HealthCondition {
  readonly type: string;
  readonly status?: unknown;
  readonly reason?: unknown;
  readonly message?: unknown;
  readonly lastTransitionTime?: unknown;
}

/** The members of what should be an object; none for anything else. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function integerOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isInteger(value) ? value : undefined;
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The well-formed entries of `status.conditions`. */
export function conditionsOf(object: KubeObject): readonly HealthCondition[] {
  const list = fieldsOf(object["status"])["conditions"];
  if (!Array.isArray(list)) return [];
  return list.filter((each) => typeof fieldsOf(each)["type"] === "string") as HealthCondition[];
}
