import { NodeCount } from "./size.js";

/** The integer kinds of Go that templates meet. */
export type IntKind = "int" | "int64" | "int32" | "uint8" | "uint64";

/** An integer. A JavaScript number is a Go float64, which all numbers from YAML and JSON are. */
export class GoInt {
  readonly value: bigint;
  readonly kind: IntKind;

  constructor(value: bigint, kind: IntKind = "int") {
    this.value = value;
    this.kind = kind;
  }
}

/** A complex number; only literals make one. */
export class GoComplex {
  readonly re: number;
  readonly im: number;

  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }
}

/** A map with string keys. Maps are shared and changed in place, as in Go. */
export class GoMap extends Map<string, GoValue> {
  /** As `%T` prints it. */
  readonly typeName: string;

  constructor(entries?: Iterable<readonly [string, GoValue]>, typeName = "map[string]interface {}") {
    super(entries);
    this.typeName = typeName;
  }
}

/** A method that templates can call on a struct. */
export interface GoMethod {
  readonly params: readonly ParamType[];
  readonly variadic?: boolean;
  run(...args: GoValue[]): GoValue;
}

/** The types that parameters of functions have. */
export type ParamType =
  | "any"
  /** Anything, and whether it is there at all: what Go's own functions take. */
  | "value"
  | "string"
  | "int"
  | "int64"
  | "float64"
  | "bool"
  | "map"
  | "list"
  | "strings"
  | "time"
  | "cert"
  | "duration"
  | "semver";

/** A value that is neither map nor list: its exported fields and methods. */
export abstract class GoStruct {
  /** As `%T` prints it. */
  abstract readonly typeName: string;
  /** `struct`, or `ptr` for pointers. */
  readonly kind: "struct" | "ptr" | "map" | "slice" | "int" | "int64" = "struct";
  field(_name: string): GoValue | undefined {
    return undefined;
  }
  method(_name: string): GoMethod | undefined {
    return undefined;
  }
  /** As `%v` prints it. */
  abstract text(): string;
  /** The plain data that JSON and YAML show. */
  abstract toPlain(): unknown;
  /** The number, of what is one with a name. */
  number(): GoInt | undefined {
    return undefined;
  }
  /** As `printf` prints it with `%v`, where that is not its text. */
  formatted(): string {
    return this.text();
  }
  /** The elements, of what is a list. */
  elements(): GoValue[] | undefined {
    return undefined;
  }
  /** Whether `if` holds. */
  truth(): boolean {
    return true;
  }
}

/**
 * A value in a template. `null` is a nil held in an interface; `undefined` is the invalid value that nil
 * becomes behind parentheses and in variables.
 */
export type GoValue =
  | undefined
  | null
  | boolean
  | string
  | number
  | GoInt
  | GoComplex
  | GoValue[]
  | GoMap
  | Uint8Array
  | GoStruct;

const sliceTypes = new WeakMap<GoValue[], string>();

/** Marks a list as another type than `[]interface {}`, such as `[]string`. */
export function typedSlice(items: GoValue[], typeName: string): GoValue[] {
  sliceTypes.set(items, typeName);
  return items;
}

/** The type of a list. */
export function sliceType(items: GoValue[]): string {
  return sliceTypes.get(items) ?? "[]interface {}";
}

const nilSlices = new WeakSet<GoValue[]>();

/** A nil list: empty wherever it is used, `null` in JSON. */
export function nilSlice(typeName = "[]interface {}"): GoValue[] {
  const items = typedSlice([], typeName);
  nilSlices.add(items);
  return items;
}

/** Whether a list is nil. */
export function isNilSlice(items: GoValue[]): boolean {
  return nilSlices.has(items);
}

const nilMaps = new WeakSet<GoMap>();

/** A nil map: empty wherever it is used, `null` in JSON; nothing can be set in it. */
export function nilMap(): GoMap {
  const map = new GoMap();
  nilMaps.add(map);
  return map;
}

/** Whether a map is nil. */
export function isNilMap(map: GoMap): boolean {
  return nilMaps.has(map);
}

/** The type as `%T` prints it. */
export function typeName(value: GoValue): string {
  if (value === null || value === undefined) return "<nil>";
  switch (typeof value) {
    case "boolean":
      return "bool";
    case "string":
      return "string";
    case "number":
      return "float64";
    default:
      if (value instanceof GoInt) return value.kind;
      if (value instanceof GoComplex) return "complex128";
      if (value instanceof Uint8Array) return "[]uint8";
      return Array.isArray(value) ? sliceType(value) : value.typeName;
  }
}

/** The kind as `reflect.Kind` prints it. */
export function kindName(value: GoValue): string {
  if (value === null || value === undefined) return "invalid";
  if (Array.isArray(value) || value instanceof Uint8Array) return "slice";
  if (value instanceof GoMap) return "map";
  if (value instanceof GoStruct) return value.kind;
  return typeName(value);
}

/** Whether `if` holds: not nil, false, zero or empty. */
export function truth(value: GoValue): boolean {
  if (value === null || value === undefined) return false;
  switch (typeof value) {
    case "boolean":
      return value;
    case "string":
      return value !== "";
    case "number":
      return value !== 0;
    default:
      if (value instanceof GoInt) return value.value !== 0n;
      if (value instanceof GoComplex) return value.re !== 0 || value.im !== 0;
      if (value instanceof GoMap) return value.size > 0;
      return value instanceof GoStruct ? value.truth() : value.length > 0;
  }
}

/** Plain data (JSON) as template values: objects become maps, numbers float64, bigints int64. */
export function fromPlain(raw: unknown): GoValue {
  switch (typeof raw) {
    case "string":
    case "boolean":
    case "number":
      return raw;
    case "bigint":
      return new GoInt(raw, "int64");
    case "object": {
      if (raw === null) return null;
      if (Array.isArray(raw)) return raw.map(fromPlain);
      if (
        raw instanceof GoMap ||
        raw instanceof GoStruct ||
        raw instanceof GoInt ||
        raw instanceof Uint8Array
      )
        return raw;
      const map = new GoMap();
      for (const [key, value] of Object.entries(raw)) map.set(key, fromPlain(value));
      return map;
    }
    default:
      return null;
  }
}

/** Template values as plain data (JSON); ints become bigint where they exceed 2^53. Throws TypeError for what JSON lacks. */
export function toPlain(value: GoValue, count = new NodeCount()): unknown {
  count.next();
  if (value === null || value === undefined) return null;
  if (typeof value === "number") {
    if (!Number.isFinite(value))
      throw new TypeError(
        `json: unsupported value: ${Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"}`,
      );
    return value;
  }
  if (typeof value !== "object") return value;
  if (value instanceof GoInt)
    return Number.isSafeInteger(Number(value.value)) ? Number(value.value) : value.value;
  if (value instanceof GoComplex) throw new TypeError("json: unsupported type: complex128");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return nilSlices.has(value) ? null : value.map((item) => toPlain(item, count));
  if (value instanceof GoStruct) return value.toPlain();
  if (nilMaps.has(value)) return null;
  const plain: Record<string, unknown> = Object.create(null);
  for (const [key, inner] of value) plain[key] = toPlain(inner, count);
  return plain;
}

/** Compares text as Go does: by its UTF-8 bytes. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const rank = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** The keys of a map in the order in which Go prints and ranges over them. */
export function sortedKeys(map: ReadonlyMap<string, GoValue>): string[] {
  return [...map.keys()].sort(compareBytes);
}

/** reflect.DeepEqual: same types throughout. */
export function deepEqual(a: GoValue, b: GoValue, count = new NodeCount()): boolean {
  count.next();
  if (a === b) return true;
  if (a === null || a === undefined || b === null || b === undefined) return (a ?? null) === (b ?? null);
  if (typeof a !== "object" || typeof b !== "object") return false;
  if (typeName(a) !== typeName(b)) return false;
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (a instanceof GoComplex && b instanceof GoComplex) return a.re === b.re && a.im === b.im;
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => deepEqual(item, b[index], count));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (a instanceof GoMap && b instanceof GoMap) {
    if (a.size !== b.size) return false;
    for (const [key, value] of a) if (!b.has(key) || !deepEqual(value, b.get(key), count)) return false;
    return true;
  }
  return a instanceof GoStruct && b instanceof GoStruct && a.text() === b.text();
}

/** A copy that shares nothing. */
export function deepCopy(value: GoValue, count = new NodeCount()): GoValue {
  count.next();
  if (Array.isArray(value))
    return typedSlice(
      value.map((item) => deepCopy(item, count)),
      sliceType(value),
    );
  if (!(value instanceof GoMap)) return value;
  const copy = new GoMap(undefined, value.typeName);
  for (const [key, inner] of value) copy.set(key, deepCopy(inner, count));
  return copy;
}
