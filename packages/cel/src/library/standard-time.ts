import type { FunctionDecl } from "../check/environment.js";
import { durationType, intType, stringType, timestampType } from "../types.js";
import { type CalendarFields, calendarFields, Duration, Timestamp } from "../value/time.js";
import { EvalFailure, noSuchOverload, type Result, type Value } from "../value/value.js";
import { declareWith, method } from "./declare.js";

/** An accessor of timestamps, and of durations where a divisor of nanoseconds is given. */
function accessor(
  name: string,
  id: string,
  read: (fields: CalendarFields) => number,
  perUnit?: (nanos: bigint) => bigint,
): FunctionDecl {
  const run = (value: Value = null, zone: Value = "UTC"): Result => {
    if (value instanceof Duration && perUnit !== undefined) return Number(perUnit(value.nanos));
    if (!(value instanceof Timestamp) || typeof zone !== "string") return noSuchOverload();
    const fields = calendarFields(value, zone);
    return fields instanceof EvalFailure ? fields : read(fields);
  };
  const zoned = id === "timestamp_to_seconds" ? "timestamp_to_seconds_tz" : `${id}_with_tz`;
  const overloads = [
    method(id, [timestampType], intType),
    method(zoned, [timestampType, stringType], intType),
  ];
  if (perUnit !== undefined)
    overloads.push(method(id.replace("timestamp", "duration"), [durationType], intType));
  return declareWith(name, run, ...overloads);
}

/** `getMilliseconds` of a duration as the specification has it: what is left beyond whole seconds. */
export const specificationTimeFunctions: readonly FunctionDecl[] = [
  declareWith(
    "getMilliseconds",
    (value = null) =>
      value instanceof Duration ? Number((value.nanos / 1_000_000n) % 1000n) : noSuchOverload(),
    method("duration_to_milliseconds", [durationType], intType),
  ),
];

/** The calendar accessors of timestamps and the unit accessors of durations. */
export const timeFunctions: readonly FunctionDecl[] = [
  accessor("getFullYear", "timestamp_to_year", (fields) => fields.year),
  accessor("getMonth", "timestamp_to_month", (fields) => fields.month),
  accessor("getDayOfYear", "timestamp_to_day_of_year", (fields) => fields.yearDay),
  accessor("getDayOfMonth", "timestamp_to_day_of_month", (fields) => fields.day - 1),
  accessor("getDate", "timestamp_to_day_of_month_1_based", (fields) => fields.day),
  accessor("getDayOfWeek", "timestamp_to_day_of_week", (fields) => fields.weekday),
  accessor(
    "getHours",
    "timestamp_to_hours",
    (fields) => fields.hour,
    (nanos) => nanos / 3_600_000_000_000n,
  ),
  accessor(
    "getMinutes",
    "timestamp_to_minutes",
    (fields) => fields.minute,
    (nanos) => nanos / 60_000_000_000n,
  ),
  accessor(
    "getSeconds",
    "timestamp_to_seconds",
    (fields) => fields.second,
    (nanos) => nanos / 1_000_000_000n,
  ),
  accessor(
    "getMilliseconds",
    "timestamp_to_milliseconds",
    (fields) => fields.millisecond,
    (nanos) => nanos / 1_000_000n,
  ),
];
