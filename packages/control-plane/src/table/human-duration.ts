const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24;
const YEAR = 365 * DAY;

/**
 * A span of time as kubectl shows ages: `45s`, `3m10s`, `5h2m`, `2d4h`, `300d`, `3y20d`.
 * Spans up to a second in the future are `0s`, later ones `<invalid>`.
 */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 2 * MINUTE) return `${seconds}s`;
  const minutes = Math.floor(seconds / MINUTE);
  if (minutes < 10) return two(minutes, "m", seconds % MINUTE, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(seconds / HOUR);
  if (hours < 8) return two(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / DAY);
  if (hours < 192) return two(days, "d", hours % DAY, "h");
  if (hours < 2 * YEAR) return `${days}d`;
  const years = Math.floor(hours / YEAR);
  return hours < 8 * YEAR ? two(years, "y", days % 365, "d") : `${years}y`;
}

function two(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major}${majorUnit}` : `${major}${majorUnit}${minor}${minorUnit}`;
}

/** How long ago an RFC 3339 time was; `<unknown>` where there is none, `<invalid>` where it is no time. */
export function ageOf(time: unknown, now: number): string {
  if (typeof time !== "string" || time === "") return "<unknown>";
  const at = Date.parse(time);
  return Number.isNaN(at) ? "<invalid>" : humanDuration(now - at);
}
