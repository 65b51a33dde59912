/** A JSON object whose members nobody has looked at yet. */
export type Members = Record<string, unknown>;

/** Whether `value` is a JSON object. */
export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The JSON object at `name`; `undefined` where there is none. */
export function membersAt(value: Members | undefined, name: string): Members | undefined {
  const member = value?.[name];
  return isMembers(member) ? member : undefined;
}

/** The JSON objects in the list at `name`; empty where there is no list. */
export function listAt(value: Members | undefined, name: string): Members[] {
  const member = value?.[name];
  return Array.isArray(member) ? member.filter(isMembers) : [];
}

/** The string at `name`; empty where there is none. */
export function textAt(value: Members | undefined, name: string): string {
  const member = value?.[name];
  return typeof member === "string" ? member : "";
}

/** The strings in the list at `name`. */
export function textsAt(value: Members | undefined, name: string): string[] {
  const member = value?.[name];
  return Array.isArray(member) ? member.filter((item): item is string => typeof item === "string") : [];
}

/** The number at `name`; `undefined` where there is none. */
export function numberAt(value: Members | undefined, name: string): number | undefined {
  const member = value?.[name];
  return typeof member === "number" ? member : undefined;
}

/** The JSON object at `name`, put there where there is none. Changes `value`. */
export function ensureMembers(value: Members, name: string): Members {
  const member = value[name];
  if (isMembers(member)) return member;
  const created: Members = {};
  value[name] = created;
  return created;
}

/** Sets `name` where it is absent or null. Changes `value`. */
export function defaultTo(value: Members, name: string, fallback: unknown): void {
  if (value[name] === undefined || value[name] === null) value[name] = fallback;
}

/** Sets `name` where it is absent, null, empty, zero or false. Changes `value`. */
export function defaultEmptyTo(value: Members, name: string, fallback: unknown): void {
  const member = value[name];
  if (member === undefined || member === null || member === "" || member === 0) value[name] = fallback;
}
