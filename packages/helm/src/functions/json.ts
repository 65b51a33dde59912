/** Reads JSON; the error is worded as Go's encoding/json. */
export function parseJson(text: string): { readonly value: unknown } | { readonly error: string } {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    if (error instanceof SyntaxError) return { error: goMessage(text, error.message) };
    throw error;
  }
}

function goMessage(text: string, message: string): string {
  if (/end of JSON input|Unterminated/.test(message) || text.trim() === "")
    return "unexpected end of JSON input";
  const position = /position (\d+)/.exec(message)?.[1];
  const char = /token '?(.)'?/u.exec(message)?.[1] ?? text[Number(position ?? 0)] ?? "";
  return `invalid character '${char}' looking for beginning of value`;
}
