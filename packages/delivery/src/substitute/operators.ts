import { matchGlob } from "./glob.js";

type Operator = (value: string, args: readonly string[]) => string;

/** Longest value that trimming by pattern looks at: it tries every prefix. */
const MAX_TRIMMED = 8192;

const OPERATORS = new Map<string, Operator>([
  [",", (value) => mapFirst(value, (char) => char.toLowerCase())],
  [",,", (value) => value.toLowerCase()],
  ["^", (value) => mapFirst(value, (char) => char.toUpperCase())],
  ["^^", (value) => value.toUpperCase()],
  [":", substring],
  [
    "#",
    (value, args) =>
      args.length === 0 ? String(Buffer.byteLength(value)) : trim(value, args[0] ?? "", false),
  ],
  ["##", (value, args) => trim(value, args[0] ?? "", true)],
  ["%", (value, args) => reverse(trim(reverse(value), reverse(args[0] ?? ""), false))],
  ["%%", (value, args) => reverse(trim(reverse(value), reverse(args[0] ?? ""), true))],
  ["/", (value, [from = "", to = ""]) => replaceFirst(value, from, to)],
  ["//", (value, [from = "", to = ""]) => value.split(from).join(to)],
  [
    "/#",
    (value, args) =>
      args.length === 2 && value.startsWith(args[0] ?? "")
        ? replaceFirst(value, args[0] ?? "", args[1] ?? "")
        : value,
  ],
  ["/%", replaceSuffix],
]);

/** What an operator makes of a value; every other one gives the default for an empty value. */
export function applyOperator(operator: string, value: string, args: readonly string[]): string {
  const known = OPERATORS.get(operator);
  if (known !== undefined) return known(value, args);
  return value === "" ? args.join("") : value;
}

/** Operators that say themselves what an unset variable means. */
export function toleratesUnset(operator: string): boolean {
  return ["=", ":-", ":+", ":=", ":?"].includes(operator);
}

function mapFirst(value: string, map: (char: string) => string): string {
  const [first = ""] = value;
  return map(first) + value.slice(first.length);
}

function replaceFirst(value: string, from: string, to: string): string {
  const at = value.indexOf(from);
  return at < 0 ? value : value.slice(0, at) + to + value.slice(at + from.length);
}

function replaceSuffix(value: string, args: readonly string[]): string {
  const [suffix = "", to = ""] = args;
  return args.length === 2 && value.endsWith(suffix)
    ? value.slice(0, value.length - suffix.length) + to
    : value;
}

/** `${name:offset:length}`, counting bytes; what is no number changes nothing. */
function substring(value: string, args: readonly string[]): string {
  const bytes = Buffer.from(value);
  const offset = integer(args[0]);
  if (offset === undefined) return value;
  const start = offset < 0 ? Math.max(0, bytes.length + offset) : offset;
  if (args.length === 1) return bytes.subarray(start).toString();
  const length = integer(args[1]);
  if (length === undefined) return value;
  if (start + length >= bytes.length) return bytes.subarray(start).toString();
  return bytes.subarray(start, Math.max(start, start + length)).toString();
}

function integer(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** Takes the shortest or longest prefix off that a pattern matches. */
function trim(value: string, pattern: string, longest: boolean): string {
  if (value.length > MAX_TRIMMED) return value;
  const lengths = Array.from({ length: value.length }, (_, index) =>
    longest ? value.length - index : index + 1,
  );
  for (const length of lengths) {
    const matches = matchGlob(pattern, value.slice(0, length));
    if (matches === undefined) return value;
    if (matches) return value.slice(length);
  }
  return value;
}

function reverse(value: string): string {
  return [...value].reverse().join("");
}
