import { isIP, isIPv4, isIPv6 } from "node:net";

/** Formats of strings that are checked, by their name without dashes; other formats are ignored. */
const FORMATS = new Map<string, (text: string) => boolean>([
  ["bsonobjectid", (text) => /^[0-9a-fA-F]{24}$/.test(text)],
  ["uri", isRequestUri],
  ["email", (text) => /^[^\s@<>"]+@[^\s@<>"]+$/.test(text) || /^[^<>]*<[^\s@<>]+@[^\s@<>]+>$/.test(text)],
  ["hostname", isHostname],
  ["ipv4", (text) => isSloppyIPv4(text)],
  ["ipv6", (text) => isIPv6(text) && !text.includes("%")],
  ["cidr", isCidr],
  [
    "mac",
    (text) =>
      /^([0-9a-f]{2}([:-])(?:[0-9a-f]{2}\2)*[0-9a-f]{2}|([0-9a-f]{4}\.)+[0-9a-f]{4})$/i.test(text) &&
      MAC_BYTES.has(text.replaceAll(/[^0-9a-f]/gi, "").length / 2),
  ],
  ["uuid", (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text)],
  ["uuid3", (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text)],
  [
    "uuid4",
    (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  ],
  [
    "uuid5",
    (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  ],
  ["isbn", (text) => isIsbn10(text) || isIsbn13(text)],
  ["isbn10", isIsbn10],
  ["isbn13", isIsbn13],
  ["creditcard", isCreditCard],
  ["ssn", (text) => /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text)],
  ["hexcolor", (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text)],
  ["rgbcolor", isRgbColor],
  [
    "byte",
    (text) =>
      /^(?:[A-Za-z0-9+\\/]{4})*(?:[A-Za-z0-9+\\/]{2}==|[A-Za-z0-9+\\/]{3}=|[A-Za-z0-9+\\/]{4})$/.test(text),
  ],
  ["password", () => true],
  ["date", (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text)],
  ["duration", isDuration],
  ["datetime", isDateTime],
  ["k8sshortname", (text) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(text)],
  ["k8slongname", isLongName],
]);

const MAC_BYTES = new Set([6, 8, 20]);

/** The check of a format; undefined for one that is not known and so not checked. */
export function formatCheck(format: string | undefined): ((text: string) => boolean) | undefined {
  return format === undefined ? undefined : FORMATS.get(format.replaceAll("-", ""));
}

/** Longer texts than any valid one are refused before a pattern sees them. */
function isHostname(text: string): boolean {
  if (text.length > 255) return false;
  const labels = text.split(".");
  const last = labels.pop() ?? "";
  if (labels.length === 0) return /^[a-zA-Z0-9\p{S}\p{L}](-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?$/u.test(last);
  if (!/^[a-zA-Z\p{L}]{2,63}$/u.test(last)) return false;
  return labels.every((label) =>
    /^[a-zA-Z0-9\p{S}\p{L}]([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?$/u.test(label),
  );
}

function isRequestUri(text: string): boolean {
  if (text.startsWith("/")) return !/[\s\u0000-\u001f\u007f]/.test(text);
  return /^[a-zA-Z][a-zA-Z0-9+.-]*:[^\s\u0000-\u001f\u007f]*$/.test(text) && URL.canParse(text);
}

/** IPv4 with leading zeros allowed in its parts, as Go used to read them. */
function isSloppyIPv4(text: string): boolean {
  if (isIPv4(text)) return true;
  const parts = text.split(".");
  if (parts.length === 4) return parts.every((part) => /^\d{1,10}$/.test(part) && Number(part) <= 255);
  return text.includes(".") && isIPv6(text);
}

function isCidr(text: string): boolean {
  const slash = text.lastIndexOf("/");
  if (slash < 0) return false;
  const address = text.slice(0, slash);
  const bits = text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(bits)) return false;
  const v6 = isIP(address) === 6;
  return (v6 || isSloppyIPv4(address)) && Number(bits) <= (v6 ? 128 : 32);
}

function isIsbn10(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, "");
  if (!/^\d{9}[\dX]$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 10; i++) sum += (digits[i] === "X" ? 10 : Number(digits[i])) * (10 - i);
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replaceAll(/[\s-]/g, "");
  if (!/^\d{13}$/.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < 13; i++) sum += Number(digits[i]) * (i % 2 === 0 ? 1 : 3);
  return sum % 10 === 0;
}

function isCreditCard(text: string): boolean {
  const digits = text.replaceAll(/[^0-9]+/g, "");
  if (
    !/^(?:4\d{12}(?:\d{3})?|5[1-5]\d{14}|6(?:011|5\d\d)\d{12}|3[47]\d{13}|3(?:0[0-5]|[68]\d)\d{11}|(?:2131|1800|35\d{3})\d{11})$/.test(
      digits,
    )
  )
    return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    sum += i % 2 === 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
  }
  return sum % 10 === 0;
}

function isRgbColor(text: string): boolean {
  const parts = /^rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)$/.exec(text);
  return parts?.slice(1).every((part) => Number(part) <= 255 && !/^0\d/.test(part)) ?? false;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function isDateTime(text: string): boolean {
  if (text.length < 4) return false;
  const parts = text.toLowerCase().split("t");
  if (parts.length !== 2 || parts[0] === undefined || parts[1] === undefined) return false;
  const time = /^(\d{2}):(\d{2}):(\d{2})(?:.\d+)?(?:z|[+-]\d{2}:\d{2})$/.exec(parts[1]);
  return (
    isDay(parts[0]) &&
    time !== null &&
    Number(time[1]) <= 23 &&
    Number(time[2]) <= 59 &&
    Number(time[3]) <= 59
  );
}

const GO_DURATION = /^[-+]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const UNITS = new Set([
  ..."ns nanosecond us µs μs micro micros microsecond ms milli millis millisecond s sec second m min minute h hr hour d day w wk week".split(
    " ",
  ),
  ..."nanoseconds microseconds milliseconds seconds minutes hours days weeks nano nanos secs mins hrs wks".split(
    " ",
  ),
]);

function isDuration(text: string): boolean {
  if (GO_DURATION.test(text)) return true;
  const parts = [...text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)];
  return parts.length > 0 && parts.every((part) => UNITS.has(part[2] ?? ""));
}

function isLongName(text: string): boolean {
  return (
    text.length <= 253 && text.split(".").every((label) => /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/.test(label))
  );
}
