/** Seconds since the epoch as RFC 3339 in UTC, with microseconds where nanoseconds are given. */
export function formatSeconds(seconds: number, nanos?: number): string | null {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime()) || date.getUTCFullYear() < 1 || date.getUTCFullYear() > 9999) return null;
  const text = date.toISOString().slice(0, 19);
  if (nanos === undefined) return `${text}Z`;
  return `${text}.${String(Math.trunc(nanos / 1000)).padStart(6, "0")}Z`;
}

/** Reads an RFC 3339 time; `undefined` where the text is none. */
export function parseTimestamp(
  text: string,
): { readonly seconds: number; readonly nanos: number } | undefined {
  const at = Date.parse(text);
  if (Number.isNaN(at)) return undefined;
  const fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? "";
  return { seconds: Math.floor(at / 1000), nanos: Number(fraction.padEnd(9, "0")) };
}
