import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { adoptIgnored, rulesFor } from "../apply/ignore.js";
import { takeOverPatch } from "../apply/take-over.js";
import { explainDrift } from "./drift.js";
import { hasDrifted } from "./ledger.js";
import { LEFTOVERS, toLiveRecord } from "./live-record.js";

const NAMES = { own: "kustomize-controller", overridden: ["legacy-tool"] };

function object(managedFields: Record<string, unknown>[], fields: Record<string, unknown> = {}): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: {
      name: "web",
      namespace: "n",
      uid: "u",
      resourceVersion: "7",
      managedFields,
      ...(fields["metadata"] as object),
    },
    ...(fields["content"] as object),
  } as KubeObject;
}

const own = (fieldsV1: Record<string, unknown>) => ({
  manager: "kustomize-controller",
  operation: "Apply",
  fieldsV1,
});
const other = (manager: string, fieldsV1: Record<string, unknown>, rest: Record<string, unknown> = {}) => ({
  manager,
  operation: "Update",
  fieldsV1,
  ...rest,
});
const REPLICAS = { "f:spec": { "f:replicas": {}, "f:paused": {} } };

describe("toLiveRecord", () => {
  it("changes with the fields that we own, and with nothing else", () => {
    const record = toLiveRecord(object([own(REPLICAS)]), NAMES);
    const expected = { digest: "d", owned: record.live.owned, uid: "u" };
    const after = (entries: Record<string, unknown>[]) =>
      hasDrifted(expected, toLiveRecord(object(entries), NAMES));
    expect(
      after([
        own(REPLICAS),
        other("vpa", { "f:x": {} }),
        other("kcm", { "f:status": {} }, { subresource: "status" }),
      ]),
    ).toBe(false);
    expect(after([own({ "f:spec": { "f:paused": {} } })])).toBe(true);
    expect(after([])).toBe(true);
    expect(hasDrifted(expected, undefined)).toBe(true);
  });

  it("knows whose fields are taken over", () => {
    const entries = [
      "kubectl",
      "kubectl-edit",
      "before-first-apply",
      "legacy-tool-2",
      "kustomize-controller",
      "helm",
    ];
    const record = toLiveRecord(object(entries.map((name) => other(name, {}))), NAMES);
    expect(record.live.rivals).toEqual(entries.slice(0, 5));
    const status = toLiveRecord(object([other("kubectl-edit", {}, { subresource: "status" })]), NAMES);
    expect(status.live.rivals).toEqual([]);
  });

  it("keeps nothing of an object's content", () => {
    const record = toLiveRecord(
      object([], { content: { data: { password: "secret" } }, metadata: { annotations: { x: "secret" } } }),
      NAMES,
    );
    expect(JSON.stringify(record)).not.toContain("secret");
  });
});

describe("explainDrift", () => {
  it("names fields and who holds them now", () => {
    const containers = { "f:containers": { 'k:{"name":"web"}': { "f:image": {}, ".": {} } } };
    const after = object([own({ "f:spec": { "f:replicas": {}, "f:template": { "f:spec": containers } } })]);
    const before = object([
      own({
        "f:spec": { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"web"}': { ".": {} } } } } },
      }),
      other("hand", { "f:spec": { "f:replicas": {} } }),
      other("ci", { "f:spec": { "f:template": { "f:spec": containers } } }, { time: "2026-01-02T00:00:00Z" }),
    ]);
    expect(explainDrift(before, after, NAMES)).toEqual([
      { path: "spec.replicas", manager: "hand" },
      { path: "spec.template.spec.containers[web].image", manager: "ci" },
    ]);
  });

  it("blames who wrote last for a field that was removed", () => {
    const before = object([
      own({}),
      other("old", {}, { time: "2026-01-01T00:00:00Z" }),
      other("new", {}, { time: "2026-01-02T00:00:00Z" }),
    ]);
    expect(explainDrift(before, object([own(REPLICAS)]), NAMES)[0]).toEqual({
      path: "spec.replicas",
      manager: "new",
    });
  });
});

describe("takeOverPatch", () => {
  it("makes rivals' fields ours and removes what other tools left", () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", keep: "1" };
    const live = object(
      [own({ "f:a": {} }), other("kubectl-edit", { "f:b": { "f:c": {} } }), other("kcm", { "f:d": {} })],
      { metadata: { annotations } },
    );
    expect(takeOverPatch(live, NAMES, LEFTOVERS)).toEqual([
      { op: "replace", path: "/metadata/resourceVersion", value: "7" },
      { op: "remove", path: "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration" },
      {
        op: "replace",
        path: "/metadata/managedFields",
        value: [other("kcm", { "f:d": {} }), own({ "f:a": {}, "f:b": { "f:c": {} } })],
      },
    ]);
  });

  it("has nothing to do where nobody else wrote", () => {
    expect(takeOverPatch(object([own({}), other("kcm", {})]), NAMES, LEFTOVERS)).toEqual([]);
  });
});

describe("spec.ignore", () => {
  const desired = object([], { content: { spec: { replicas: 2, items: [{ name: "a", v: 1 }] } } });

  it("selects objects by kind, name and selectors", () => {
    const rule = (target: Record<string, string>) =>
      rulesFor([{ paths: ["/spec/replicas"], target }], desired).length;
    expect(rule({ kind: "Deployment", group: "apps", name: "w.*" })).toBe(1);
    expect(rule({ kind: "Deploy" })).toBe(0);
    expect(rule({ labelSelector: "a=b" })).toBe(0);
  });

  it("takes the live value, or leaves the field out where somebody else applies it", () => {
    const live = (managedFields: Record<string, unknown>[]) =>
      object(managedFields, { content: { spec: { replicas: 7, items: [{ name: "a", v: 9 }] } } });
    const spec = (managed: Record<string, unknown>[], path: string) =>
      adoptIgnored(desired, live(managed), [path], NAMES)["spec"];
    expect(spec([], "/spec/replicas")).toMatchObject({ replicas: 7 });
    const applied = { manager: "hpa", operation: "Apply", fieldsV1: { "f:spec": { "f:replicas": {} } } };
    expect(spec([applied], "/spec/replicas")).not.toHaveProperty("replicas");
    expect(spec([], "/spec/items/0/v")).toMatchObject({ items: [{ name: "a", v: 9 }] });
    expect(spec([], "/spec/missing")).toEqual(desired["spec"]);
  });
});
