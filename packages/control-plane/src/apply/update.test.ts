import type { KubeObject, Schema } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { sameExceptTimes } from "./same-object.js";
import { type UpdateRequest, updateManaged } from "./update.js";

const text: Schema = { type: "string" };
const schema: Schema = {
  type: "object",
  properties: {
    data: { type: "object", additionalProperties: text },
    status: { type: "object", properties: { phase: text } },
  },
};
const T0 = Date.parse("2026-01-01T00:00:00Z");

function thing(content: Record<string, unknown>, metadata: Record<string, unknown> = {}): KubeObject {
  return { apiVersion: "v1", kind: "Thing", metadata: { name: "n", ...metadata }, ...content };
}

function update(
  live: KubeObject | undefined,
  next: KubeObject,
  options: Partial<UpdateRequest> = {},
): KubeObject {
  const object = updateManaged({ live, next, manager: "me", apiVersion: "v1", schema, now: T0, ...options });
  return { ...object, metadata: { ...object.metadata, uid: "u" } };
}

const managed = (object: KubeObject): unknown[] =>
  (object.metadata.managedFields ?? []).map(({ manager, subresource, fieldsV1 }) =>
    subresource ? [manager, subresource, fieldsV1] : [manager, fieldsV1],
  );

describe("updateManaged", () => {
  it("gives a new object to its creator, containers included, identity left out", () => {
    const object = update(undefined, thing({ data: { a: "1" } }, { labels: { x: "y" } }));
    expect(object.metadata.managedFields).toEqual([
      {
        manager: "me",
        operation: "Update",
        apiVersion: "v1",
        time: "2026-01-01T00:00:00Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { ".": {}, "f:a": {} }, "f:metadata": { "f:labels": { ".": {}, "f:x": {} } } },
      },
    ]);
  });

  it("starts from the object as it is when empty, where the kind has such a form", () => {
    const object = update(undefined, thing({ data: { a: "1" } }), { zero: thing({ data: {} }) });
    expect(managed(object)).toEqual([["me", { "f:data": { "f:a": {} } }]]);
  });

  it("moves changed fields to the writer and forgets removed ones", () => {
    const live = update(undefined, thing({ data: { a: "1", b: "1", c: "1" } }), { manager: "a" });
    const next = update(live, { ...live, data: { a: "2", b: "1" } }, { manager: "b" });
    expect(managed(next)).toEqual([
      ["a", { "f:data": { ".": {}, "f:b": {} } }],
      ["b", { "f:data": { "f:a": {} } }],
    ]);
  });

  it("touches nothing when nothing changes, even if the client leaves managed fields out", () => {
    const live = update(undefined, thing({ data: { a: "1" } }));
    const { managedFields: _, ...metadata } = live.metadata;
    const next = update(live, { ...live, metadata }, { now: T0 + 60_000, manager: "other" });
    expect(next.metadata.managedFields).toBe(live.metadata.managedFields);
    expect(sameExceptTimes(live, next)).toBe(true);
  });

  it("keeps managers of subresources apart and ignores managed fields sent there", () => {
    const live = update(undefined, thing({ data: { a: "1" } }));
    const sent = { ...live, status: { phase: "x" }, metadata: { ...live.metadata, managedFields: [] } };
    expect(managed(update(live, sent, { subresource: "status" }))).toEqual([
      ["me", { "f:data": { ".": {}, "f:a": {} } }],
      ["me", "status", { "f:status": { ".": {}, "f:phase": {} } }],
    ]);
  });

  it("does not record what the endpoint resets", () => {
    const live = update(undefined, thing({ data: {} }));
    const next = update(
      live,
      { ...live, data: { a: "1" }, status: { phase: "x" } },
      { resetFields: [["status"]], manager: "b" },
    );
    expect(managed(next)[0]).toEqual(["b", { "f:data": { "f:a": {} } }]);
  });

  it("resets tracking on request and leaves the object untracked until it is applied", () => {
    const live = update(undefined, thing({ data: { a: "1" } }));
    const reset = update(live, { ...live, metadata: { ...live.metadata, managedFields: [{}] } });
    expect(reset.metadata.managedFields).toBeUndefined();
    expect(update(reset, { ...reset, data: { b: "1" } }).metadata.managedFields).toBeUndefined();
  });

  it("falls back to the stored managed fields when the sent ones cannot be read", () => {
    const live = update(undefined, thing({ data: { a: "1" } }));
    const broken = [{ manager: "x", operation: "Guess" as "Apply", apiVersion: "v1" }];
    const next = update(live, { ...live, metadata: { ...live.metadata, managedFields: broken } });
    expect(managed(next)).toEqual(managed(live));
  });

  it("unites the oldest beyond ten update managers", () => {
    let live = update(undefined, thing({ data: { k0: "0" } }), { manager: "m0" });
    for (let i = 1; i <= 12; i++) {
      const data = { ...(live["data"] as object), [`k${i}`]: "1" };
      live = update(live, { ...live, data }, { manager: `m${i}`, now: T0 + i * 1_000 });
    }
    const names = managed(live).map((entry) => (entry as [string])[0]);
    expect(names).toEqual(["ancient-changes", "m4", "m5", "m6", "m7", "m8", "m9", "m10", "m11", "m12"]);
    expect(managed(live)[0]).toEqual([
      "ancient-changes",
      { "f:data": { ".": {}, "f:k0": {}, "f:k1": {}, "f:k2": {}, "f:k3": {} } },
    ]);
    expect(live.metadata.managedFields?.[0]?.time).toBe("2026-01-01T00:00:03Z");
  });

  it("notices that only times differ", () => {
    const live = update(undefined, thing({ data: { a: "1" } }));
    const later = update(undefined, thing({ data: { a: "1" } }), { now: T0 + 5_000 });
    expect(sameExceptTimes(live, later)).toBe(true);
    expect(sameExceptTimes(live, update(undefined, thing({ data: { a: "1" } }), { manager: "x" }))).toBe(
      false,
    );
  });
});
