import { bytesOf } from "../value/bytes.js";

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const second = 1_000_000_000n;

const layoutToken =
  /January|Jan|Monday|Mon|MST|2006|_2006|_2|__2|002|01|02|03|04|05|06|15|PM|pm|-07:00:00|-070000|-07:00|-0700|-07|Z07:00:00|Z070000|Z07:00|Z0700|Z07|[.,]0+(?![0-9])|[.,]9+(?![0-9])|1|2|3|4|5/g;

function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** Seconds east of UTC of a zone at an instant; undefined for an unknown zone. */
export function zoneOffset(zone: string, nanos: bigint): number | undefined {
  if (zone === "" || zone === "UTC" || zone === "Local") return 0;
  const fixed = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (fixed !== null) return (fixed[1] === "-" ? -1 : 1) * (Number(fixed[2]) * 3600 + Number(fixed[3]) * 60);
  try {
    const format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" });
    const name =
      format
        .formatToParts(new Date(Number(floorDiv(nanos, 1_000_000n))))
        .find((part) => part.type === "timeZoneName")?.value ?? "";
    const match = /GMT([+-])(\d{2}):(\d{2})(?::(\d{2}))?/.exec(name);
    if (match === null) return 0;
    return (
      (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0))
    );
  } catch (error) {
    // Intl reports an unknown zone by throwing a RangeError.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function zoneName(zone: string, nanos: bigint, offset: number): string {
  if (zone === "" || zone === "UTC" || zone === "Local") return "UTC";
  if (/^[+-]/.test(zone)) return offsetText(offset, "");
  const instant = new Date(Number(floorDiv(nanos, 1_000_000n)));
  // Each language abbreviates the zones of its own countries.
  for (const language of ["en-US", "en-GB", "en-AU", "en-IN", "en-NZ", "en-ZA"]) {
    const format = new Intl.DateTimeFormat(language, { timeZone: zone, timeZoneName: "short" });
    const name = format.formatToParts(instant).find((part) => part.type === "timeZoneName")?.value ?? "";
    if (name !== "" && !/^(?:GMT|UTC)./.test(name)) return name;
  }
  return offsetText(offset, "").slice(0, 3);
}

function offsetText(offset: number, colon: string): string {
  const magnitude = Math.abs(offset);
  const pad = (value: number): string => String(Math.floor(value)).padStart(2, "0");
  return `${offset < 0 ? "-" : "+"}${pad(magnitude / 3600)}${colon}${pad((magnitude % 3600) / 60)}`;
}

/** Formats an instant by a Go layout. */
export function formatTime(nanos: bigint, layout: string, zone: string): string {
  const offset = zoneOffset(zone, nanos) ?? 0;
  const local = nanos + BigInt(offset) * second;
  const seconds = floorDiv(local, second);
  const date = new Date(Number(seconds) * 1000);
  const fraction = (local - seconds * second).toString().padStart(9, "0");
  const pad = (value: number, size = 2, fill = "0"): string => String(value).padStart(size, fill);
  const hour12 = date.getUTCHours() % 12 === 0 ? 12 : date.getUTCHours() % 12;
  const month = months[date.getUTCMonth()] ?? "";
  const day = days[date.getUTCDay()] ?? "";
  const newYear = new Date(0);
  newYear.setUTCFullYear(date.getUTCFullYear(), 0, 1);
  const yearDay = Math.floor((date.getTime() - newYear.getTime()) / 86_400_000) + 1;
  const zulu = (text: string): string => (offset === 0 ? "Z" : text);
  return layout.replace(layoutToken, (token) => {
    switch (token) {
      case "January":
        return month;
      case "Jan":
        return month.slice(0, 3);
      case "01":
        return pad(date.getUTCMonth() + 1);
      case "1":
        return String(date.getUTCMonth() + 1);
      case "Monday":
        return day;
      case "Mon":
        return day.slice(0, 3);
      case "02":
        return pad(date.getUTCDate());
      case "_2":
        return pad(date.getUTCDate(), 2, " ");
      case "2":
        return String(date.getUTCDate());
      case "002":
        return pad(yearDay, 3);
      case "__2":
        return pad(yearDay, 3, " ");
      case "2006":
        return pad(date.getUTCFullYear(), 4);
      case "_2006":
        return `_${pad(date.getUTCFullYear(), 4)}`;
      case "06":
        return pad(date.getUTCFullYear() % 100);
      case "15":
        return pad(date.getUTCHours());
      case "03":
        return pad(hour12);
      case "3":
        return String(hour12);
      case "04":
        return pad(date.getUTCMinutes());
      case "4":
        return String(date.getUTCMinutes());
      case "05":
        return pad(date.getUTCSeconds());
      case "5":
        return String(date.getUTCSeconds());
      case "PM":
        return date.getUTCHours() < 12 ? "AM" : "PM";
      case "pm":
        return date.getUTCHours() < 12 ? "am" : "pm";
      case "MST":
        return zoneName(zone, nanos, offset);
      case "-0700":
        return offsetText(offset, "");
      case "-07:00":
        return offsetText(offset, ":");
      case "-07":
        return offsetText(offset, "").slice(0, 3);
      case "-07:00:00":
        return `${offsetText(offset, ":")}:00`;
      case "-070000":
        return `${offsetText(offset, "")}00`;
      case "Z0700":
        return zulu(offsetText(offset, ""));
      case "Z07:00":
        return zulu(offsetText(offset, ":"));
      case "Z07":
        return zulu(offsetText(offset, "").slice(0, 3));
      case "Z07:00:00":
        return zulu(`${offsetText(offset, ":")}:00`);
      case "Z070000":
        return zulu(`${offsetText(offset, "")}00`);
      default:
        return fractionText(token, fraction);
    }
  });
}

function fractionText(token: string, fraction: string): string {
  const digits = fraction.slice(0, token.length - 1);
  if (token[1] === "0") return token.slice(0, 1) + digits;
  const trimmed = digits.replace(/0+$/, "");
  return trimmed === "" ? "" : token.slice(0, 1) + trimmed;
}

interface ParsedTime {
  readonly nanos: bigint;
  readonly zone: string;
}

/** Reads a time by a Go layout; the error's text, as Go words it, when it does not fit. */
export function parseTime(layout: string, text: string): ParsedTime | string {
  const fields = {
    year: 0,
    month: 1,
    day: 1,
    hour: 0,
    minute: 0,
    second: 0,
    pm: undefined as boolean | undefined,
    nanos: 0n,
    offset: 0,
    zone: "UTC",
  };
  let rest = text;
  const bad = (token: string): string =>
    `parsing time ${quoted(text)} as ${quoted(layout)}: cannot parse ${quoted(rest)} as ${quoted(token)}`;
  const take = (pattern: RegExp): string | undefined => {
    const match = pattern.exec(rest)?.[0];
    if (match !== undefined) rest = rest.slice(match.length);
    return match;
  };
  let at = 0;
  const literal = (part: string): boolean => {
    if (!rest.startsWith(part)) return false;
    rest = rest.slice(part.length);
    return true;
  };
  for (const match of layout.matchAll(layoutToken)) {
    const before = layout.slice(at, match.index);
    if (!literal(before)) return bad(before);
    at = match.index + match[0].length;
    if (!readToken(match[0], take, fields)) return bad(match[0]);
    if ((match[0] === "05" || match[0] === "5") && !/^[.,][09]/.test(layout.slice(at))) {
      const fraction = take(/^[.,]\d+/);
      if (fraction !== undefined) fields.nanos = BigInt(fraction.slice(1, 10).padEnd(9, "0"));
    }
  }
  const tail = layout.slice(at);
  if (!literal(tail)) return bad(tail);
  if (rest !== "") return `parsing time ${quoted(text)}: extra text: ${quoted(rest)}`;
  return assemble(text, fields);
}

function assemble(
  text: string,
  fields: {
    year: number;
    month: number;
    day: number;
    hour: number;
    minute: number;
    second: number;
    pm: boolean | undefined;
    nanos: bigint;
    offset: number;
    zone: string;
  },
): ParsedTime | string {
  const range = (what: string): string => `parsing time ${quoted(text)}: ${what} out of range`;
  if (fields.month < 1 || fields.month > 12) return range("month");
  if (fields.hour > 23) return range("hour");
  if (fields.minute > 59) return range("minute");
  if (fields.second > 59) return range("second");
  const hour = fields.pm === undefined ? fields.hour : (fields.hour % 12) + (fields.pm ? 12 : 0);
  const date = new Date(0);
  date.setUTCFullYear(fields.year, fields.month - 1, fields.day);
  if (date.getUTCDate() !== fields.day) return range("day");
  date.setUTCHours(hour, fields.minute, fields.second);
  return { nanos: BigInt(date.getTime() / 1000 - fields.offset) * second + fields.nanos, zone: fields.zone };
}

function readToken(
  token: string,
  take: (pattern: RegExp) => string | undefined,
  fields: {
    year: number;
    month: number;
    day: number;
    hour: number;
    minute: number;
    second: number;
    pm: boolean | undefined;
    nanos: bigint;
    offset: number;
    zone: string;
  },
): boolean {
  const number = (pattern: RegExp, set: (value: number) => void): boolean => {
    const digits = take(pattern)?.trim();
    if (digits === undefined) return false;
    set(Number(digits));
    return true;
  };
  const word = (list: readonly string[], size: number | undefined, set: (index: number) => void): boolean => {
    const index = list.findIndex(
      (name) => take(new RegExp(`^${size === undefined ? name : name.slice(0, size)}`, "i")) !== undefined,
    );
    if (index >= 0) set(index);
    return index >= 0;
  };
  switch (token) {
    case "2006":
      return number(/^\d{4}/, (value) => {
        fields.year = value;
      });
    case "06":
      return number(/^\d{2}/, (value) => {
        fields.year = value >= 69 ? 1900 + value : 2000 + value;
      });
    case "01":
      return number(/^\d{2}/, (value) => {
        fields.month = value;
      });
    case "1":
      return number(/^\d{1,2}/, (value) => {
        fields.month = value;
      });
    case "January":
      return word(months, undefined, (index) => {
        fields.month = index + 1;
      });
    case "Jan":
      return word(months, 3, (index) => {
        fields.month = index + 1;
      });
    case "Monday":
      return word(days, undefined, () => undefined);
    case "Mon":
      return word(days, 3, () => undefined);
    case "02":
      return number(/^\d{2}/, (value) => {
        fields.day = value;
      });
    case "2":
      return number(/^\d{1,2}/, (value) => {
        fields.day = value;
      });
    case "_2":
      return number(/^ ?\d{1,2}/, (value) => {
        fields.day = value;
      });
    case "15":
      return number(/^\d{2}/, (value) => {
        fields.hour = value;
      });
    case "03":
      return number(/^\d{2}/, (value) => {
        fields.hour = value;
      });
    case "3":
      return number(/^\d{1,2}/, (value) => {
        fields.hour = value;
      });
    case "04":
      return number(/^\d{2}/, (value) => {
        fields.minute = value;
      });
    case "4":
      return number(/^\d{1,2}/, (value) => {
        fields.minute = value;
      });
    case "05":
      return number(/^\d{2}/, (value) => {
        fields.second = value;
      });
    case "5":
      return number(/^\d{1,2}/, (value) => {
        fields.second = value;
      });
    case "PM":
    case "pm": {
      const half = take(/^(?:AM|PM|am|pm)/);
      fields.pm = half?.toLowerCase() === "pm";
      return half !== undefined;
    }
    case "MST": {
      const name = take(/^[A-Z]{3,4}/);
      return name !== undefined;
    }
    default:
      return readZoneOrFraction(token, take, fields);
  }
}

function readZoneOrFraction(
  token: string,
  take: (pattern: RegExp) => string | undefined,
  fields: { nanos: bigint; offset: number; zone: string },
): boolean {
  if (/^[.,]/.test(token)) {
    const fraction = take(token[1] === "0" ? new RegExp(`^[.,]\\d{${token.length - 1}}`) : /^[.,]\d+/);
    if (fraction !== undefined) fields.nanos = BigInt(fraction.slice(1, 10).padEnd(9, "0"));
    return fraction !== undefined || token[1] === "9";
  }
  if (token.startsWith("Z") && take(/^Z/) !== undefined) return true;
  const text = take(
    token.includes(":") ? /^[+-]\d{2}:\d{2}/ : token.length <= 3 ? /^[+-]\d{2}/ : /^[+-]\d{4}/,
  );
  if (text === undefined) return false;
  const digits = text.replace(":", "").padEnd(5, "0");
  fields.offset =
    (digits.startsWith("-") ? -1 : 1) * (Number(digits.slice(1, 3)) * 3600 + Number(digits.slice(3, 5)) * 60);
  fields.zone = fields.offset === 0 ? "UTC" : `${digits.slice(0, 3)}:${digits.slice(3, 5)}`;
  return true;
}

const units = new Map([
  ["ns", 1n],
  ["us", 1000n],
  ["µs", 1000n],
  ["μs", 1000n],
  ["ms", 1_000_000n],
  ["s", second],
  ["m", 60n * second],
  ["h", 3600n * second],
]);

/** Text quoted as Go's package time quotes it: every byte that is not plain ASCII escaped. */
function quoted(text: string): string {
  let out = "";
  for (const byte of bytesOf(text)) {
    const char = String.fromCharCode(byte);
    if (byte < 0x20 || byte >= 0x80) out += `\\x${byte.toString(16).padStart(2, "0")}`;
    else out += char === '"' || char === "\\" ? `\\${char}` : char;
  }
  return `"${out}"`;
}

/** Reads a Go duration as nanoseconds; the error's text, as Go words it, when malformed. */
export function parseDuration(text: string): bigint | string {
  const invalid = `time: invalid duration ${quoted(text)}`;
  let rest = text.replace(/^[+-]/, "");
  if (rest === "0") return 0n;
  if (rest === "") return invalid;
  const limit = 1n << 63n;
  let total = 0n;
  while (rest !== "") {
    const [number = "", whole = "", fraction = ""] = /^(\d*)(?:\.(\d*))?/.exec(rest) ?? [];
    if (whole === "" && fraction === "") return invalid;
    rest = rest.slice(number.length);
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? "";
    if (unit === "") return `time: missing unit in duration ${quoted(text)}`;
    rest = rest.slice(unit.length);
    const scale = units.get(unit);
    if (scale === undefined) return `time: unknown unit ${quoted(unit)} in duration ${quoted(text)}`;
    if (whole.length > 40) return invalid;
    total += BigInt(whole === "" ? 0 : whole) * scale;
    const kept = fraction.slice(0, 30);
    if (kept !== "") total += (BigInt(kept) * scale) / 10n ** BigInt(kept.length);
    if (total > limit) return invalid;
  }
  if (text.startsWith("-")) return -total;
  return total > limit - 1n ? invalid : total;
}

/** Nanoseconds as Go prints a duration: `1h2m3.5s`. */
export function formatDurationNanos(nanos: bigint): string {
  if (nanos === 0n) return "0s";
  const sign = nanos < 0n ? "-" : "";
  const magnitude = nanos < 0n ? -nanos : nanos;
  if (magnitude < second) {
    const [unit, scale] =
      magnitude < 1000n
        ? (["ns", 1n] as const)
        : magnitude < 1_000_000n
          ? (["µs", 1000n] as const)
          : (["ms", 1_000_000n] as const);
    return `${sign}${decimal(magnitude, scale)}${unit}`;
  }
  const minutes = magnitude / (60n * second);
  const seconds = decimal(magnitude % (60n * second), second);
  const hours = minutes / 60n;
  return `${sign}${hours > 0n ? `${hours}h` : ""}${minutes > 0n ? `${minutes % 60n}m` : ""}${seconds}s`;
}

function decimal(value: bigint, scale: bigint): string {
  const fraction = (value % scale)
    .toString()
    .padStart(scale.toString().length - 1, "0")
    .replace(/0+$/, "");
  return `${value / scale}${scale === 1n || fraction === "" ? "" : `.${fraction}`}`;
}
