import { expect, test } from "vitest";
import { ProtobufReader } from "../protobuf/reader.js";
import { gnosticDocument } from "./gnostic.js";

/** All values of a field: text and messages as bytes, numbers as they are. */
function fieldsOf(bytes: Uint8Array, wanted: number): readonly (Buffer | number)[] {
  const reader = new ProtobufReader(bytes);
  const found: (Buffer | number)[] = [];
  while (!reader.done) {
    const tag = reader.tag();
    const wire = tag % 8;
    const value = wire === 2 ? reader.bytes() : wire === 1 ? reader.double() : reader.int64();
    if ((tag - wire) / 8 === wanted) found.push(value);
  }
  return found;
}

/** The first value at the end of a path of field numbers. */
function at(bytes: Uint8Array, ...path: readonly number[]): Buffer | number | undefined {
  let value: Buffer | number | undefined = Buffer.from(bytes);
  for (const number of path) {
    if (!Buffer.isBuffer(value)) return undefined;
    value = fieldsOf(value, number)[0];
  }
  return value;
}

const text = (bytes: Uint8Array, ...path: readonly number[]) => at(bytes, ...path)?.toString();

/** The message of a member of a map, by its name. */
function entry(bytes: Buffer | number | undefined, map: number, name: string): Buffer {
  const entries = Buffer.isBuffer(bytes) ? fieldsOf(bytes, map) : [];
  const found = entries.find((each) => Buffer.isBuffer(each) && text(each, 1) === name);
  const value = Buffer.isBuffer(found) ? at(found, 2) : undefined;
  if (!Buffer.isBuffer(value)) throw new Error(`there is no ${name}`);
  return value;
}

const document = gnosticDocument(
  {
    swagger: "2.0",
    info: { title: "Kubernetes", version: "1.35" },
    paths: {
      "/widgets": {
        get: {
          operationId: "listWidgets",
          consumes: ["*/*"],
          parameters: [
            { name: "watch", in: "query", type: "boolean", uniqueItems: true },
            { name: "body", in: "body", required: true, schema: { $ref: "#/definitions/Widget" } },
            { $ref: "#/parameters/pretty" },
          ],
          responses: { "200": { description: "OK", schema: { $ref: "#/definitions/Widget" } } },
          "x-kubernetes-action": "list",
          "x-kubernetes-group-version-kind": { group: "example.com", kind: "Widget", version: "v1" },
        },
        parameters: [{ name: "name", in: "path", required: true, type: "string" }],
      },
    },
    definitions: {
      Widget: {
        type: "object",
        description: "A widget.",
        required: ["spec"],
        properties: {
          spec: {
            type: "object",
            properties: {
              size: { type: "integer", minimum: 1.5, maxLength: 300, default: 0, enum: [1, "two"] },
              zero: { type: "integer", minimum: 0, description: "" },
            },
          },
          names: { type: "array", items: { type: "string" }, "x-kubernetes-list-map-keys": ["port"] },
          ["__proto__"]: { type: "string" },
          open: { type: "object", additionalProperties: true },
          closed: { type: "object", additionalProperties: false },
          labels: { type: "object", additionalProperties: { type: "string" } },
        },
      },
    },
    securityDefinitions: { BearerToken: { type: "apiKey", name: "authorization", in: "header" } },
    security: [{ BearerToken: [] }],
  },
  "v2",
);

test("a document says its edition, what it describes and how to be let in", () => {
  expect(text(document, 1)).toBe("2.0");
  expect(text(document, 2, 1)).toBe("Kubernetes");
  expect(text(document, 2, 2)).toBe("1.35");
  expect(text(entry(at(document, 13), 1, "BearerToken"), 2, 2)).toBe("authorization");
  expect(text(document, 12, 1, 1)).toBe("BearerToken");
});

test("operations have their parameters, answers and extensions", () => {
  const path = entry(at(document, 8), 2, "/widgets");
  expect(text(path, 9, 1, 2, 4, 4)).toBe("name");
  const operation = at(path, 2) as Buffer;
  expect(text(operation, 5)).toBe("listWidgets");
  expect(text(operation, 7)).toBe("*/*");
  const [query, body, reference] = fieldsOf(operation, 8) as Buffer[];
  expect(text(query!, 1, 2, 3, 4)).toBe("watch");
  expect(at(query!, 1, 2, 3, 20)).toBe(1);
  expect(at(body!, 1, 1, 4)).toBe(1);
  expect(text(body!, 1, 1, 5, 1)).toBe("#/definitions/Widget");
  expect(text(reference!, 2, 1)).toBe("#/parameters/pretty");
  expect(text(entry(at(operation, 9), 1, "200"), 1, 2, 1, 1)).toBe("#/definitions/Widget");
  expect(text(entry(operation, 13, "x-kubernetes-action"), 2)).toBe("list\n");
  expect(text(entry(operation, 13, "x-kubernetes-group-version-kind"), 2)).toBe(
    "group: example.com\nkind: Widget\nversion: v1\n",
  );
});

test("types have their properties, limits and extensions, and nothing for what is zero", () => {
  const widget = entry(at(document, 9), 1, "Widget");
  expect(text(widget, 22, 1)).toBe("object");
  expect(text(widget, 19)).toBe("spec");
  const size = entry(at(entry(at(widget, 25), 1, "spec"), 25), 1, "size");
  expect(at(size, 9)).toBe(1.5);
  expect(at(size, 11)).toBe(300);
  expect(text(size, 5, 2)).toBe("0\n");
  expect((fieldsOf(size, 20) as Buffer[]).map((each) => text(each, 2))).toEqual(["1\n", "two\n"]);
  const zero = entry(at(entry(at(widget, 25), 1, "spec"), 25), 1, "zero");
  expect([4, 9].flatMap((number) => fieldsOf(zero, number))).toEqual([]);
  const names = entry(at(widget, 25), 1, "names");
  expect(text(names, 23, 1, 22, 1)).toBe("string");
  expect(text(entry(names, 31, "x-kubernetes-list-map-keys"), 2)).toBe("- port\n");
  expect(text(entry(at(widget, 25), 1, "__proto__"), 22, 1)).toBe("string");
  expect(at(entry(at(widget, 25), 1, "open"), 21, 2)).toBe(1);
  expect(at(entry(at(widget, 25), 1, "closed"), 21, 2)).toBe(0);
  expect(text(entry(at(widget, 25), 1, "labels"), 21, 1, 22, 1)).toBe("string");
});

test("the third edition has bodies by their media types, alternatives and defaults", () => {
  const third = gnosticDocument(
    {
      openapi: "3.0.0",
      info: { title: "Kubernetes", version: "1.35" },
      paths: {
        "/widgets": {
          post: {
            operationId: "createWidget",
            parameters: [{ name: "dryRun", in: "query", schema: { type: "string" } }],
            requestBody: {
              required: true,
              content: { "*/*": { schema: { $ref: "#/components/schemas/Widget" } } },
            },
            responses: { "200": { description: "OK", content: { "application/json": { schema: {} } } } },
            "x-kubernetes-action": "post",
          },
        },
      },
      components: {
        schemas: {
          Widget: {
            type: "object",
            properties: {
              name: { type: "string", default: "" },
              size: { type: "integer", default: 3, nullable: true, not: { enum: [0] } },
              shown: { type: "boolean", default: false },
              spec: { default: {}, allOf: [{ $ref: "#/components/schemas/Spec" }] },
              port: { oneOf: [{ type: "integer" }, { type: "string" }], "x-kubernetes-int-or-string": true },
            },
          },
        },
        securitySchemes: { BearerToken: { type: "apiKey", name: "authorization", in: "header" } },
      },
    },
    "v3",
  );
  expect(text(third, 2, 6)).toBe("1.35");
  const operation = at(entry(at(third, 4), 1, "/widgets"), 6) as Buffer;
  expect(text(operation, 6, 1, 1)).toBe("dryRun");
  expect(text(entry(at(operation, 7, 1, 2), 1, "*/*"), 1, 2, 1)).toBe("#/components/schemas/Widget");
  expect(at(operation, 7, 1, 3)).toBe(1);
  expect(text(entry(at(operation, 8), 2, "200"), 1, 1)).toBe("OK");
  expect(text(entry(operation, 13, "x-kubernetes-action"), 2)).toBe("post\n");
  const widget = at(entry(at(third, 5, 1), 1, "Widget"), 1) as Buffer;
  const property = (name: string) => at(entry(at(widget, 31), 1, name), 1) as Buffer;
  expect(text(property("name"), 33, 3)).toBe("");
  expect(at(property("size"), 33, 1)).toBe(3);
  expect(at(property("size"), 1)).toBe(1);
  expect(text(property("size"), 29, 24, 2)).toBe("0\n");
  expect(at(property("shown"), 33, 2)).toBe(0);
  expect(text(property("spec"), 33)).toBe("");
  expect(text(property("spec"), 26, 2, 1)).toBe("#/components/schemas/Spec");
  expect((fieldsOf(property("port"), 27) as Buffer[]).map((each) => text(each, 1, 25))).toEqual([
    "integer",
    "string",
  ]);
  expect(text(entry(at(third, 5, 7), 1, "BearerToken"), 1, 3)).toBe("authorization");
});
