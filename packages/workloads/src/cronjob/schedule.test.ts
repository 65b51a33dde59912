import { describe, expect, it } from "vitest";
import { latestDue, parseSchedule, ScheduleError } from "./schedule.js";

const at = (text: string) => Date.parse(text);
const next = (schedule: string, from: string, zone?: string) => {
  const ms = parseSchedule(schedule, zone).next(at(from));
  return ms === undefined ? undefined : new Date(ms).toISOString().slice(0, 16);
};

describe("parseSchedule", () => {
  it.each([
    ["*/5 * * * *", "2026-01-01T00:01:00Z", undefined, "2026-01-01T00:05"],
    ["0 3 * * *", "2026-01-01T03:00:00Z", undefined, "2026-01-02T03:00"],
    ["@weekly", "2026-01-01T00:00:00Z", undefined, "2026-01-04T00:00"],
    ["0 0 ? * mon-fri", "2026-01-03T00:00:00Z", undefined, "2026-01-05T00:00"],
    ["0 0 13 * 5", "2026-01-03T00:00:00Z", undefined, "2026-01-09T00:00"],
    ["0 0 */2 * 1", "2026-01-01T00:00:00Z", undefined, "2026-01-05T00:00"],
    ["0 9 * * *", "2026-07-01T00:00:00Z", "Europe/Berlin", "2026-07-01T07:00"],
    ["0 9 * * *", "2026-01-01T00:00:00Z", "America/New_York", "2026-01-01T14:00"],
    ["0 0 31 2 *", "2026-01-01T00:00:00Z", undefined, undefined],
  ])("%s after %s in %s is %s", (schedule, from, zone, expected) => {
    expect(next(schedule, from, zone)).toBe(expected);
  });

  it.each([
    "",
    "* * * *",
    "* * * * * *",
    "@every 1h",
    "60 * * * *",
    "* * * * 7",
    "* * L * *",
    "TZ=UTC * * * * *",
    "*/0 * * * *",
    "a * * * *",
  ])("refuses %j", (schedule) => {
    expect(() => parseSchedule(schedule, undefined)).toThrow(ScheduleError);
  });

  it("refuses zones that do not exist", () => {
    expect(() => parseSchedule("* * * * *", "Mars/Olympus")).toThrow(/^invalid timeZone: "Mars\/Olympus"/);
  });
});

describe("latestDue", () => {
  const hourly = parseSchedule("0 * * * *", undefined);
  it.each([
    ["2026-01-01T00:00:00Z", "2026-01-01T00:30:00Z", undefined],
    ["2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z", { at: at("2026-01-01T01:00:00Z"), tooMany: false }],
    ["2026-01-01T00:00:00Z", "2026-01-01T05:10:00Z", { at: at("2026-01-01T05:00:00Z"), tooMany: false }],
    ["2026-01-01T00:00:00Z", "2026-02-01T05:10:00Z", { at: at("2026-02-01T05:00:00Z"), tooMany: true }],
  ])("from %s to %s", (from, now, expected) => {
    expect(latestDue(hourly, at(from), at(now))).toEqual(expected);
  });
});
