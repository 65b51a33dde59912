import { CelType, dynType, listType, mapType, stringType, structType } from "../types.js";

/**
 * The types that a mutating policy builds: `Object{...}` with any field, whose objects are written
 * `Object.spec{...}`, and `JSONPatch{op, path, value, from}`.
 */
export const mutationStructs = {
  find(name: string): CelType | undefined {
    if (name === "JSONPatch") return jsonPatchType;
    return /^Object(?:\.[A-Za-z_][A-Za-z0-9_]*)*$/.test(name)
      ? new CelType("struct", name, [], anyField)
      : undefined;
  },
};

const anyField = { get: (_field: string): CelType => dynType };

/** `JSONPatch{...}`: one operation. */
export const jsonPatchType = structType(
  "JSONPatch",
  new Map([
    ["op", stringType],
    ["path", stringType],
    ["from", stringType],
    ["value", dynType],
  ]),
);

/** The result of a JSON patch expression. */
export const jsonPatchListType = listType(jsonPatchType);

/** A JSON object that nothing is declared about. */
export const anyObjectType = mapType(stringType, dynType);
