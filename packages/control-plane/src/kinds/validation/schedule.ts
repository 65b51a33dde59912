import type { Problems } from "./problems.js";

interface CronField {
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const FIELDS: readonly CronField[] = [
  { least: 0, most: 59, names: [] },
  { least: 0, most: 23, names: [] },
  { least: 1, most: 31, names: [] },
  { least: 1, most: 12, names: MONTHS },
  { least: 0, most: 6, names: DAYS },
];
const DESCRIPTORS = new Set([
  "@yearly",
  "@annually",
  "@monthly",
  "@weekly",
  "@daily",
  "@midnight",
  "@hourly",
]);

/** A cron schedule and the time zone it is read in. */
export function validateCronSchedule(
  problems: Problems,
  field: string,
  schedule: string,
  timeZone: unknown,
): void {
  if (schedule.includes("TZ")) {
    problems.invalid(field, schedule, "cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
  } else {
    const message = scheduleMessage(schedule);
    if (message !== undefined) problems.invalid(field, schedule, message);
  }
  if (timeZone !== undefined)
    validateTimeZone(problems, field.replace(/schedule$/, "timeZone"), String(timeZone));
}

function scheduleMessage(schedule: string): string | undefined {
  if (schedule.startsWith("@")) {
    if (DESCRIPTORS.has(schedule)) return undefined;
    if (/^@every \d/.test(schedule)) return undefined;
    return `unrecognized descriptor: ${schedule}`;
  }
  const parts = schedule.split(/\s+/).filter((part) => part !== "");
  if (parts.length !== FIELDS.length) {
    return `expected exactly 5 fields, found ${parts.length}: [${parts.join(" ")}]`;
  }
  for (const [index, rule] of FIELDS.entries()) {
    for (const term of (parts[index] ?? "").split(",")) {
      const message = termMessage(term, rule);
      if (message !== undefined) return message;
    }
  }
  return undefined;
}

function termMessage(term: string, rule: CronField): string | undefined {
  const [range = "", step, ...more] = term.split("/");
  if (more.length > 0) return `too many slashes: ${term}`;
  const [low = "", high, ...rest] = range.split("-");
  if (rest.length > 0) return `too many hyphens: ${term}`;
  if (range !== "*" && range !== "?") {
    const start = numberOf(low, rule);
    const end = high === undefined ? start : numberOf(high, rule);
    if (start === undefined || end === undefined) {
      const bad = start === undefined ? low : (high ?? "");
      return `failed to parse int from ${bad}: strconv.Atoi: parsing ${JSON.stringify(bad)}: invalid syntax`;
    }
    if (start < rule.least) return `beginning of range (${start}) below minimum (${rule.least}): ${term}`;
    const last = high === undefined && step !== undefined ? rule.most : end;
    if (last > rule.most) return `end of range (${last}) above maximum (${rule.most}): ${term}`;
    if (start > last) return `beginning of range (${start}) beyond end of range (${last}): ${term}`;
  }
  if (step === undefined) return undefined;
  if (!/^\d+$/.test(step))
    return `failed to parse int from ${step}: strconv.Atoi: parsing ${JSON.stringify(step)}: invalid syntax`;
  return Number(step) === 0 ? `step of range should be a positive number: ${term}` : undefined;
}

function numberOf(text: string, rule: CronField): number | undefined {
  const named = rule.names.indexOf(text.toLowerCase());
  if (named >= 0) return named + rule.least;
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

function validateTimeZone(problems: Problems, field: string, zone: string): void {
  if (zone === "") {
    problems.invalid(field, zone, "timeZone must be nil or non-empty string");
  } else if (zone.toLowerCase() === "local") {
    problems.invalid(
      field,
      zone,
      "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
    );
  } else if (!isTimeZone(zone)) {
    problems.invalid(field, zone, `unknown time zone ${zone}`);
  }
}

function isTimeZone(zone: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone !== "";
  } catch {
    // The constructor refuses names that it does not know.
    return false;
  }
}
