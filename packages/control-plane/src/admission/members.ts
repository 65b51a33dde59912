/** Reading parts of objects whose shape admission knows but the compiler does not. */
export type Members = Readonly<Record<string, unknown>>;

export const NOTHING: Members = {};

export function membersOf(value: unknown): Members {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Members) : NOTHING;
}

export function listOf(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.map(membersOf) : [];
}

export function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The members of `value` that are text, numbers taken as text. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [key, member] of Object.entries(membersOf(value))) {
    if (typeof member === "string" || typeof member === "number") texts[key] = String(member);
  }
  return texts;
}
