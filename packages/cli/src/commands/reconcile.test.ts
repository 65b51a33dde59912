import type { Condition, KubeObject } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import { isCarriedOut } from "./reconcile.js";

function object(ready: Partial<Condition> | undefined, observedGeneration = 2): KubeObject {
  const condition = { type: "Ready", status: "True", reason: "r", message: "m", ...ready } as Condition;
  return {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "a", generation: 2 },
    status: { observedGeneration, conditions: ready === undefined ? [] : [condition] },
  };
}

describe("isCarriedOut", () => {
  it("waits for what is said of the newest generation", () => {
    expect(isCarriedOut(object(undefined), 0)).toBe(false);
    expect(isCarriedOut(object({ observedGeneration: 1 }, 1), 0)).toBe(false);
    expect(isCarriedOut(object({}, 1), 0)).toBe(false);
    expect(isCarriedOut(object({ observedGeneration: 2 }), 0)).toBe(true);
    expect(isCarriedOut(object({}), 0)).toBe(true);
  });

  it("ends with a failure, and not while a run goes on", () => {
    expect(isCarriedOut(object({ status: "False", observedGeneration: 2 }), 0)).toBe(true);
    expect(isCarriedOut(object({ status: "Unknown", observedGeneration: 2 }), 0)).toBe(false);
  });
});
