import fc from "fast-check";
import { expect, test } from "vitest";
import { builtInKinds } from "../kinds/built-in-kinds.js";
import { decodeObject } from "../schema/decode.js";
import { type Field, type MessageType, messageOf, messageType } from "../schema/message.js";
import { openEnvelope } from "./envelope.js";
import { readProtobuf, writeProtobuf, writeProtobufEvent, writeProtobufList } from "./protobuf.js";

const time = fc
  .integer({ min: 0, max: 4e9 })
  .map((seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`);

/** What JSON makes of a value: it knows no negative zero. */
function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function scalar(field: Field): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "bool":
      return fc.boolean();
    case "int32":
      return fc.integer();
    case "int64":
      return fc.maxSafeInteger();
    case "float64":
      return fc
        .double({ noNaN: true, noDefaultInfinity: true })
        .map((value) => (Object.is(value, -0) ? 0 : value));
    case "bytes":
      return fc.uint8Array({ maxLength: 9 }).map((bytes) => Buffer.from(bytes).toString("base64"));
    case "time":
      return time;
    case "microTime":
      return time.map((text) => text.replace("Z", ".000123Z"));
    case "quantity":
      return fc.constantFrom("0", "1", "250m", "3Gi", "-5");
    case "intOrString":
      return fc.oneof(fc.integer(), fc.string());
    case "raw":
    case "fields":
      return fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 1 })).map(asJson);
    case "json":
      return fc.constantFrom({ a: 1 }, [1, "x"], "text", 3, true);
    case "schemaOrBool":
      return fc.constantFrom(true, false, { type: "string" });
    case "schemaOrArray":
      return fc.constantFrom({ type: "string" }, [{ type: "integer" }]);
    case "schemaOrStrings":
      return fc.constantFrom({ type: "string" }, ["a", "b"]);
    case "stringList":
      return fc.array(fc.string(), { minLength: 1, maxLength: 2 });
    default:
      return fc.string({ unit: "grapheme" });
  }
}

function message(type: MessageType, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const members: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, field] of type.byName) {
    if (field.number === 0 || (field.kind === "message" && depth === 0)) continue;
    const value = field.kind === "message" ? message(messageOf(field), depth - 1) : scalar(field);
    if (field.shape === "list") members[name] = fc.array(value, { minLength: 1, maxLength: 2 });
    else if (field.shape === "map")
      members[name] = fc.dictionary(fc.string(), value, { minKeys: 1, maxKeys: 2 });
    else members[name] = value;
  }
  return fc.record(members, { requiredKeys: [] });
}

/** Protobuf does not keep apiVersion and kind of objects inside objects. */
function withoutInnerTypes(value: unknown, outermost = true): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutInnerTypes(item, false));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([name]) => outermost || name !== "volumeClaimTemplates");
  return Object.fromEntries(entries.map(([name, item]) => [name, withoutInnerTypes(item, false)]));
}

test.each(builtInKinds().map((kind) => [kind.protobufMessage ?? "", kind] as const))(
  "%s: reading what was written gives the same object",
  (name, kind) => {
    const apiVersion = kind.group === "" ? kind.version : `${kind.group}/${kind.version}`;
    fc.assert(
      fc.property(message(messageType(name), 2), (members) => {
        const { object } = decodeObject(name, { ...members, apiVersion, kind: kind.kind });
        const read = decodeObject(name, readProtobuf(writeProtobuf(object))).object;
        expect(withoutInnerTypes(read)).toEqual(withoutInnerTypes(object));
      }),
      { numRuns: 4 },
    );
  },
);

test("the envelope is that of Kubernetes", () => {
  const bytes = writeProtobuf({ apiVersion: "v1", kind: "Secret", metadata: { name: "a" } } as never);
  expect(Buffer.from(bytes).toString("hex")).toBe(
    `6b387300${"0a0c"}${"0a027631"}${"1206536563726574"}${"1205"}${"0a03"}${"0a0161"}${"1a00"}${"2200"}`,
  );
});

test("lists and watch events carry their objects", () => {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
  const list = writeProtobufList(
    { apiVersion: "v1", kind: "ConfigMapList", metadata: { resourceVersion: "7" }, items: [object, object] },
    object,
  );
  const { kind, raw } = openEnvelope(list);
  expect(kind).toBe("ConfigMapList");
  expect(Buffer.from(raw).toString("hex")).toBe(`0a03120137${"12050a030a0161".repeat(2)}`);
  const event = Buffer.from(writeProtobufEvent("ADDED", object));
  expect(event.readUInt32BE(0)).toBe(event.length - 4);
  expect(event.includes(Buffer.from(writeProtobuf(object)))).toBe(true);
});

test.each([
  ["", "expected prefix [107 56 115 0]"],
  ["6b387300ff", "unexpected EOF"],
  ["6b3873000a0c0a02763112065365637265741205ff", "unexpected EOF"],
  ["6b3873000a080a0276311202586e", 'no kind "Xn" is registered for version "v1" in scheme'],
])("broken bytes %s are refused", (hex, message) => {
  expect(() => readProtobuf(Buffer.from(hex, "hex"))).toThrow(message);
});

test("random bytes never do worse than a refusal", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (tail) => {
      const head = Buffer.from("6b3873000a070a0276311201580a", "hex").subarray(0, 4);
      try {
        readProtobuf(Buffer.concat([head, tail]));
      } catch (error) {
        expect((error as { code?: number }).code).toBe(400);
      }
    }),
  );
});
