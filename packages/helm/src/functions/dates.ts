import type { Clock } from "@capstan/kube";
import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { GoInt, type GoMethod, GoStruct, type GoValue } from "../value/go-value.js";
import { int } from "./cast.js";
import { formatDurationNanos, formatTime, parseDuration, parseTime, zoneOffset } from "./go-time.js";

/** `time.Time`: nanoseconds since 1970, in a zone. */
export class TimeValue extends GoStruct {
  readonly typeName = "time.Time";
  readonly nanos: bigint;
  readonly zone: string;

  constructor(nanos: bigint, zone = "UTC") {
    super();
    this.nanos = nanos;
    this.zone = zone;
  }

  format(layout: string, zone = this.zone): string {
    return formatTime(this.nanos, layout, zone);
  }

  text(): string {
    return this.format("2006-01-02 15:04:05.999999999 -0700 MST");
  }

  toPlain(): unknown {
    return this.format("2006-01-02T15:04:05.999999999Z07:00");
  }

  override method(name: string): GoMethod | undefined {
    const number = (layout: string): GoMethod => ({
      params: [],
      run: () => int(Number(this.format(layout))),
    });
    switch (name) {
      case "Format":
        return { params: ["string"], run: (layout) => this.format(String(layout)) };
      case "Unix":
        return { params: [], run: () => new GoInt(floorSeconds(this.nanos), "int64") };
      case "UnixNano":
        return { params: [], run: () => new GoInt(this.nanos, "int64") };
      case "Year":
        return number("2006");
      case "Month":
        return { params: [], run: () => this.format("January") };
      case "Day":
        return number("2");
      case "Hour":
        return number("15");
      case "Minute":
        return number("4");
      case "Second":
        return number("5");
      case "YearDay":
        return number("002");
      case "Weekday":
        return { params: [], run: () => this.format("Monday") };
      case "UTC":
        return { params: [], run: () => new TimeValue(this.nanos) };
      case "String":
        return { params: [], run: () => this.text() };
      case "AddDate":
        return {
          params: ["int", "int", "int"],
          run: (years, months, days) => addDate(this, years, months, days),
        };
      default:
        return undefined;
    }
  }
}

function addDate(time: TimeValue, years: GoValue, months: GoValue, days: GoValue): TimeValue {
  const amount = (value: GoValue): number => (value instanceof GoInt ? Number(value.value) : 0);
  const date = new Date(Number(floorSeconds(time.nanos)) * 1000);
  const before = date.getTime();
  date.setUTCFullYear(
    date.getUTCFullYear() + amount(years),
    date.getUTCMonth() + amount(months),
    date.getUTCDate() + amount(days),
  );
  return new TimeValue(time.nanos + BigInt(date.getTime() - before) * 1_000_000n, time.zone);
}

function floorSeconds(nanos: bigint): bigint {
  const seconds = nanos / 1_000_000_000n;
  return nanos % 1_000_000_000n < 0n ? seconds - 1n : seconds;
}

const zeroTime = -62_135_596_800_000_000_000n;

function rounded(nanos: bigint): string {
  const magnitude = nanos < 0n ? -nanos : nanos;
  const second = 1_000_000_000n;
  const units: readonly (readonly [string, bigint])[] = [
    ["y", 365n * 24n * 3600n * second],
    ["mo", 30n * 24n * 3600n * second],
    ["d", 24n * 3600n * second],
    ["h", 3600n * second],
    ["m", 60n * second],
    ["s", second],
  ];
  for (const [name, size] of units) if (magnitude > size) return `${magnitude / size}${name}`;
  return "0s";
}

/** Sprig's functions on dates and durations, in UTC where the zone is the process's own. */
export function dateFunctions(clock: Clock): Readonly<Record<string, TemplateFunction>> {
  const now = (): TimeValue => new TimeValue(BigInt(Math.floor(clock.now())) * 1_000_000n);
  const timeOf = (value: GoValue): TimeValue => {
    if (value instanceof TimeValue) return value;
    return value instanceof GoInt ? new TimeValue(value.value * 1_000_000_000n) : now();
  };
  const inZone = (layout: string, value: GoValue, zone: string): string => {
    const time = timeOf(value);
    return time.format(layout, zoneOffset(zone, time.nanos) === undefined ? "UTC" : zone);
  };
  const toDate = (layout: string, text: string): TimeValue | string => {
    const parsed = parseTime(layout, text);
    return typeof parsed === "string" ? parsed : new TimeValue(parsed.nanos, parsed.zone);
  };
  const modify = (text: string, time: GoValue, must: boolean): GoValue => {
    const nanos = parseDuration(text);
    const base = timeOf(time);
    if (typeof nanos === "bigint") return new TimeValue(base.nanos + nanos, base.zone);
    if (must) throw new FunctionError(nanos);
    return base;
  };
  const dateInZone = fn("string any string", inZone);
  const dateModify = fn("string time", (text: string, time: GoValue) => modify(text, time, false));
  const mustDateModify = fn("string time", (text: string, time: GoValue) => modify(text, time, true));
  return {
    now: fn("", now),
    date: fn("string any", (layout: string, value: GoValue) => inZone(layout, value, "UTC")),
    dateInZone,
    date_in_zone: dateInZone,
    htmlDate: fn("any", (value: GoValue) => inZone("2006-01-02", value, "UTC")),
    htmlDateInZone: fn("any string", (value: GoValue, zone: string) => inZone("2006-01-02", value, zone)),
    toDate: fn("string string", (layout: string, text: string) => {
      const time = toDate(layout, text);
      return typeof time === "string" ? new TimeValue(zeroTime) : time;
    }),
    mustToDate: fn("string string", (layout: string, text: string) => {
      const time = toDate(layout, text);
      if (typeof time === "string") throw new FunctionError(time);
      return time;
    }),
    dateModify,
    date_modify: dateModify,
    mustDateModify,
    must_date_modify: mustDateModify,
    ago: fn("any", (value: GoValue) => {
      const nanos = now().nanos - timeOf(value).nanos;
      const second = 1_000_000_000n;
      return formatDurationNanos(((nanos + (nanos < 0n ? -second : second) / 2n) / second) * second);
    }),
    duration: fn("any", (value: GoValue) => {
      if (typeof value === "string" && /^[+-]?\d+$/.test(value))
        return formatDurationNanos(BigInt(value) * 1_000_000_000n);
      const isInt64 = value instanceof GoInt && value.kind === "int64";
      return formatDurationNanos(isInt64 ? value.value * 1_000_000_000n : 0n);
    }),
    durationRound: fn("any", (value: GoValue) => {
      if (typeof value === "string") {
        const nanos = parseDuration(value);
        return rounded(typeof nanos === "bigint" ? nanos : 0n);
      }
      if (value instanceof GoInt && value.kind === "int64") return rounded(value.value);
      return value instanceof TimeValue ? rounded(now().nanos - value.nanos) : "0s";
    }),
    unixEpoch: fn("time", (time: TimeValue) => String(floorSeconds(time.nanos))),
  };
}
