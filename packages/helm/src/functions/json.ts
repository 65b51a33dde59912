import { bytesOf, textOfBytes, wellFormed } from "../value/bytes.js";
import { quote } from "../value/quote.js";

const maxDepth = 10_000;

/** Reads JSON; the error is worded as Go's encoding/json. */
export function parseJson(text: string): { readonly value: unknown } | { readonly error: string } {
  const error = new Scanner(bytesOf(text)).check();
  if (error !== undefined) return { error };
  const overflow = /(?<![\w."\\])-?\d+(?:\.\d+)?[eE]\+?\d{3,}/.exec(text)?.[0];
  if (overflow !== undefined && !Number.isFinite(Number(overflow)))
    return { error: `json: cannot unmarshal number ${overflow} into Go value of type float64` };
  const reviver = /\\u[dD][89a-fA-F]/.test(text)
    ? (_key: string, value: unknown) => (typeof value === "string" ? repaired(value) : value)
    : undefined;
  return { value: JSON.parse(wellFormed(text), reviver) as unknown };
}

/** Text that does not start with JSON. */
export class JsonExtentError extends Error {}

/** The JSON value that a text starts with, and what stands behind it. Throws JsonExtentError. */
export function jsonExtent(text: string): { readonly value: unknown; readonly rest: string } {
  const bytes = bytesOf(text);
  const end = new Scanner(bytes).end();
  if (typeof end === "string") throw new JsonExtentError(end);
  const parsed = parseJson(textOfBytes(bytes.subarray(0, end)));
  if ("error" in parsed) throw new JsonExtentError(parsed.error);
  return { value: parsed.value, rest: textOfBytes(bytes.subarray(end)) };
}

/** Surrogates written as escapes that are not a pair. */
function repaired(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "\ufffd");
}

class JsonSyntaxError extends Error {}

const space = new Set([0x20, 0x09, 0x0a, 0x0d]);
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;
const code = (char: string): number => char.charCodeAt(0);

/** Walks JSON byte by byte, and says where it breaks the grammar. */
class Scanner {
  private readonly bytes: Uint8Array;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Where the first value ends, or why there is none. */
  end(): number | string {
    try {
      this.skip();
      this.value(0);
      return this.at;
    } catch (error) {
      if (error instanceof JsonSyntaxError) return error.message;
      throw error;
    }
  }

  check(): string | undefined {
    try {
      this.skip();
      this.value(0);
      this.skip();
      return this.at < this.bytes.length ? this.bad("after top-level value").message : undefined;
    } catch (error) {
      if (error instanceof JsonSyntaxError) return error.message;
      throw error;
    }
  }

  private bad(context: string): JsonSyntaxError {
    const byte = this.bytes[this.at];
    // The end is read as a blank, which is a fault of its own where none may stand.
    if (byte === undefined)
      return new JsonSyntaxError(
        /^(?:in literal|in numeric|after decimal|in exponent|in \\u|in string escape)/.test(context)
          ? `invalid character ' ' ${context}`
          : "unexpected end of JSON input",
      );
    const char = String.fromCharCode(byte);
    const shown = char === "'" ? "'\\''" : char === '"' ? `'"'` : `'${quote(char).slice(1, -1)}'`;
    return new JsonSyntaxError(`invalid character ${shown} ${context}`);
  }

  private skip(): void {
    while (space.has(this.bytes[this.at] ?? 0)) this.at += 1;
  }

  private value(depth: number): void {
    if (depth > maxDepth) throw new JsonSyntaxError("exceeded max depth");
    const byte = this.bytes[this.at];
    if (byte === code("{")) this.object(depth);
    else if (byte === code("[")) this.array(depth);
    else if (byte === code('"')) this.string();
    else if (byte === code("-") || isDigit(byte)) this.number();
    else {
      const word = ["true", "false", "null"].find((candidate) => code(candidate) === byte);
      if (word === undefined) throw this.bad("looking for beginning of value");
      for (const char of word) {
        if (this.bytes[this.at] !== code(char)) throw this.bad(`in literal ${word} (expecting '${char}')`);
        this.at += 1;
      }
    }
  }

  private object(depth: number): void {
    this.at += 1;
    this.skip();
    if (this.bytes[this.at] === code("}")) {
      this.at += 1;
      return;
    }
    for (;;) {
      if (this.bytes[this.at] !== code('"')) throw this.bad("looking for beginning of object key string");
      this.string();
      this.skip();
      if (this.bytes[this.at] !== code(":")) throw this.bad("after object key");
      this.at += 1;
      this.skip();
      this.value(depth + 1);
      if (this.closes(code("}"), "after object key:value pair")) return;
    }
  }

  private array(depth: number): void {
    this.at += 1;
    this.skip();
    if (this.bytes[this.at] === code("]")) {
      this.at += 1;
      return;
    }
    for (;;) {
      this.value(depth + 1);
      if (this.closes(code("]"), "after array element")) return;
    }
  }

  /** After an element: its end, or a comma and what follows it. */
  private closes(end: number, context: string): boolean {
    this.skip();
    const byte = this.bytes[this.at];
    if (byte !== end && byte !== code(",")) throw this.bad(context);
    this.at += 1;
    if (byte === end) return true;
    this.skip();
    return false;
  }

  private string(): void {
    for (this.at += 1; this.bytes[this.at] !== code('"'); this.at += 1) {
      const byte = this.bytes[this.at];
      if (byte === undefined || byte < 0x20) throw this.bad("in string literal");
      if (byte !== code("\\")) continue;
      this.at += 1;
      const escaped = String.fromCharCode(this.bytes[this.at] ?? 0);
      if (escaped === "u") this.hexDigits();
      else if (!'"\\/bfnrt'.includes(escaped) || this.bytes[this.at] === undefined)
        throw this.bad("in string escape code");
    }
    this.at += 1;
  }

  private hexDigits(): void {
    for (let count = 0; count < 4; count += 1) {
      this.at += 1;
      if (!/^[0-9a-fA-F]$/.test(String.fromCharCode(this.bytes[this.at] ?? 0)))
        throw this.bad("in \\u hexadecimal character escape");
    }
  }

  private digits(context: string): void {
    if (!isDigit(this.bytes[this.at])) throw this.bad(context);
    while (isDigit(this.bytes[this.at])) this.at += 1;
  }

  private number(): void {
    if (this.bytes[this.at] === code("-")) this.at += 1;
    if (this.bytes[this.at] === code("0")) this.at += 1;
    else this.digits("in numeric literal");
    if (this.bytes[this.at] === code(".")) {
      this.at += 1;
      this.digits("after decimal point in numeric literal");
    }
    const exponent = this.bytes[this.at];
    if (exponent !== code("e") && exponent !== code("E")) return;
    this.at += 1;
    const sign = this.bytes[this.at];
    if (sign === code("+") || sign === code("-")) this.at += 1;
    this.digits("in exponent of numeric literal");
  }
}
