import { GoInt, type GoMethod, GoStruct, type GoValue } from "../value/go-value.js";
import { int } from "./cast.js";
import { formatDurationNanos, formatTime } from "./go-time.js";

const zeroTime = -62_135_596_800_000_000_000n;
const milli = 1_000_000n;

/** `time.Month` and `time.Weekday`: integers with names. */
class NamedInt extends GoStruct {
  readonly typeName: string;
  override readonly kind = "int" as const;
  private readonly value: bigint;
  private readonly name: string;

  constructor(typeName: string, value: number, name: string) {
    super();
    this.typeName = typeName;
    this.value = BigInt(value);
    this.name = name;
  }

  text(): string {
    return this.name;
  }

  toPlain(): unknown {
    return Number(this.value);
  }

  override number(): GoInt {
    return new GoInt(this.value);
  }

  override truth(): boolean {
    return this.value !== 0n;
  }

  override method(name: string): GoMethod | undefined {
    return name === "String" ? { params: [], run: () => this.name } : undefined;
  }
}

/** `time.Duration`. */
export class DurationValue extends GoStruct {
  readonly typeName = "time.Duration";
  override readonly kind = "int64" as const;
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    super();
    this.nanos = BigInt.asIntN(64, nanos);
  }

  text(): string {
    return formatDurationNanos(this.nanos);
  }

  toPlain(): unknown {
    return Number(this.nanos);
  }

  override number(): GoInt {
    return new GoInt(this.nanos, "int64");
  }

  override truth(): boolean {
    return this.nanos !== 0n;
  }

  override method(name: string): GoMethod | undefined {
    const plain = (run: () => GoValue): GoMethod => ({ params: [], run });
    const float = (unit: number): GoMethod => plain(() => Number(this.nanos) / unit);
    const whole = (unit: bigint): GoMethod => plain(() => new GoInt(this.nanos / unit, "int64"));
    switch (name) {
      case "Hours":
        return float(3.6e12);
      case "Minutes":
        return float(6e10);
      case "Seconds":
        return float(1e9);
      case "Milliseconds":
        return whole(milli);
      case "Microseconds":
        return whole(1000n);
      case "Nanoseconds":
        return whole(1n);
      case "String":
        return plain(() => this.text());
      case "Abs":
        return plain(() => new DurationValue(this.nanos < 0n ? -this.nanos : this.nanos));
      case "Truncate":
      case "Round":
        return {
          params: ["duration"],
          run: (unit) => new DurationValue(stepped(this.nanos, unit, name === "Round")),
        };
      default:
        return undefined;
    }
  }
}

/** Nanoseconds cut, or rounded away from zero, to a multiple of a duration. */
function stepped(nanos: bigint, unit: GoValue, round: boolean): bigint {
  const size = unit instanceof DurationValue ? unit.nanos : unit instanceof GoInt ? unit.value : 0n;
  if (size <= 0n) return nanos;
  const rest = nanos % size;
  const magnitude = rest < 0n ? -rest : rest;
  if (!round || magnitude * 2n < size) return nanos - rest;
  return nanos - rest + (nanos < 0n ? -size : size);
}

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
    const plain = (run: () => GoValue): GoMethod => ({ params: [], run });
    const compared = (run: (other: bigint) => GoValue): GoMethod => ({
      params: ["time"],
      run: (other) => run(other instanceof TimeValue ? other.nanos : 0n),
    });
    const moved = (run: (nanos: bigint) => bigint): GoMethod => ({
      params: ["duration"],
      run: (by) =>
        new TimeValue(
          run(by instanceof DurationValue ? by.nanos : by instanceof GoInt ? by.value : 0n),
          this.zone,
        ),
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
        return plain(() => new NamedInt("time.Month", Number(this.format("1")), this.format("January")));
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
        return plain(() => new NamedInt("time.Weekday", weekday(this), this.format("Monday")));
      case "UnixMilli":
        return plain(() => new GoInt(floorDiv(this.nanos, milli), "int64"));
      case "UnixMicro":
        return plain(() => new GoInt(floorDiv(this.nanos, 1000n), "int64"));
      case "Nanosecond":
        return plain(() => int(this.nanos - floorSeconds(this.nanos) * 1_000_000_000n));
      case "IsZero":
        return plain(() => this.nanos === zeroTime);
      case "Before":
        return compared((other) => this.nanos < other);
      case "After":
        return compared((other) => this.nanos > other);
      case "Equal":
        return compared((other) => this.nanos === other);
      case "Compare":
        return compared((other) => int(this.nanos < other ? -1 : this.nanos > other ? 1 : 0));
      case "Sub":
        return compared((other) => new DurationValue(this.nanos - other));
      case "Add":
        return moved((nanos) => this.nanos + nanos);
      case "Truncate":
        return moved((nanos) => zeroTime + stepped(this.nanos - zeroTime, int(nanos), false));
      case "Round":
        return moved((nanos) => zeroTime + stepped(this.nanos - zeroTime, int(nanos), true));
      case "Local":
        return plain(() => new TimeValue(this.nanos, this.zone));
      case "Location":
        return plain(() => this.zone);
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

function floorDiv(nanos: bigint, unit: bigint): bigint {
  const whole = nanos / unit;
  return nanos % unit < 0n ? whole - 1n : whole;
}

/** Whole seconds since 1970. */
export function floorSeconds(nanos: bigint): bigint {
  return floorDiv(nanos, 1_000_000_000n);
}

/** 0 for Sunday; 1970 began on a Thursday. */
function weekday(time: TimeValue): number {
  const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
  return Math.max(0, days.indexOf(time.format("Monday")));
}
