import { formatQuantity, parseQuantity } from "@capstan/kube";
import { DecodeError, jsonTypeName } from "./decode-error.js";
import type { Field } from "./message.js";

const INT32_MAX = 2 ** 31 - 1;
const INT32_MIN = -(2 ** 31);

/** Raised for a JSON value of the wrong type; the decoder adds the field's name. */
export class TypeMismatch extends Error {
  override readonly name = "TypeMismatch";
}

/** A JSON value of one scalar kind, as it reads after a round trip through the published type. */
export function decodeScalar(kind: Field["kind"], value: unknown): unknown {
  switch (kind) {
    case "string":
      if (typeof value !== "string") throw mismatch(value);
      return value;
    case "bool":
      if (typeof value !== "boolean") throw mismatch(value);
      return value;
    case "int32":
      return integer(value, INT32_MIN, INT32_MAX);
    case "int64":
      return integer(value, -(2 ** 63), 2 ** 63);
    case "float64":
      if (typeof value !== "number") throw mismatch(value);
      return value;
    case "bytes":
      return bytes(value);
    case "time":
      return time(value, false);
    case "microTime":
      return time(value, true);
    case "quantity":
      return quantity(value);
    case "intOrString":
      if (typeof value === "string") return value;
      return integer(value, INT32_MIN, INT32_MAX);
    default:
      return value;
  }
}

/** What a scalar that was never set reads as; `undefined` for kinds that have no such value. */
export function zeroScalar(kind: Field["kind"]): unknown {
  switch (kind) {
    case "string":
      return "";
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "float64":
    case "intOrString":
      return 0;
    case "quantity":
      return "0";
    default:
      return null;
  }
}

function mismatch(value: unknown): TypeMismatch {
  return new TypeMismatch(jsonTypeName(value));
}

function integer(value: unknown, min: number, max: number): number {
  if (typeof value !== "number") throw mismatch(value);
  if (!Number.isInteger(value) || value < min || value > max) throw new TypeMismatch(`number ${value}`);
  return value;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function bytes(value: unknown): string {
  if (typeof value !== "string") throw mismatch(value);
  if (BASE64.test(value)) return value;
  const compact = value.replace(/[\r\n]/g, "");
  if (BASE64.test(compact)) return compact;
  throw new DecodeError(`illegal base64 data at input byte ${firstIllegal(compact)}`);
}

function firstIllegal(text: string): number {
  const index = text.search(/[^A-Za-z0-9+/]/);
  if (index < 0) return text.length - (text.length % 4);
  return index;
}

const SECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const MICROSECONDS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d+))?(Z|[+-]\d\d:\d\d)$/;

/** Times in UTC, with seconds or microseconds; the empty string is no time at all. */
function time(value: unknown, micro: boolean): string | null {
  if (typeof value !== "string") throw mismatch(value);
  if (micro ? MICROSECONDS.test(value) : SECONDS.test(value)) return value;
  if (value === "" && !micro) return null;
  const match = RFC3339.exec(value);
  const [, seconds = "", fraction = "", zone = ""] = match ?? [];
  const at = Date.parse(`${seconds}${zone}`);
  if (match === null || Number.isNaN(at)) {
    const layout = micro ? "2006-01-02T15:04:05.000000Z07:00" : "2006-01-02T15:04:05Z07:00";
    throw new DecodeError(
      `parsing time ${JSON.stringify(value)} as "${layout}": cannot parse ${JSON.stringify(value)} as "2006"`,
    );
  }
  const text = new Date(at).toISOString().slice(0, 19);
  return micro ? `${text}.${fraction.slice(0, 6).padEnd(6, "0")}Z` : `${text}Z`;
}

const CANONICAL = /^(?:0|[1-9]\d{0,2}|[1-9]\d{0,2}m|[1-9]\d{0,2}(?:Ki|Mi|Gi|Ti))$/;

function quantity(value: unknown): string {
  if (typeof value === "number") return quantity(String(value));
  if (typeof value !== "string") throw mismatch(value);
  if (CANONICAL.test(value)) return value;
  try {
    return formatQuantity(parseQuantity(value));
  } catch (error) {
    throw new DecodeError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}
