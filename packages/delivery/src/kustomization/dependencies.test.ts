import { describe, expect, it } from "vitest";
import { checkDependencies, findCycle, sortByDependency } from "./dependencies.js";
import type { Kustomization } from "./resource.js";

function object(name: string, dependsOn: string[] = [], fields: Record<string, unknown> = {}): Kustomization {
  const { status, source = "r", expr } = fields as { status?: unknown; source?: string; expr?: string };
  return {
    metadata: { name, namespace: "n", generation: 1 },
    spec: {
      sourceRef: { kind: "GitRepository", name: source },
      dependsOn: dependsOn.map((dep) => ({ name: dep, ...(expr === undefined ? {} : { readyExpr: expr }) })),
    },
    status: status ?? {
      observedGeneration: 1,
      lastAppliedRevision: "r1",
      conditions: [{ type: "Ready", status: "True" }],
    },
  } as unknown as Kustomization;
}

function check(
  self: Kustomization,
  others: Kustomization[],
  ready: boolean | undefined = undefined,
  additive = false,
) {
  const find = (_: string, name: string) => [self, ...others].find((one) => one.metadata.name === name);
  return checkDependencies(self, "r1", find, () => ready ?? true, additive);
}

describe("checkDependencies", () => {
  it.each([
    ["is missing", [], "dependency 'n/dep' not found"],
    ["has no status", [object("dep", [], { status: {} })], "dependency 'n/dep' is not ready"],
    [
      "has not seen its newest generation",
      [
        object("dep", [], {
          status: { observedGeneration: 0, conditions: [{ type: "Ready", status: "True" }] },
        }),
      ],
      "dependency 'n/dep' is not ready",
    ],
    [
      "applied another revision of the same source",
      [
        object("dep", [], {
          status: {
            observedGeneration: 1,
            lastAppliedRevision: "r0",
            conditions: [{ type: "Ready", status: "True" }],
          },
        }),
      ],
      "dependency 'n/dep' revision is not up to date",
    ],
  ])("waits for one that %s", (_, others, message) => {
    expect(check(object("app", ["dep"]), others)).toEqual({ state: "waiting", message });
  });

  it("asks nothing of the revision of another source", () => {
    const status = {
      observedGeneration: 1,
      lastAppliedRevision: "other",
      conditions: [{ type: "Ready", status: "True" }],
    };
    expect(check(object("app", ["dep"]), [object("dep", [], { status, source: "s" })])).toEqual({
      state: "ready",
    });
  });

  it("lets an expression replace readiness, or add to it", () => {
    const app = object("app", ["dep"], { expr: "x" });
    const unready = object("dep", [], { status: {} });
    expect(check(app, [unready], true)).toEqual({ state: "ready" });
    expect(check(app, [unready], true, true).state).toBe("waiting");
    expect(check(app, [object("dep")], false)).toEqual({
      state: "waiting",
      message: "dependency 'n/dep' is not ready according to readyExpr eval",
    });
  });
});

describe("findCycle", () => {
  it("names the way back, and sees no cycle where there is a diamond", () => {
    const all = new Map(
      [
        ["a", ["b", "c"]],
        ["b", ["d"]],
        ["c", ["d"]],
        ["d", []],
        ["x", ["y"]],
        ["y", ["z"]],
        ["z", ["x"]],
      ].map(([name, deps]) => [name as string, object(name as string, deps as string[])]),
    );
    const find = (_: string, name: string) => all.get(name);
    expect(findCycle(all.get("a") ?? object("a"), find)).toBeUndefined();
    expect(findCycle(all.get("y") ?? object("y"), find)).toEqual(["n/y", "n/z", "n/x", "n/y"]);
    expect(findCycle(object("me", ["me"]), (_, name) => object(name, ["me"]))).toEqual(["n/me", "n/me"]);
  });
});

describe("sortByDependency", () => {
  it("puts first what others depend on, and survives cycles", () => {
    const names = (objects: Kustomization[]) => sortByDependency(objects).map((one) => one.metadata.name);
    expect(names([object("a", ["b"]), object("b", ["c"]), object("c")])).toEqual(["c", "b", "a"]);
    expect(names([object("a", ["b"]), object("b", ["a"])]).sort()).toEqual(["a", "b"]);
  });
});
