import { EvalFailure } from "./value.js";

const billion = 1_000_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds since 1970. */
const minSeconds = -62_135_596_800n;
const maxSeconds = 253_402_300_799n;
const maxNanos = 2n ** 63n - 1n;

/** A span of time in nanoseconds that fits an int64 (about 292 years). */
export class Duration {
  readonly nanos: bigint;

  private constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  /** Fails when the span does not fit. */
  static of(nanos: bigint): Duration | EvalFailure {
    return nanos > maxNanos || nanos < -maxNanos - 1n
      ? new EvalFailure("duration out of range")
      : new Duration(nanos);
  }

  /** As CEL converts to text: seconds with as many digits as needed, `1.5s`. */
  toString(): string {
    const magnitude = this.nanos < 0n ? -this.nanos : this.nanos;
    const fraction = (magnitude % billion).toString().padStart(9, "0").replace(/0+$/, "");
    return `${this.nanos < 0n ? "-" : ""}${magnitude / billion}${fraction === "" ? "" : `.${fraction}`}s`;
  }
}

/** An instant with nanoseconds, in the years 1 to 9999. */
export class Timestamp {
  /** Nanoseconds since 1970. */
  readonly nanos: bigint;

  private constructor(nanos: bigint) {
    this.nanos = nanos;
  }

  /** Fails outside the years 1 to 9999. */
  static of(nanos: bigint): Timestamp | EvalFailure {
    const seconds = floorDiv(nanos, billion);
    if (seconds < minSeconds || seconds > maxSeconds) return new EvalFailure("timestamp out of range");
    return new Timestamp(nanos);
  }

  /** Milliseconds since 1970 as a Date counts them. */
  static fromMillis(millis: number): Timestamp {
    return new Timestamp(BigInt(Math.trunc(millis)) * 1_000_000n);
  }

  /** Whole seconds since 1970, rounded down. */
  get seconds(): bigint {
    return floorDiv(this.nanos, billion);
  }

  /** Milliseconds since 1970, rounded down. */
  get millis(): number {
    return Number(floorDiv(this.nanos, 1_000_000n));
  }

  /** RFC 3339 in UTC with as many digits as needed. */
  toString(): string {
    const fraction = (this.nanos - this.seconds * billion).toString().padStart(9, "0").replace(/0+$/, "");
    const iso = new Date(Number(this.seconds) * 1000).toISOString().slice(0, 19);
    return `${iso}${fraction === "" ? "" : `.${fraction}`}Z`;
  }
}

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

const units = new Map([
  ["ns", 1n],
  ["us", 1000n],
  ["µs", 1000n],
  ["μs", 1000n],
  ["ms", 1_000_000n],
  ["s", billion],
  ["m", 60n * billion],
  ["h", 3600n * billion],
]);

/** Reads a duration as Go writes it, `1h2m3.5s`. Fails on anything else. */
export function parseDuration(text: string): Duration | EvalFailure {
  const bad = () => new EvalFailure(`time: invalid duration "${text}"`);
  const [, sign, body = ""] = /^([+-]?)(.*)$/s.exec(text) ?? [];
  if (body === "0") return Duration.of(0n);
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/u.test(body) || body.length > 200) return bad();
  let total = 0n;
  for (const [, whole = "", fraction = "", unit = ""] of body.matchAll(
    /(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/gu,
  )) {
    const scale = units.get(unit) ?? 1n;
    total += BigInt(whole === "" ? 0 : whole) * scale;
    if (fraction !== "") total += (BigInt(fraction) * scale) / 10n ** BigInt(fraction.length);
  }
  return Duration.of(sign === "-" ? -total : total);
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})$/;

/** Reads an RFC 3339 time. Fails on anything else and outside the years 1 to 9999. */
export function parseTimestamp(text: string): Timestamp | EvalFailure {
  const bad = () => new EvalFailure(`parsing time "${text}" as "2006-01-02T15:04:05Z07:00": cannot parse`);
  const match = rfc3339.exec(text);
  if (match === null) return bad();
  const [, year = "", month = "", day = "", hour = "", minute = "", second = "", fraction = "", zone = "Z"] =
    match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const validDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!validDate || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return bad();
  const offset = zoneOffset(zone);
  if (offset === undefined) return bad();
  const clock = Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  const nanos = BigInt(fraction.slice(0, 9).padEnd(9, "0"));
  return Timestamp.of((BigInt(date.getTime() / 1000) + BigInt(clock)) * billion + nanos);
}

function zoneOffset(zone: string): number | undefined {
  const match = /^([+-])?(\d{2}):(\d{2})$/.exec(zone);
  if (match === null) return /^[Zz]$/.test(zone) ? 0 : undefined;
  const [, sign, hours, minutes] = match;
  if (Number(hours) > 23 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}

/** A timestamp's calendar fields in a zone. */
export interface CalendarFields {
  readonly year: number;
  /** 0 to 11. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** 0 (Sunday) to 6. */
  readonly weekday: number;
  /** 0 to 365. */
  readonly yearDay: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
}

/** The calendar fields in UTC, at a fixed offset (`+02:00`, `02:00`) or in an IANA zone. Fails on an unknown zone. */
export function calendarFields(time: Timestamp, zone: string | undefined): CalendarFields | EvalFailure {
  const offset = zone === undefined ? 0 : offsetSeconds(time, zone);
  if (typeof offset !== "number") return offset;
  const local = new Date((Number(time.seconds) + offset) * 1000);
  const startOfYear = new Date(0);
  startOfYear.setUTCFullYear(local.getUTCFullYear(), 0, 1);
  return {
    year: local.getUTCFullYear(),
    month: local.getUTCMonth(),
    day: local.getUTCDate(),
    weekday: local.getUTCDay(),
    yearDay: Math.floor((local.getTime() - startOfYear.getTime()) / 86_400_000),
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    millisecond: Number((time.nanos - time.seconds * billion) / 1_000_000n),
  };
}

const zones = new Map<string, Intl.DateTimeFormat>();

function offsetSeconds(time: Timestamp, zone: string): number | EvalFailure {
  const fixed = /^([+-]?)(\d{1,2}):(\d{2})$/.exec(zone);
  if (fixed !== null) {
    const seconds = Number(fixed[2]) * 3600 + Number(fixed[3]) * 60;
    return fixed[1] === "-" ? -seconds : seconds;
  }
  if (zone === "" || zone === "UTC") return 0;
  const format = zoneFormat(zone);
  if (format === undefined) return new EvalFailure(`unknown time zone ${zone}`);
  const parts = new Map(format.formatToParts(new Date(time.millis)).map((part) => [part.type, part.value]));
  const read = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name) ?? 0);
  const date = new Date(0);
  date.setUTCFullYear(read("year"), read("month") - 1, read("day"));
  date.setUTCHours(read("hour"), read("minute"), read("second"));
  return date.getTime() / 1000 - Number(time.seconds);
}

function zoneFormat(zone: string): Intl.DateTimeFormat | undefined {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  try {
    const format = new Intl.DateTimeFormat("en-US", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    if (zones.size < 600) zones.set(zone, format);
    return format;
  } catch (error) {
    // Intl reports an unknown zone by throwing a RangeError.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
