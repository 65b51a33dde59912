import type { Clock } from "@capstan/kube";
import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import { GoInt, type GoValue } from "../value/go-value.js";
import { formatDurationNanos, parseDuration, parseTime, zoneOffset } from "./go-time.js";
import { floorSeconds, TimeValue } from "./time-value.js";

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
