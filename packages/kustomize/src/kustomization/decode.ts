import { KustomizeError } from "../errors.js";
import { setKey } from "../yaml/value.js";

/**
 * Reads plain values into typed ones the way Go's encoding/json does: field names in any case, null as
 * absent, the first wrong type an error that names the field.
 */
export interface Decoder<T> {
  /** Name of the type in errors: `string`, `[]string`, `types.Image`. */
  readonly goType: string;
  decode(value: unknown, at: Place): T;
}

/** Where in the document a value stands. */
interface Place {
  /** Struct that holds the field, and the path to it: `Image.images.newTag`. */
  readonly struct: string;
  readonly path: string;
  /** Whether unknown fields are errors. */
  readonly strict: boolean;
  /** Whether numbers and booleans are taken for text where text is asked for. */
  readonly coerce: boolean;
}

function jsonKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "number":
    case "bigint":
      return "number";
    default:
      return "object";
  }
}

function mismatch(value: unknown, goType: string, at: Place): KustomizeError {
  const field = at.path === "" ? "value" : `struct field ${at.struct}.${at.path}`;
  const kind = jsonKind(value);
  const shown =
    kind === "number" && goType !== "string" && !goType.startsWith("[") ? `number ${value}` : kind;
  return new KustomizeError(
    "kustomization",
    `json: cannot unmarshal ${shown} into Go ${field} of type ${goType}`,
  );
}

/** A string. */
export const text: Decoder<string> = {
  goType: "string",
  decode(value, at) {
    if (typeof value === "string") return value;
    if (at.coerce && (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")) {
      return String(value);
    }
    throw mismatch(value, "string", at);
  },
};

/** A boolean. */
export const flag: Decoder<boolean> = {
  goType: "bool",
  decode(value, at) {
    if (typeof value !== "boolean") throw mismatch(value, "bool", at);
    return value;
  },
};

function integerOf(goType: string): Decoder<number> {
  return {
    goType,
    decode(value, at) {
      if (typeof value === "bigint") return Number(value);
      if (typeof value !== "number" || !Number.isInteger(value)) throw mismatch(value, goType, at);
      return value;
    },
  };
}

/** A Go `int`. */
export const integer: Decoder<number> = integerOf("int");
export const integer64: Decoder<number> = integerOf("int64");

/** A list; null elements become what `empty` makes. */
export function listOf<T>(item: Decoder<T>, empty: () => T): Decoder<T[]> {
  const goType = `[]${item.goType}`;
  return {
    goType,
    decode(value, at) {
      if (!Array.isArray(value)) throw mismatch(value, goType, at);
      return value.map((element) => (element === null ? empty() : item.decode(element, at)));
    },
  };
}

/** A list of strings. */
export const texts: Decoder<string[]> = listOf(text, () => "");

/** A map by name; keys come sorted, as Go prints and walks them. */
export function mapOf<T>(item: Decoder<T>, empty: () => T): Decoder<Map<string, T>> {
  const goType = `map[string]${item.goType}`;
  return {
    goType,
    decode(value, at) {
      if (!isObject(value)) throw mismatch(value, goType, at);
      const map = new Map<string, T>();
      for (const key of Object.keys(value).sort()) {
        const element = value[key];
        map.set(key, element === null ? empty() : item.decode(element, at));
      }
      return map;
    },
  };
}

/** A map of strings. */
export const textMapOf: Decoder<Map<string, string>> = mapOf(text, () => "");

/** A free-form object. */
export const object: Decoder<Record<string, unknown>> = {
  goType: "map[string]interface {}",
  decode(value, at) {
    if (!isObject(value)) throw mismatch(value, "map[string]interface {}", at);
    return value;
  },
};

/** A map, and neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The decoders of a struct's fields, by name. */
export type Fields<T> = { readonly [K in keyof T]-?: Decoder<NonNullable<T[K]>> };

/** A struct: what is absent or null stays undefined. `name` is its Go type without package. */
export function struct<T extends object>(name: string, fields: Fields<T>, goPackage = "types."): Decoder<T> {
  const names = new Map<string, keyof T & string>();
  for (const key of Object.keys(fields)) names.set(key.toLowerCase(), key as keyof T & string);
  const goType = `${goPackage}${name}`;
  return {
    goType,
    decode(value, at) {
      if (!isObject(value)) throw mismatch(value, goType, at);
      const result: Record<string, unknown> = {};
      // Go reads the fields in the order of the JSON, which is sorted.
      for (const key of Object.keys(value).sort()) {
        const field = names.get(key.toLowerCase());
        if (field === undefined) {
          if (at.strict) throw new KustomizeError("kustomization", `json: unknown field "${key}"`);
          continue;
        }
        const element = value[key];
        if (element === null) continue;
        const path = at.path === "" ? field : `${at.path}.${field}`;
        const decoder: Decoder<unknown> = fields[field];
        setKey(result, field, decoder.decode(element, { ...at, struct: name, path }));
      }
      return result as T;
    },
  };
}

/**
 * Decodes a whole document. `strict` refuses unknown fields; `coerce` takes scalars for text, as
 * kustomize does everywhere but in the kustomization file itself.
 */
export function decodeAs<T>(
  decoder: Decoder<T>,
  value: unknown,
  name: string,
  { strict, coerce }: { readonly strict: boolean; readonly coerce: boolean },
): T {
  return decoder.decode(value, { struct: name, path: "", strict, coerce });
}
