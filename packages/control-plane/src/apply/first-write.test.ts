import type { KubeObject, Schema } from "@capstan/kube";
import fc from "fast-check";
import { expect, test } from "vitest";
import { applyTypeOf } from "./apply-type.js";
import { fieldsOfFirstWrite } from "./first-write.js";
import { encodeManagers } from "./managers.js";
import { TypedVersions } from "./ownership.js";
import { recordUpdate } from "./update.js";

const text: Schema = { type: "string" };
const port: Schema = {
  type: "object",
  properties: { port: { type: "integer" }, protocol: { ...text, default: "TCP" }, name: text },
};
const spec: Schema = {
  type: "object",
  properties: {
    replicas: { type: "integer" },
    selector: { type: "object", mapType: "atomic", additionalProperties: text },
    labels: { type: "object", additionalProperties: text },
    ports: { type: "array", listType: "map", listMapKeys: ["port", "protocol"], items: port },
    zones: { type: "array", listType: "set", items: text },
    args: { type: "array", items: text },
    open: { type: "object", preserveUnknownFields: true },
    limit: { intOrString: true },
  },
};
const schema: Schema = {
  type: "object",
  properties: { spec, status: spec, data: { type: "object", additionalProperties: text } },
};

const name = fc.constantFrom("a", "b", "x<y", "__proto__", "constructor");
const words = fc.dictionary(name, fc.constantFrom("1", "2"), { maxKeys: 3 });
const content = fc.record(
  {
    replicas: fc.constantFrom(0, 1, null),
    selector: words,
    labels: words,
    ports: fc.array(
      fc.record(
        {
          port: fc.constantFrom(80, 443),
          protocol: fc.constantFrom("TCP", "UDP"),
          name: fc.constant("http"),
        },
        { requiredKeys: ["port"] },
      ),
      { maxLength: 3 },
    ),
    zones: fc.array(fc.constantFrom("z1", "z2", "z3"), { maxLength: 3 }),
    args: fc.array(fc.constantFrom("-v", "-q"), { maxLength: 2 }),
    open: fc.jsonValue({ maxDepth: 3 }),
    limit: fc.constantFrom(1, "1"),
    stranger: fc.constant("?"),
  },
  { requiredKeys: [] },
);
const object = fc
  .record({ spec: content, status: content, data: words, labels: words }, { requiredKeys: [] })
  .map(({ labels, ...rest }): KubeObject => {
    const metadata = { name: "n", uid: "u", creationTimestamp: "2026-01-01T00:00:00Z" };
    return {
      apiVersion: "v1",
      kind: "Thing",
      metadata: labels ? { ...metadata, labels } : metadata,
      ...rest,
    };
  });
const zero = fc
  .record({ spec: fc.constant({}), status: fc.record({ replicas: fc.constant(0) }) }, { requiredKeys: [] })
  .map((rest) => ({ apiVersion: "v1", kind: "Thing", metadata: {}, ...rest }) as unknown as KubeObject);

/** The fields by way of the comparison, or the words of its refusal. */
function compared(from: KubeObject, next: KubeObject, resetFields: readonly (readonly string[])[]): string {
  try {
    const versions = new TypedVersions("v1", schema, undefined);
    const request = { live: undefined, next, zero: from, apiVersion: "v1", schema, resetFields, now: 0 };
    const entries = encodeManagers(recordUpdate(request, new Map(), "me", versions));
    return JSON.stringify(entries?.[0]?.fieldsV1 ?? {});
  } catch (error) {
    return String(error);
  }
}

function walked(
  from: KubeObject,
  next: KubeObject,
  reset: readonly (readonly string[])[],
): string | undefined {
  try {
    const fields = fieldsOfFirstWrite(from, next, applyTypeOf(schema), reset);
    return fields && JSON.stringify(fields);
  } catch (error) {
    return String(error);
  }
}

test("gives what the comparison with an empty object gives, in the same order", () => {
  let plain = 0;
  fc.assert(
    fc.property(
      zero,
      object,
      fc.constantFrom([], [["status"]], [["spec"], ["metadata"]]),
      (from, next, reset) => {
        const fields = walked(from, next, reset);
        if (fields === undefined) return;
        plain++;
        expect(fields).toBe(compared(from, next, reset));
      },
    ),
    { numRuns: 500 },
  );
  expect(plain).toBeGreaterThan(250);
});

test("leaves to the comparison what is there twice, and paths that are reset below the top", () => {
  const twice = { spec: { zones: ["a", "a"] } };
  const thing = { apiVersion: "v1", kind: "Thing", metadata: { name: "n" }, ...twice } as KubeObject;
  const bare = { apiVersion: "v1", kind: "Thing", metadata: {} } as unknown as KubeObject;
  expect(fieldsOfFirstWrite(bare, thing, applyTypeOf(schema), [])).toBeUndefined();
  expect(fieldsOfFirstWrite(bare, bare, applyTypeOf(schema), [["status", "phase"]])).toBeUndefined();
  expect(fieldsOfFirstWrite(bare, bare, applyTypeOf(schema), [])).toEqual({});
});
