import { TAG_BOOL, TAG_FLOAT, TAG_INT, TAG_MERGE, TAG_NULL, TAG_STR, TAG_TIMESTAMP } from "./node.js";

/** What a scalar's text stands for. Integers beyond 2^53 are bigint, dates RFC 3339 text. */
export type ScalarValue = null | boolean | number | bigint | string;

/** A scalar's type and value. */
export interface Resolved {
  readonly tag: string;
  readonly value: ScalarValue;
}

const NULL: Resolved = { tag: TAG_NULL, value: null };
const TRUE: Resolved = { tag: TAG_BOOL, value: true };
const FALSE: Resolved = { tag: TAG_BOOL, value: false };
const INFINITY: Resolved = { tag: TAG_FLOAT, value: Number.POSITIVE_INFINITY };

const WORDS: ReadonlyMap<string, Resolved> = new Map<string, Resolved>([
  ["", NULL],
  ["~", NULL],
  ["null", NULL],
  ["Null", NULL],
  ["NULL", NULL],
  ["true", TRUE],
  ["True", TRUE],
  ["TRUE", TRUE],
  ["false", FALSE],
  ["False", FALSE],
  ["FALSE", FALSE],
  ["<<", { tag: TAG_MERGE, value: "<<" }],
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word): [string, Resolved] => [word, INFINITY]),
  ...["-.inf", "-.Inf", "-.INF"].map((word): [string, Resolved] => [
    word,
    { tag: TAG_FLOAT, value: Number.NEGATIVE_INFINITY },
  ]),
  ...[".nan", ".NaN", ".NAN"].map((word): [string, Resolved] => [
    word,
    { tag: TAG_FLOAT, value: Number.NaN },
  ]),
]);

/** The words that only YAML 1.1 reads as booleans. */
const OLD_BOOLEANS: ReadonlyMap<string, Resolved> = new Map<string, Resolved>([
  ...["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"].map((word): [string, Resolved] => [word, TRUE]),
  ...["n", "N", "no", "No", "NO", "off", "Off", "OFF"].map((word): [string, Resolved] => [word, FALSE]),
]);

const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*|0)$/;
const MAX_INT64 = 2n ** 63n;
const MAX_UINT64 = 2n ** 64n;

/** What a plain scalar's text is to go-yaml v3, which reads resources. */
export function resolvePlain(text: string): Resolved {
  const first = text.charCodeAt(0);
  // Most scalars start with a letter that no keyword or number starts with.
  if (first > 64 && !"tTfFnN~".includes(text.charAt(0))) return { tag: TAG_STR, value: text };
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  if ((first >= 48 && first <= 57) || first === 45 || first === 43 || first === 46) {
    const timestamp = parseTimestamp(text);
    if (timestamp !== undefined) return { tag: TAG_TIMESTAMP, value: timestamp };
    const number = parseNumber(text);
    if (number !== undefined) return number;
  }
  return { tag: TAG_STR, value: text };
}

/** What a plain scalar's text is to a YAML 1.1 reader (go-yaml v2); dates stay text. */
export function resolvePlain11(text: string): Resolved {
  const old = OLD_BOOLEANS.get(text);
  if (old !== undefined) return old;
  const resolved = resolvePlain(text);
  return resolved.tag === TAG_TIMESTAMP ? { tag: TAG_STR, value: text } : resolved;
}

/** Whether only YAML 1.1 takes this text for a boolean. */
export function isOldBoolean(text: string): boolean {
  return OLD_BOOLEANS.has(text);
}

function parseNumber(text: string): Resolved | undefined {
  const plain = text.includes("_") ? text.replaceAll("_", "") : text;
  const integer = parseInteger(plain);
  if (integer !== undefined) return { tag: TAG_INT, value: integer };
  if (FLOAT.test(plain)) {
    const value = Number(plain);
    if (Number.isFinite(value)) return { tag: TAG_FLOAT, value };
  }
  return undefined;
}

/** Go's ParseInt with base 0 over int64 and, for positive numbers, uint64. */
export function parseInteger(text: string): number | bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const negative = match[1] === "-";
  const digits = match[2] as string;
  const octal = /^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits;
  if (digits.length < 12) {
    const value = Number(octal);
    return negative && value !== 0 ? -value : value;
  }
  const big = BigInt(octal);
  const value = negative ? -big : big;
  if (value >= MAX_UINT64 || value < -MAX_INT64 || (match[1] !== "" && value >= MAX_INT64)) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

const TIMESTAMP =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2})?)?$/;

/** A timestamp in the forms that Go's YAML readers know, as Go prints it in JSON. */
export function parseTimestamp(text: string): string | undefined {
  if (text.charCodeAt(4) !== 45) return undefined;
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, separator, hour, minute, second, fraction, zone] = match;
  if (separator !== undefined && (separator === " ") !== (zone === undefined)) return undefined;
  const days = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(month) < 1 || Number(month) > 12 || Number(day) < 1 || Number(day) > days) return undefined;
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 59) return undefined;
  const two = (part: string | undefined): string => (part ?? "0").padStart(2, "0");
  const nanos = (fraction ?? "").slice(0, 9).replace(/0+$/, "");
  const offset = zone === undefined || zone === "Z" || /^[-+]00:00$/.test(zone) ? "Z" : zone;
  const date = `${year}-${two(month)}-${two(day)}`;
  return `${date}T${two(hour)}:${two(minute)}:${two(second)}${nanos === "" ? "" : `.${nanos}`}${offset}`;
}
