import { formatGoFloat } from "./go-number.js";

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  "\u00b5s": 1e-3,
  "\u03bcs": 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const whole = /^[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/;
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;

/** 2^63 nanoseconds: beyond what Go's `time.Duration` holds. */
const maxMs = 9_223_372_036_854.775;

/** Why a text is no duration, in Go's words. */
export class DurationError extends Error {
  override readonly name = "DurationError";
}

/**
 * Reads a duration as Go's `time.ParseDuration` does (`1h2m3.5s`, `-10ms`, `0`) into milliseconds, which
 * may be fractional.
 *
 * @throws {DurationError} in Go's words: `time: invalid duration "x"`
 */
export function parseDuration(text: string): number {
  if (text === "0" || text === "+0" || text === "-0") return 0;
  if (text.length > 200 || !whole.test(text)) throw new DurationError(durationFault(text));
  let ms = 0;
  for (const [, amount, unit] of text.matchAll(part)) ms += Number(amount) * (unitMs[unit ?? ""] ?? 0);
  if (ms > maxMs) throw new DurationError(`time: invalid duration ${JSON.stringify(text)}`);
  return text.startsWith("-") ? -ms : ms;
}

function durationFault(text: string): string {
  const shown = JSON.stringify(text.slice(0, 200));
  const known =
    /^[-+]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))*(?:\d+(?:\.\d*)?|\.\d+)([^\d.]*)/;
  const match = text.length > 200 ? null : known.exec(text);
  if (match === null) return `time: invalid duration ${shown}`;
  if (match[1] === "") return `time: missing unit in duration ${shown}`;
  return `time: unknown unit ${JSON.stringify(match[1])} in duration ${shown}`;
}

/** Prints milliseconds as Go prints a `time.Duration`: `1h2m3.5s`, `1m0s`, `1.5ms`, `0s`. */
export function formatDuration(ms: number): string {
  if (ms === 0) return "0s";
  const sign = ms < 0 ? "-" : "";
  const magnitude = Math.abs(ms);
  if (magnitude < 1e-3) return `${sign}${decimal(magnitude * 1e6, 0)}ns`;
  if (magnitude < 1) return `${sign}${decimal(magnitude * 1e3, 3)}\u00b5s`;
  if (magnitude < 1000) return `${sign}${decimal(magnitude, 6)}ms`;
  const seconds = Math.floor(magnitude / 1000);
  const rest = decimal((seconds % 60) + (magnitude % 1000) / 1000, 9);
  const minutes = Math.floor(seconds / 60);
  if (minutes === 0) return `${sign}${rest}s`;
  return minutes < 60
    ? `${sign}${minutes}m${rest}s`
    : `${sign}${Math.floor(minutes / 60)}h${minutes % 60}m${rest}s`;
}

function decimal(value: number, digits: number): string {
  return formatGoFloat(Number(value.toFixed(digits)));
}
