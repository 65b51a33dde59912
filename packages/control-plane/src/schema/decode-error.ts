/** A value that does not fit its published type, with the text that Go's JSON decoder gives. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** What Go's decoder calls a JSON value in its errors. */
export function jsonTypeName(value: unknown): string {
  if (Array.isArray(value)) return "array";
  if (typeof value === "boolean") return "bool";
  return typeof value;
}
