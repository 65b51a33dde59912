function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Merges value files: maps recursively, anything else is replaced. Neither input is changed. */
export function mergeValues(
  base: Readonly<Record<string, unknown>>,
  over: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = Object.assign(Object.create(null), base);
  for (const [key, value] of Object.entries(over)) {
    const known = merged[key];
    merged[key] = isPlain(known) && isPlain(value) ? mergeValues(known, value) : value;
  }
  return merged;
}
