import type { KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { withoutRivals } from "./preview.js";

const names = { own: "kustomize-controller", overridden: [] };

function deployment(extra: Partial<KubeObject["metadata"]> = {}): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", labels: { ours: "1", theirs: "2", both: "3" }, ...extra },
    spec: {
      replicas: 3,
      template: { spec: { containers: [{ name: "a", image: "x", tty: true }, { name: "b" }] } },
      finalizers: ["one", "two"],
    },
  };
}

const entry = (manager: string, operation: "Apply" | "Update", fieldsV1: Record<string, unknown>) => ({
  manager,
  operation,
  fieldsV1,
});

const own = entry(names.own, "Apply", {
  "f:metadata": { "f:labels": { "f:ours": {}, "f:both": {} } },
  "f:spec": {
    "f:template": { "f:spec": { "f:containers": { 'k:{"name":"a"}': { ".": {}, "f:image": {} } } } },
  },
});

describe("an object whose rivals' fields are taken over", () => {
  it("loses what only a rival holds, down to items of lists", () => {
    const rival = entry("kubectl-edit", "Update", {
      "f:metadata": { "f:labels": { "f:theirs": {}, "f:both": {} } },
      "f:spec": {
        "f:replicas": {},
        "f:finalizers": { 'v:"two"': {} },
        "f:template": {
          "f:spec": {
            "f:containers": {
              'k:{"name":"a"}': { "f:tty": {} },
              'k:{"name":"b"}': { ".": {}, "f:name": {} },
            },
          },
        },
      },
    });
    const left = withoutRivals(deployment({ managedFields: [own, rival] }), names);
    expect(left.metadata.labels).toEqual({ ours: "1", both: "3" });
    expect(left["spec"]).toEqual({
      template: { spec: { containers: [{ name: "a", image: "x" }] } },
      finalizers: ["one"],
    });
  });

  it("keeps what a third manager holds", () => {
    const rival = entry("kubectl", "Update", { "f:spec": { "f:replicas": {} } });
    const scaler = entry("autoscaler", "Update", { "f:spec": { "f:replicas": {} } });
    const object = deployment({ managedFields: [own, rival, scaler] });
    expect(withoutRivals(object, names)).toEqual(object);
  });

  it("loses what other tools noted on it, and maps that become empty", () => {
    const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", kept: "1" };
    expect(withoutRivals(deployment({ annotations }), names).metadata.annotations).toEqual({ kept: "1" });
    const rival = entry("kubectl", "Update", { "f:metadata": { "f:annotations": { "f:a": {} } } });
    const object = deployment({ annotations: { a: "1" }, managedFields: [rival] });
    expect(withoutRivals(object, names).metadata).not.toHaveProperty("annotations");
  });

  it("is the same where there is no rival", () => {
    const object = deployment({ managedFields: [own] });
    expect(withoutRivals(object, names)).toBe(object);
  });
});
