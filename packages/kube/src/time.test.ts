import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DurationError, formatDuration, parseDuration } from "./duration.js";
import { formatMicroTime, formatTime, parseTime } from "./time.js";

describe("durations", () => {
  it.each([
    ["1h2m3s", 3_723_000, "1h2m3s"],
    ["90s", 90_000, "1m30s"],
    ["1m", 60_000, "1m0s"],
    ["1.5h", 5_400_000, "1h30m0s"],
    ["1500ms", 1500, "1.5s"],
    ["-10ms", -10, "-10ms"],
    ["1.5ms", 1.5, "1.5ms"],
    ["250us", 0.25, "250\u00b5s"],
    ["100ns", 0.0001, "100ns"],
    ["0", 0, "0s"],
    [".5s", 500, "500ms"],
    ["100h", 360_000_000, "100h0m0s"],
  ])("%s is %d ms and prints as %s", (text, ms, printed) => {
    expect(parseDuration(text)).toBeCloseTo(ms, 9);
    expect(formatDuration(ms)).toBe(printed);
  });

  it.each([
    ["", 'time: invalid duration ""'],
    ["10", 'time: missing unit in duration "10"'],
    ["10x", 'time: unknown unit "x" in duration "10x"'],
    ["1h 2m", 'time: unknown unit "h " in duration "1h 2m"'],
    ["s", 'time: invalid duration "s"'],
    ["1d", 'time: unknown unit "d" in duration "1d"'],
    ["9999999h", 'time: invalid duration "9999999h"'],
  ])("refuses %j", (text, message) => {
    expect(() => parseDuration(text)).toThrow(new DurationError(message));
  });

  it("prints what reads back", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBeCloseTo(ms, 5);
      }),
    );
  });
});

describe("times", () => {
  it("prints seconds and microseconds", () => {
    expect(formatTime(1_136_214_245_999)).toBe("2006-01-02T15:04:05Z");
    expect(formatMicroTime(1_136_214_245_999.25)).toBe("2006-01-02T15:04:05.999250Z");
  });

  it.each([
    ["2006-01-02T15:04:05Z", 1_136_214_245_000],
    ["2006-01-02T15:04:05.123456789Z", 1_136_214_245_123.456],
    ["2006-01-02T16:04:05+01:00", 1_136_214_245_000],
    ["2006-01-02T10:34:05-04:30", 1_136_214_245_000],
  ])("reads %s", (text, ms) => {
    expect(parseTime(text)).toBeCloseTo(ms, 3);
  });

  it.each(["", "2006-01-02", "2006-02-30T00:00:00Z", "2006-01-02T24:00:00Z", "2006-01-02T15:04:05"])(
    "refuses %j",
    (text) => {
      expect(() => parseTime(text)).toThrow(RangeError);
    },
  );
});
