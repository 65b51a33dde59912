/** A time as Go writes it in JSON: RFC 3339, without trailing zeros of the fraction. */
export function goTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0*Z$/, "Z");
}
