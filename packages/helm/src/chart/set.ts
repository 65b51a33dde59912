import { JsonExtentError, jsonExtent } from "../functions/json.js";
import { fromPlain, typeName } from "../value/go-value.js";
import { quote, quoteRune } from "../value/quote.js";
import { ChartError } from "./chart.js";
import { mergeValues } from "./merge.js";

/** How the values of `--set` are read. */
export type SetMode = "typed" | "string";

/** How whole numbers come out. */
export interface SetOptions {
  /**
   * `bigint` for renderings, where Helm tells `--set a=1` (an int64) from a number of a values file (a
   * float64); plain numbers unless given.
   */
  readonly integers?: "number" | "bigint";
}

type Plain = Record<string, unknown>;
type Values = Readonly<Record<string, unknown>>;

/**
 * Sets values by an expression of `--set` (`a.b=1,c[0]=x,d={1,2}`) in a copy of `values`. Integers are
 * numbers, `true`, `false` and `null` are what they say; with mode `string`, as of `--set-string`, all are
 * text. Throws ChartError in Helm's words.
 */
export function setValues(
  values: Values,
  expression: string,
  mode: SetMode = "typed",
  options: SetOptions = {},
): Plain {
  const read = (text: string): unknown =>
    mode === "string" ? text : typed(text, options.integers === "bigint");
  const flag = mode === "string" ? "--set-string" : "--set";
  return parseInto(values, `failed parsing ${flag} data: `, new SetParser(expression, { read }));
}

/** Sets texts of files by an expression of `--set-file` (`a.b=path`). Throws ChartError, and what `readFile` throws. */
export function setFileValues(values: Values, expression: string, readFile: (path: string) => string): Plain {
  return parseInto(values, "failed parsing --set-file data: ", new SetParser(expression, { read: readFile }));
}

/** Sets one value verbatim by an expression of `--set-literal` (`a.b=anything, at all`). Throws ChartError. */
export function setLiteralValue(values: Values, expression: string): Plain {
  const parser = new SetParser(expression, { read: (text) => text, isLiteral: true });
  return parseInto(values, "failed parsing --set-literal data: ", parser);
}

/** Sets JSON values by an expression of `--set-json` (`a={"b":1},c=[2]`, or a whole object). Throws ChartError. */
export function setJsonValues(values: Values, expression: string): Plain {
  const whole = expression.trim();
  if (whole.startsWith("{")) {
    const parsed = readJson(whole);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
      throw new ChartError(`failed parsing --set-json data JSON: ${expression}`);
    return mergeValues(values, parsed as Values);
  }
  try {
    return parseInto(values, "", new SetParser(expression, { read: (text) => text, isJson: true }));
  } catch (error) {
    if (error instanceof ChartError)
      throw new ChartError(`failed parsing --set-json data ${expression}`, { cause: error });
    throw error;
  }
}

function readJson(text: string): unknown {
  try {
    const extent = jsonExtent(text);
    return extent.rest.trim() === "" ? extent.value : undefined;
  } catch (error) {
    // The caller says what could not be read.
    if (error instanceof JsonExtentError) return undefined;
    throw error;
  }
}

function parseInto(values: Values, prefix: string, parser: SetParser): Plain {
  const root: Plain = Object.assign(Object.create(null), structuredClone({ ...values }));
  try {
    parser.parse(root);
    return root;
  } catch (error) {
    if (error instanceof SetError) throw new ChartError(prefix + error.message);
    throw error;
  }
}

function typed(text: string, wide: boolean): unknown {
  const word = text.toLowerCase();
  if (word === "true" || word === "false") return word === "true";
  if (word === "null") return null;
  if (text !== "0" && !/^(?:[1-9]|[+-]\d)\d*$/.test(text)) return text;
  const value = BigInt(text.replace(/^\+/, ""));
  if (value > 2n ** 63n - 1n || value < -(2n ** 63n)) return text;
  if (wide) return value;
  return Number.isSafeInteger(Number(value)) ? Number(value) : text;
}

class SetError extends Error {}

const maxIndex = 65_536;
const maxNesting = 30;

interface ParserOptions {
  /** Turns the text of a value into the value. */
  readonly read: (text: string) => unknown;
  readonly isJson?: boolean;
  /** Everything after the first `=` is the value; nothing is escaped. */
  readonly isLiteral?: boolean;
}

/** Reads `--set` expressions character by character; the end of the text ends the expression wherever it comes. */
class SetParser {
  private readonly points: readonly string[];
  private readonly options: ParserOptions;
  private at = 0;

  constructor(text: string, options: ParserOptions) {
    this.points = [...text];
    this.options = options;
  }

  parse(root: Plain): void {
    while (this.key(root, 0) !== "end");
  }

  /** Characters up to one of `stops`, which is consumed; `stop` is undefined at the end of the text. */
  private until(stops: string): { text: string; stop: string | undefined } {
    let text = "";
    while (this.at < this.points.length) {
      const char = this.points[this.at] ?? "";
      this.at += 1;
      if (stops.includes(char)) return { text, stop: char };
      if (char !== "\\" || this.options.isLiteral === true) text += char;
      else if (this.at >= this.points.length) return { text, stop: undefined };
      else {
        text += this.points[this.at] ?? "";
        this.at += 1;
      }
    }
    return { text, stop: undefined };
  }

  private key(data: Plain, level: number): "more" | "end" {
    const { text, stop } = this.until(this.options.isLiteral === true ? "=[." : "=[,.");
    switch (stop) {
      case undefined:
        if (text === "") return "end";
        throw new SetError(`key ${quote(text)} has no value`);
      case "[": {
        const index = this.index();
        if (index === "end") return "end";
        const known = own(data, text);
        const list = known === undefined ? [] : asList(known);
        const outcome = this.item(list, index, level);
        put(data, text, list);
        return outcome;
      }
      case "=":
        return this.value((value) => put(data, text, value));
      case ",":
        throw new SetError(`key ${quote(text)} has no value (cannot end with ,)`);
      default:
        return this.nested(data, text, level + 1);
    }
  }

  private nested(data: Plain, key: string, level: number): "more" | "end" {
    if (level > maxNesting)
      throw new SetError(
        `value name nested level is greater than maximum supported nested level of ${maxNesting}`,
      );
    const known = own(data, key);
    const inner = known === undefined ? newTable() : asTable(known);
    const outcome = this.key(inner, level);
    const isEmpty = Object.keys(inner).length === 0;
    if (outcome === "more" && isEmpty) throw new SetError(`key map ${quote(key)} has no value`);
    if (!isEmpty) put(data, key, inner);
    return outcome;
  }

  private index(): number | "end" {
    const { text, stop } = this.until("]");
    if (stop === undefined) return "end";
    if (!/^[+-]?\d+$/.test(text))
      throw new SetError(`error parsing index: strconv.Atoi: parsing ${quote(text)}: invalid syntax`);
    return Number(text);
  }

  /** What follows an index in brackets. The list is changed in place. */
  private item(list: unknown[], index: number, level: number): "more" | "end" {
    if (index < 0) throw new SetError(`negative ${index} index not allowed`);
    const { text, stop } = this.until("[.=");
    if (text !== "") {
      const shown = [...text].map((char) => `'${quoteRune(char.codePointAt(0) ?? 0, "'")}'`).join(" ");
      throw new SetError(`unexpected data at end of array index: [${shown}]`);
    }
    switch (stop) {
      case undefined:
        return "end";
      case "=":
        this.value((value) => putAt(list, index, value));
        return "more";
      case "[": {
        const next = this.index();
        if (next === "end") return "end";
        const known = list[index];
        const inner = known === undefined || known === null ? [] : asList(known);
        const outcome = this.item(inner, next, level);
        putAt(list, index, inner);
        return outcome;
      }
      default: {
        const known = list[index];
        const inner = isTable(known) ? known : newTable();
        if (this.key(inner, level) === "end") return "end";
        putAt(list, index, inner);
        return "more";
      }
    }
  }

  /** Reads a value and gives it to `set`; `end` when there was none. */
  private value(set: (value: unknown) => void): "more" | "end" {
    if (this.options.isJson === true) return this.json(set);
    if (this.options.isLiteral === true) {
      set(this.options.read(this.points.slice(this.at).join("")));
      this.at = this.points.length;
      return "more";
    }
    if (this.at >= this.points.length) {
      set("");
      return "end";
    }
    if (this.points[this.at] !== "{") {
      set(this.options.read(this.until(",").text));
      return "more";
    }
    this.at += 1;
    set(this.list());
    return "more";
  }

  private list(): unknown[] {
    const items: unknown[] = [];
    for (;;) {
      const { text, stop } = this.until(",}");
      if (stop === undefined) throw new SetError("list must terminate with '}'");
      items.push(this.options.read(text));
      if (stop === ",") continue;
      if (this.points[this.at] === ",") this.at += 1;
      return items;
    }
  }

  private json(set: (value: unknown) => void): "more" | "end" {
    if (this.skipEmpty()) {
      set(null);
      return "more";
    }
    try {
      const { value, rest } = jsonExtent(this.points.slice(this.at).join(""));
      set(value);
      this.at = this.points.length - [...rest].length;
    } catch (error) {
      if (error instanceof JsonExtentError) throw new SetError(error.message);
      throw error;
    }
    this.skipEmpty();
    return "more";
  }

  /** Skips blanks, and a comma after them; whether there was nothing else. */
  private skipEmpty(): boolean {
    while (this.at < this.points.length) {
      const char = this.points[this.at] ?? "";
      if (char !== "," && !/\s/.test(char)) return false;
      this.at += 1;
      if (char === ",") return true;
    }
    return true;
  }
}

function newTable(): Plain {
  return Object.create(null) as Plain;
}

function isTable(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function own(data: Plain, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}

function put(data: Plain, key: string, value: unknown): void {
  if (key !== "")
    Object.defineProperty(data, key, { value, writable: true, enumerable: true, configurable: true });
}

function putAt(list: unknown[], index: number, value: unknown): void {
  if (index > maxIndex)
    throw new SetError(`index of ${index} is greater than maximum supported index of ${maxIndex}`);
  while (list.length < index) list.push(null);
  list[index] = value;
}

function conversion(value: unknown, wanted: string): SetError {
  const found = value === null ? "nil" : typeof value === "bigint" ? "int64" : typeName(fromPlain(value));
  return new SetError(`unable to parse key: interface conversion: interface {} is ${found}, not ${wanted}`);
}

function asList(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  throw conversion(value, "[]interface {}");
}

function asTable(value: unknown): Plain {
  if (isTable(value)) return value;
  throw conversion(value, "map[string]interface {}");
}
