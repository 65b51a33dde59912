const rfc3339 =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?:([Zz])|([-+])(\d{2}):(\d{2}))$/;

/** The second printed last: most times that are printed are now. */
let printed = { second: Number.NaN, text: "" };

/** Prints milliseconds since the epoch as `metav1.Time` is serialised: UTC, whole seconds. */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== printed.second) {
    printed = { second, text: `${new Date(second * 1000).toISOString().slice(0, 19)}Z` };
  }
  return printed.text;
}

/** Prints milliseconds since the epoch as `metav1.MicroTime` is serialised: UTC, six digits of a second. */
export function formatMicroTime(ms: number): string {
  const whole = Math.floor(ms);
  const micros = Math.min(Math.round((ms - whole) * 1000), 999);
  return `${new Date(whole).toISOString().slice(0, 23)}${String(micros).padStart(3, "0")}Z`;
}

/**
 * Reads an RFC 3339 time into milliseconds since the epoch; digits past the microsecond are cut off.
 *
 * @throws {RangeError} where the text is no such time
 */
export function parseTime(text: string): number {
  const match = text.length > 64 ? null : rfc3339.exec(text);
  if (match === null) throw new RangeError(`${JSON.stringify(text.slice(0, 64))} is not an RFC 3339 time`);
  const [, year, month, day, hour, minute, second, fraction = "", , sign, zoneHour, zoneMinute] = match;
  const fields = [
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  ] as const;
  const date = new Date(Date.UTC(...fields));
  date.setUTCFullYear(...(fields.slice(0, 3) as [number, number, number]));
  const exact = date.getUTCMonth() === fields[1] && date.getUTCDate() === fields[2];
  if (!exact || fields[3] > 23 || fields[4] > 59 || fields[5] > 59) {
    throw new RangeError(`${JSON.stringify(text)} is not a time that exists`);
  }
  const offset = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * 60_000;
  const micros = Number(fraction.slice(0, 6).padEnd(6, "0"));
  return date.getTime() + micros / 1000 - (sign === "-" ? -offset : offset);
}
