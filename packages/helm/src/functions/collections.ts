import { FunctionError } from "../template/error.js";
import { fn, type TemplateFunction } from "../template/function.js";
import {
  compareBytes,
  deepCopy,
  deepEqual,
  GoInt,
  GoMap,
  GoStruct,
  type GoValue,
  isNilMap,
  kindName,
  nilSlice,
  sliceType,
  truth,
  typedSlice,
  typeName,
} from "../value/go-value.js";
import { strval } from "../value/print.js";
import { int, steps, toInt64 } from "./cast.js";

const nilPanic = () => new FunctionError("runtime error: invalid memory address or nil pointer dereference");
const maxList = 1_000_000;
/** Values that can only be compared one by one. */
const maxDistinct = 5_000;

/** The elements of a list; `verb` completes the error for anything else. */
function listOf(value: GoValue, problem: (kind: string) => string): GoValue[] {
  if (value === null || value === undefined) throw nilPanic();
  if (Array.isArray(value)) return value;
  if (value instanceof Uint8Array) return [...value].map((byte) => new GoInt(BigInt(byte), "uint8"));
  const elements = value instanceof GoStruct ? value.elements() : undefined;
  if (elements !== undefined) return typedSlice(elements, "[]string");
  throw new FunctionError(problem(kindName(value)));
}

const finding = (value: GoValue, what: string): GoValue[] =>
  listOf(value, (type) => `Cannot find ${what} on type ${type}`);

function slice(list: GoValue, ...bounds: GoValue[]): GoValue {
  const items = listOf(list, (type) => `list should be type of slice or array but ${type}`);
  if (items.length === 0) return null;
  const start = bounds.length > 0 ? Number(toInt64(bounds[0])) : 0;
  const end = bounds.length > 1 ? Number(toInt64(bounds[1])) : items.length;
  if (start < 0 || end < start || end > items.length)
    throw new FunctionError("reflect.Value.Slice: slice index out of bounds");
  return typedSlice(items.slice(start, end), list instanceof GoStruct ? list.typeName : sliceType(items));
}

function concat(...lists: GoValue[]): GoValue {
  const items: GoValue[] = [];
  for (const list of lists) {
    const more = listOf(list, (type) => `Cannot concat type ${type} as list`);
    for (const item of more) items.push(item);
    if (items.length > maxList) throw new FunctionError("list exceeds the maximum size");
  }
  return items.length === 0 ? nilSlice() : items;
}

function chunk(size: GoInt, list: GoValue): GoValue {
  const items = listOf(list, (type) => `Cannot chunk type ${type}`);
  const n = Number(size.value);
  const chunks: GoValue[] = [];
  if (n <= 0) {
    // A negative size gives nothing where the count comes out as none.
    if (n === 0 || Math.floor((items.length - 1) / n) !== -1)
      throw new FunctionError("runtime error: makeslice: len out of range");
    return typedSlice(chunks, "[][]interface {}");
  }
  for (let at = 0; at < items.length; at += n) chunks.push(items.slice(at, at + n));
  return typedSlice(chunks, "[][]interface {}");
}

function includes(items: readonly GoValue[], wanted: GoValue): boolean {
  return items.some((item) => deepEqual(item, wanted));
}

function uniq(list: GoValue): GoValue[] {
  const seen = new Set<GoValue>();
  const others: GoValue[] = [];
  return finding(list, "uniq").filter((item) => {
    if (typeof item === "string" || typeof item === "number" || typeof item === "boolean") {
      const isNew = !seen.has(item);
      seen.add(item);
      return isNew;
    }
    if (includes(others, item)) return false;
    others.push(item);
    if (others.length > maxDistinct) throw new FunctionError("list exceeds the maximum size");
    return true;
  });
}

function has(wanted: GoValue, list: GoValue): boolean {
  if (list === null || list === undefined) return false;
  return includes(finding(list, "has"), wanted);
}

function sortAlpha(list: GoValue): GoValue {
  if (list === null || list === undefined) return typedSlice([strval(list)], "[]string");
  const items = list instanceof GoStruct ? list.elements() : list;
  if (!Array.isArray(items)) return typedSlice([strval(list)], "[]string");
  return typedSlice(
    items
      .filter((item) => item !== null && item !== undefined)
      .map(strval)
      .sort(compareBytes),
    "[]string",
  );
}

/** What sprig calls empty. */
export function isEmpty(value: GoValue): boolean {
  return !truth(value);
}

function dict(...pairs: GoValue[]): GoMap {
  const map = new GoMap();
  for (let at = 0; at < pairs.length; at += 2)
    map.set(strval(pairs[at]), at + 1 < pairs.length ? (pairs[at + 1] ?? null) : "");
  return map;
}

function set(map: GoMap | null, key: string, value: GoValue): GoValue {
  if (map === null || isNilMap(map)) throw new FunctionError("assignment to entry in nil map");
  map.set(key, value ?? null);
  return map;
}

function picked(map: GoMap | null, keys: readonly string[], keep: boolean): GoMap {
  const wanted = new Set(keys);
  return new GoMap([...(map ?? [])].filter(([key]) => wanted.has(key) === keep));
}

function dig(...args: GoValue[]): GoValue {
  if (args.length < 3) throw new FunctionError("dig needs at least three arguments");
  const path = args.slice(0, -2);
  let current = args.at(-1);
  const fallback = args.at(-2);
  for (const [index, key] of path.entries()) {
    if (typeof key !== "string")
      throw new FunctionError(`interface conversion: interface {} is ${typeName(key)}, not string`);
    if (!(current instanceof GoMap) || current.typeName !== "map[string]interface {}") {
      const found = current === null || current === undefined ? "nil" : typeName(current);
      throw new FunctionError(`interface conversion: interface {} is ${found}, not map[string]interface {}`);
    }
    if (!current.has(key)) return fallback;
    current = current.get(key);
    if (index === path.length - 1) return current;
  }
  return fallback;
}

function mergeInto(target: GoMap, source: GoMap): void {
  for (const [key, value] of source) {
    const known = target.get(key);
    if (known instanceof GoMap && value instanceof GoMap) mergeInto(known, value);
    else if (!target.has(key)) {
      if (value !== null && value !== undefined) target.set(key, value);
    } else if (!truth(known) && value !== null && value !== undefined) target.set(key, value);
  }
}

function overwriteInto(target: GoMap, source: GoMap): void {
  for (const [key, value] of source) {
    const known = target.get(key);
    if (known instanceof GoMap && value instanceof GoMap) overwriteInto(known, value);
    else target.set(key, value);
  }
}

function merging(into: (target: GoMap, source: GoMap) => void): TemplateFunction {
  return fn("map ...map", (target: GoMap | null, ...sources: (GoMap | null)[]) => {
    if (target === null) throw nilPanic();
    for (const source of sources) if (source !== null) into(target, source);
    return target;
  });
}

function copied(value: GoValue): GoValue {
  if (value === null || value === undefined)
    throw new FunctionError("reflect: call of reflect.Value.Type on zero Value");
  return deepCopy(value);
}

const list = fn("...any", (...items: GoValue[]) => items.map((item) => item ?? null));
const append = fn("any any", (items: GoValue, item: GoValue) => [
  ...listOf(items, (type) => `Cannot push on type ${type}`),
  item ?? null,
]);
const prepend = fn("any any", (items: GoValue, item: GoValue) => [
  item ?? null,
  ...listOf(items, (type) => `Cannot prepend on type ${type}`),
]);
const first = fn("any", (items: GoValue) => finding(items, "first")[0] ?? null);
const last = fn("any", (items: GoValue) => finding(items, "last").at(-1) ?? null);
const rest = fn("any", (items: GoValue) => nonEmpty(finding(items, "rest"), (all) => all.slice(1)));
const initial = fn("any", (items: GoValue) => nonEmpty(finding(items, "initial"), (all) => all.slice(0, -1)));
const nonEmpty = (items: GoValue[], run: (items: GoValue[]) => GoValue): GoValue =>
  items.length === 0 ? nilSlice() : run([...items]);
const reverse = fn("any", (items: GoValue) => [...finding(items, "reverse")].reverse());
const compact = fn("any", (items: GoValue) =>
  listOf(items, (type) => `Cannot compact on type ${type}`).filter(truth),
);
const uniqFn = fn("any", uniq);
const without = fn("any ...any", (items: GoValue, ...dropped: GoValue[]) =>
  finding(items, "without").filter((item) => !includes(dropped, item)),
);
const hasFn = fn("any any", has);
const sliceFn = fn("any ...any", slice);
const chunkFn = fn("int any", chunk);
const merge = merging(mergeInto);
const mergeOverwrite = merging(overwriteInto);
const copy = fn("any", copied);

/** Sprig's functions on lists and dictionaries. */
export const collectionFunctions: Readonly<Record<string, TemplateFunction>> = {
  list,
  tuple: list,
  append,
  push: append,
  mustAppend: append,
  mustPush: append,
  prepend,
  mustPrepend: prepend,
  first,
  mustFirst: first,
  last,
  mustLast: last,
  rest,
  mustRest: rest,
  initial,
  mustInitial: initial,
  reverse,
  mustReverse: reverse,
  compact,
  mustCompact: compact,
  uniq: uniqFn,
  mustUniq: uniqFn,
  without,
  mustWithout: without,
  has: hasFn,
  mustHas: hasFn,
  slice: sliceFn,
  mustSlice: sliceFn,
  chunk: chunkFn,
  mustChunk: chunkFn,
  concat: fn("...any", concat),
  sortAlpha: fn("any", sortAlpha),
  dict: fn("...any", dict),
  get: fn("map string", (map: GoMap | null, key: string) => (map?.has(key) === true ? map.get(key) : "")),
  set: fn("map string any", set),
  unset: fn("map string", (map: GoMap | null, key: string) => {
    map?.delete(key);
    return map;
  }),
  hasKey: fn("map string", (map: GoMap | null, key: string) => map?.has(key) === true),
  pluck: fn("string ...map", (key: string, ...maps: (GoMap | null)[]) =>
    maps.filter((map) => map?.has(key) === true).map((map) => map?.get(key)),
  ),
  keys: fn("...map", (...maps: (GoMap | null)[]) =>
    typedSlice(
      maps.flatMap((map) => [...(map?.keys() ?? [])]),
      "[]string",
    ),
  ),
  values: fn("map", (map: GoMap | null) => [...(map?.values() ?? [])]),
  pick: fn("map ...string", (map: GoMap | null, ...keys: string[]) => picked(map, keys, true)),
  omit: fn("map ...string", (map: GoMap | null, ...keys: string[]) => picked(map, keys, false)),
  dig: fn("...any", dig),
  merge,
  mustMerge: merge,
  mergeOverwrite,
  mustMergeOverwrite: mergeOverwrite,
  deepCopy: copy,
  mustDeepCopy: copy,
  default: fn("any ...any", (fallback: GoValue, ...values: GoValue[]) =>
    values.length === 0 || isEmpty(values[0]) ? fallback : values[0],
  ),
  empty: fn("any", isEmpty),
  coalesce: fn("...any", (...values: GoValue[]) => values.find(truth) ?? null),
  all: fn("...any", (...values: GoValue[]) => values.every(truth)),
  any: fn("...any", (...values: GoValue[]) => values.some(truth)),
  ternary: fn("any any bool", (yes: GoValue, no: GoValue, condition: boolean) => (condition ? yes : no)),
  typeOf: fn("any", typeName),
  typeIs: fn("string any", (type: string, value: GoValue) => typeName(value) === type),
  typeIsLike: fn("string any", (type: string, value: GoValue) =>
    [type, `*${type}`].includes(typeName(value)),
  ),
  kindOf: fn("any", kindName),
  kindIs: fn("string any", (kind: string, value: GoValue) => kindName(value) === kind),
  deepEqual: fn("any any", deepEqual),
  until: fn("int", (count: GoInt) => range(0n, count.value, count.value < 0n ? -1n : 1n)),
  untilStep: fn("int int int", (start: GoInt, stop: GoInt, step: GoInt) =>
    range(start.value, stop.value, step.value),
  ),
};

function range(start: bigint, stop: bigint, step: bigint): GoValue {
  return typedSlice(steps(start, stop, step).map(int), "[]int");
}
