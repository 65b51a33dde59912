import { expect, test } from "vitest";
import { ChartError } from "../chart/chart.js";
import { type SchemaOwner, validateValues } from "./values-schema.js";

const owner = (schema: unknown, dependencies: readonly SchemaOwner[] = [], name = "p"): SchemaOwner => ({
  name,
  chart: {
    schema: schema === undefined ? undefined : typeof schema === "string" ? schema : JSON.stringify(schema),
  },
  dependencies,
});

function problemsOf(schema: unknown, values: unknown): string {
  try {
    validateValues(owner(schema), values);
    return "";
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    return error.message.split("\n").slice(2).join("\n").trimEnd();
  }
}

const draft7 = "http://json-schema.org/draft-07/schema#";
const referred = {
  properties: { a: { $ref: "#/definitions/x" } },
  definitions: { x: { type: "string", minLength: 3, pattern: "^z" } },
};

test.each<[string, unknown, unknown, string]>([
  [
    "types by name, sorted",
    { properties: { a: { type: ["string", "null"] } } },
    { a: 5 },
    "- at '/a': got number, want null or string",
  ],
  ["a whole number is an integer", { properties: { a: { type: "integer" } } }, { a: 1 }, ""],
  [
    "numbers with their thousands apart",
    { properties: { a: { minimum: 70000 } } },
    { a: 20000.5 },
    "- at '/a': minimum: got 20,000.5, want 70,000",
  ],
  ["decimals divide as they are written", { properties: { a: { multipleOf: 0.1 } } }, { a: 0.3 }, ""],
  ["several missing", { required: ["z", "y"] }, {}, "- at '': missing properties 'z', 'y'"],
  [
    "a pointer escapes",
    { properties: { "a/b~c": { type: "string" } } },
    { "a/b~c": 5 },
    "- at '/a~1b~0c': got number, want string",
  ],
  [
    "enum and const",
    { properties: { a: { enum: ["x", "y"] }, b: { const: 5 } } },
    { a: 1, b: 1 },
    "- at '/a': value must be one of 'x', 'y'\n- at '/b': value must be 5",
  ],
  ["one fault behind a reference", referred, { a: 5 }, "- at '/a': got number, want string"],
  [
    "two faults behind a reference",
    referred,
    { a: "b" },
    "- at '/a': validation failed\n  - at '/a': minLength: got 1, want 3\n  - at '/a': 'b' does not match pattern '^z'",
  ],
  [
    "anyOf lists its branches",
    { anyOf: [{ required: ["a"] }, { properties: { b: { type: "string" }, c: { type: "string" } } }] },
    { b: 1, c: 2 },
    "- at '': 'anyOf' failed\n  - at '': missing property 'a'\n  - at '': validation failed\n    - at '/b': got number, want string\n    - at '/c': got number, want string",
  ],
  [
    "oneOf names two that match",
    { oneOf: [{}, { type: "object" }] },
    {},
    "- at '': 'oneOf' failed, subschemas 0, 1 matched",
  ],
  [
    "older tuples",
    { $schema: draft7, properties: { a: { items: [{}], additionalItems: false } } },
    { a: [1, 2, 3] },
    "- at '/a': last 2 additionalItem(s) not allowed",
  ],
  [
    "unevaluated members",
    { properties: { c: {} }, unevaluatedProperties: false },
    { c: 1, d: 1 },
    "- at '/d': false schema",
  ],
  [
    "a schema that holds itself",
    { properties: { t: { $ref: "#" } }, additionalProperties: false },
    { t: { t: { u: 1 } } },
    "- at '/t/t': additional properties 'u' not allowed",
  ],
  [
    "a reference in a circle",
    { $ref: "#" },
    {},
    "- at '': both /$ref and  resolve to \"file:///values.schema.json#\" causing reference cycle",
  ],
  [
    "an anchor",
    { properties: { a: { $ref: "#foo" } }, $defs: { d: { $anchor: "foo", type: "string" } } },
    { a: 5 },
    "- at '/a': got number, want string",
  ],
  [
    "a name like a prototype's",
    { properties: { __proto__x: {} }, required: ["constructor"] },
    {},
    "- at '': missing property 'constructor'",
  ],
  ["format is not asserted", { properties: { a: { format: "email" } } }, { a: "x" }, ""],
])("%s", (_name, schema, values, expected) => {
  expect(problemsOf(schema, values)).toBe(expected);
});

test("refuses what is no schema, and schemas elsewhere", () => {
  expect(problemsOf("{", {})).toBe("unexpected EOF");
  expect(problemsOf({ $ref: "https://example.com/x.json" }, {})).toBe(
    'failing loading "https://example.com/x.json": schemas elsewhere are not read',
  );
  expect(problemsOf({ $schema: draft7, type: "nope" }, {})).toBe(
    "\"file:///values.schema.json#\" is not valid against metaschema: jsonschema validation failed with 'http://json-schema.org/draft-07/schema#'\n" +
      "- at '/type': 'anyOf' failed\n  - at '/type': value must be one of 'array', 'boolean', 'integer', 'null', 'number', 'object', 'string'\n  - at '/type': got string, want array",
  );
  expect(problemsOf({ properties: { a: { pattern: "(?=a)" } } }, {})).toContain(
    "is not valid regex: error parsing regexp",
  );
});

test("a urn that is not here accepts all, with a warning", () => {
  expect(validateValues(owner({ properties: { a: { $ref: "urn:x:y" } } }), { a: 5 })).toEqual([
    "unresolved URN reference ignored; using permissive schema urn=urn:x:y",
  ]);
});

test("dependencies are validated under their names", () => {
  const child = owner({ properties: { k: { type: "string" } } }, [], "s");
  expect(() => validateValues(owner(undefined, [child]), { s: { k: 1 } })).toThrow(
    "following chart(s):\ns:\n- at '/k': got number, want string\n",
  );
  expect(() => validateValues(owner(undefined, [child]), { s: 5 })).toThrow(
    "invalid type for values: expected object (map), got float64",
  );
});

test("ends on schemas that grow without end", () => {
  const schema = {
    $defs: {
      a: {
        anyOf: Array.from({ length: 9 }, () => ({
          properties: { n: { $ref: "#/$defs/a" } },
          required: ["q"],
        })),
      },
    },
    $ref: "#/$defs/a",
  };
  let values: unknown = {};
  for (let depth = 0; depth < 40; depth += 1) values = { n: values };
  expect(problemsOf(schema, values)).toBe("validation takes more than the maximum number of steps");
});

test("patterns do not backtrack", () => {
  const started = performance.now();
  expect(problemsOf({ properties: { a: { pattern: "^(a+)+$" } } }, { a: `${"a".repeat(5000)}!` })).toContain(
    "does not match",
  );
  expect(performance.now() - started).toBeLessThan(2000);
});
