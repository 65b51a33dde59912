import type { NumberNode } from "./node.js";

const maxInt64 = 2n ** 63n - 1n;
const maxUint64 = 2n ** 64n - 1n;

/** Go's strconv.Unquote for `"…"` and `` `…` ``; undefined when malformed. */
export function unquote(quoted: string): string | undefined {
  const body = quoted.slice(1, -1);
  if (quoted.startsWith("`")) return body.replaceAll("\r", "");
  if (!body.includes("\\")) return body;
  const parts = unescapeBody(body, '"');
  return parts === undefined ? undefined : decode(parts);
}

/** Text and single bytes of an escaped body. */
function unescapeBody(body: string, quote: string): (string | number)[] | undefined {
  const parts: (string | number)[] = [];
  const pattern =
    /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))|([^\\]+)|\\/gsu;
  for (const [whole, hex, short, long, octal, simple, plain] of body.matchAll(pattern)) {
    if (plain !== undefined) parts.push(plain);
    else if (hex !== undefined) parts.push(Number.parseInt(hex, 16));
    else if (octal !== undefined) {
      const byte = Number.parseInt(octal, 8);
      if (byte > 255) return undefined;
      parts.push(byte);
    } else if (short !== undefined || long !== undefined) {
      const code = Number.parseInt(short ?? long ?? "", 16);
      if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined;
      parts.push(String.fromCodePoint(code));
    } else if (simple !== undefined) {
      if ((simple === "'" || simple === '"') && simple !== quote) return undefined;
      parts.push("\x07\b\f\n\r\t\v\\'\""["abfnrtv\\'\"".indexOf(simple)] ?? "");
    } else if (whole === "\\") return undefined;
  }
  return parts;
}

function decode(parts: readonly (string | number)[]): string {
  if (parts.every((part) => typeof part === "string" || part < 0x80)) {
    return parts.map((part) => (typeof part === "string" ? part : String.fromCharCode(part))).join("");
  }
  return Buffer.concat(
    parts.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.of(part))),
  ).toString("utf8");
}

function number(at: number, text: string, values: Partial<NumberNode>): NumberNode {
  return {
    kind: "number",
    at,
    text,
    int: undefined,
    uint: undefined,
    float: undefined,
    complex: undefined,
    ...values,
  };
}

/** A character constant; undefined when malformed. */
export function charNode(at: number, text: string): NumberNode | undefined {
  const parts = unescapeBody(text.slice(1, -1), "'");
  if (parts?.length !== 1) return undefined;
  const [part] = parts;
  const points = typeof part === "string" ? [...part] : [];
  const code = typeof part === "number" ? part : points.length === 1 ? points[0]?.codePointAt(0) : undefined;
  if (code === undefined) return undefined;
  return number(at, text, { int: BigInt(code), uint: BigInt(code), float: code });
}

/** A number as Go reads it; undefined when malformed. */
export function numberNode(at: number, text: string): NumberNode | undefined {
  if (text.endsWith("i")) return complexNode(at, text);
  const digits = text.replace(/^[+-]/, "");
  const negative = text.startsWith("-");
  const magnitude = parseInteger(digits);
  if (magnitude !== undefined) {
    const value = negative ? -magnitude : magnitude;
    if (value > maxUint64 || value < -maxInt64 - 1n) {
      return undefined;
    }
    const fits = value <= maxInt64;
    return number(at, text, {
      int: fits ? value : undefined,
      uint: value >= 0n ? value : undefined,
      float: Number(value),
    });
  }
  const float = parseFloatLiteral(digits);
  if (float === undefined) return undefined;
  const value = negative ? -float : float;
  const whole = Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? BigInt(value) : undefined;
  return number(at, text, {
    float: value,
    int: whole,
    uint: whole !== undefined && whole >= 0n ? whole : undefined,
  });
}

function validUnderscores(digits: string, prefixed: boolean): boolean {
  if (!digits.includes("_")) return true;
  const based = prefixed || /^0[0-7_]/.test(digits);
  return (
    !/__|_$/.test(digits) &&
    (based || prefixed ? true : !digits.startsWith("_")) &&
    (prefixed || !digits.startsWith("_"))
  );
}

function parseInteger(digits: string): bigint | undefined {
  const match = /^(0[xX][0-9a-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|0[0-7_]*|[1-9][0-9_]*)$/.exec(digits);
  if (match === null) return undefined;
  const prefixed = /^0[xXoObB]/.test(digits);
  if (!validUnderscores(prefixed ? digits.slice(2).replace(/^_/, "") : digits, prefixed)) return undefined;
  const plain = digits.replaceAll("_", "").toLowerCase();
  if (/^0[0-7]/.test(plain)) return BigInt(`0o${plain.slice(1)}`);
  return BigInt(plain);
}

function parseFloatLiteral(digits: string): number | undefined {
  const plain = digits.replaceAll("_", "");
  if (digits.includes("_") && /__|_$|^_|_[.eE]|[.eE]_/.test(digits)) return undefined;
  const hex = /^0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/.exec(plain);
  if (hex !== null) {
    const [, whole = "", fraction = "", power = "0"] = hex;
    return whole + fraction === ""
      ? undefined
      : Number.parseInt(whole + fraction, 16) * 2 ** (Number(power) - fraction.length * 4);
  }
  if (!/^(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(plain)) return undefined;
  if (!/[.eE]/.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

function complexNode(at: number, text: string): NumberNode | undefined {
  const match = /^([+-]?[^+-]*(?:[eEpP][+-]?[^+-]+)?)?([+-][^+-]*(?:[eEpP][+-]?[^+-]+)?)i$/.exec(text);
  const [re, im] =
    match?.[2] === undefined || (match[1] ?? "") === ""
      ? ["0", text.slice(0, -1)]
      : [match[1] ?? "0", match[2]];
  const real = Number(re);
  const imaginary = Number(im);
  if (Number.isNaN(real) || Number.isNaN(imaginary)) return undefined;
  const plain = imaginary === 0;
  const whole = plain && Number.isInteger(real) ? BigInt(real) : undefined;
  return number(at, text, {
    complex: { re: real, im: imaginary },
    float: plain ? real : undefined,
    int: whole,
    uint: whole !== undefined && whole >= 0n ? whole : undefined,
  });
}
