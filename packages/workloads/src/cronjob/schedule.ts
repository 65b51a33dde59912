import { Cron } from "croner";

/** Why a schedule cannot be followed. */
export class ScheduleError extends Error {
  override readonly name = "ScheduleError";
  readonly code: "UnparseableSchedule" | "UnknownTimeZone";

  constructor(code: ScheduleError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

/** When something is due. */
export interface Schedule {
  /** The first time after `ms`, both epoch ms; `undefined` where there is none. */
  next(ms: number): number | undefined;
}

const macros: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

// What cron has everywhere; the extensions of the library (`L`, `W`, `#`, `+`) are none of Kubernetes'.
const numbers = /^(?:\*|\?|\d{1,2}(?:-\d{1,2})?)(?:\/\d{1,2})?$/;
const months = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)$/i;
const days = /^(?:sun|mon|tue|wed|thu|fri|sat)$/i;

/**
 * Reads five fields of cron, or one of its macros, in a zone of the IANA database (UTC where none is given).
 *
 * @throws {ScheduleError}
 */
export function parseSchedule(text: string, timeZone: string | undefined): Schedule {
  if (/^(?:CRON_)?TZ=/.test(text)) {
    throw new ScheduleError(
      "UnparseableSchedule",
      "a time zone belongs into spec.timeZone, not into the schedule",
    );
  }
  checkZone(timeZone);
  const fields = (macros[text] ?? text).trim().split(/\s+/);
  if (fields.length !== 5) {
    const message = `expected exactly 5 fields, found ${fields.length}: ${JSON.stringify(text)}`;
    throw new ScheduleError("UnparseableSchedule", message);
  }
  fields.forEach((field, at) => {
    checkField(field, at, text);
  });
  return follow(
    fields.map((field) => field.replaceAll("?", "*")),
    timeZone ?? "UTC",
  );
}

function checkZone(timeZone: string | undefined): void {
  if (timeZone === undefined) return;
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch (error) {
    const reason = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`;
    if (error instanceof RangeError) throw new ScheduleError("UnknownTimeZone", reason);
    throw error;
  }
}

function checkField(field: string, at: number, text: string): void {
  const names = at === 3 ? months : at === 4 ? days : undefined;
  for (const part of field.split(",")) {
    const plain = part
      .split("/")[0]
      ?.split("-")
      .every((word) => names?.test(word) === true || /^\d{1,2}$/.test(word));
    const step = part.includes("/") ? /\/[1-9]\d?$/.test(part) : true;
    const weekday = at !== 4 || !/(?:^|-)[7-9]/.test(part);
    if ((plain === true || numbers.test(part)) && step && weekday) continue;
    throw new ScheduleError(
      "UnparseableSchedule",
      `failed to parse ${JSON.stringify(text)}: ${JSON.stringify(part)}`,
    );
  }
}

function follow(fields: readonly string[], timezone: string): Schedule {
  const [, , dayOfMonth = "*", , dayOfWeek = "*"] = fields;
  // A day field with a star restricts the other; two without stars allow each other's days.
  const domAndDow = dayOfMonth.startsWith("*") || dayOfWeek.startsWith("*");
  try {
    const cron = new Cron(fields.join(" "), { timezone, mode: "5-part", domAndDow, paused: true });
    return { next: (ms) => cron.nextRun(new Date(ms))?.getTime() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ScheduleError("UnparseableSchedule", reason);
  }
}

/** The latest time that is due, and whether more than a hundred were missed. */
export interface Due {
  readonly at: number;
  readonly tooMany: boolean;
}

/** The latest time after `earliest` up to `now`. */
export function latestDue(schedule: Schedule, earliest: number, now: number): Due | undefined {
  const first = schedule.next(earliest);
  if (first === undefined || first > now) return undefined;
  const second = schedule.next(first);
  if (second === undefined || second > now) return { at: first, tooMany: false };
  const interval = second - first;
  const missed = Math.floor((now - first) / interval) + 1;
  let at = first;
  // Jumps close to the end, then walks; irregular schedules may need a few steps.
  let next = schedule.next(first + Math.max(missed - 2, 0) * interval - 1);
  while (next !== undefined && next <= now) {
    at = next;
    next = schedule.next(next);
  }
  return { at, tooMany: missed > 100 };
}
