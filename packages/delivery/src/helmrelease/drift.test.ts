import type { KubeObject } from "@capstan/kube";
import { expect, it } from "vitest";
import { describeDrift, differences } from "./drift.js";

const object = (data: unknown, metadata: Record<string, unknown> = {}, more: Record<string, unknown> = {}) =>
  ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "c", namespace: "n", ...metadata },
    data,
    ...more,
  }) as KubeObject;

it("counts fields that an apply would change, and nothing that others may add", () => {
  const live = object(
    { a: "edited", c: "3" },
    { labels: { ours: "1", theirs: "2" }, generation: 7 },
    { status: { x: 1 } },
  );
  const applied = object({ a: "1", b: "2" }, { labels: { ours: "1" }, annotations: { note: "n" } });
  const operations = differences(live, applied, []);
  expect(operations.map(({ op, path }) => `${op} ${path}`).sort()).toEqual([
    "add /data/b",
    "add /metadata/annotations",
    "remove /data/c",
    "replace /data/a",
  ]);
  expect(
    describeDrift([
      { type: "changed", desired: applied, operations },
      { type: "missing", desired: live },
    ]),
  ).toBe("ConfigMap/n/c changed (2 additions, 1 changes, 1 removals)\nConfigMap/n/c removed");
});

it("leaves ignored paths out, in lists and with escaped names too", () => {
  const live = object({ "a/b": "edited", list: [{ x: 1 }, { x: 2 }], __proto__x: "1" });
  const applied = object({ "a/b": "1", list: [{ x: 1 }, { x: 9 }], __proto__x: "1" });
  expect(differences(live, applied, ["/data/a~1b", "/data/list/1/x"])).toEqual([]);
  expect(differences(live, applied, ["/data/none/deeper", "/data/list/7"])).toHaveLength(2);
});
