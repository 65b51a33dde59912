import { describe, expect, it } from "vitest";
import { type Condition, getCondition, isReady, removeCondition, setCondition } from "./condition.js";

const ready: Condition = {
  type: "Ready",
  status: "True",
  reason: "Ok",
  message: "",
  lastTransitionTime: "2020-01-01T00:00:00Z",
};
const now = Date.UTC(2024, 0, 1);

describe("setCondition", () => {
  it("keeps the time while the status stays", () => {
    const next = setCondition(
      [ready],
      { type: "Ready", status: "True", reason: "Better", message: "m" },
      now,
    );
    expect(next).toEqual([{ ...ready, reason: "Better", message: "m" }]);
  });

  it("moves the time with the status and keeps the place", () => {
    const other = { ...ready, type: "Other" };
    const next = setCondition(
      [ready, other],
      { type: "Ready", status: "False", reason: "No", message: "" },
      now,
    );
    expect(next.map(({ type, lastTransitionTime }) => [type, lastTransitionTime])).toEqual([
      ["Ready", "2024-01-01T00:00:00Z"],
      ["Other", "2020-01-01T00:00:00Z"],
    ]);
  });

  it("returns the same list where nothing changes", () => {
    const list = [ready];
    expect(setCondition(list, { type: "Ready", status: "True", reason: "Ok", message: "" }, now)).toBe(list);
  });
});

it("finds and removes by type", () => {
  expect(getCondition([ready], "Ready")).toBe(ready);
  expect(getCondition(undefined, "Ready")).toBeUndefined();
  expect(removeCondition([ready], "Ready")).toEqual([]);
});

describe("isReady", () => {
  it.each([
    [{ generation: 1 }, { conditions: [ready], observedGeneration: 1 }, true],
    [{ generation: 2 }, { conditions: [ready], observedGeneration: 1 }, false],
    [{ generation: 2 }, { conditions: [{ ...ready, observedGeneration: 2 }], observedGeneration: 1 }, true],
    [{}, { conditions: [ready] }, true],
    [{}, { conditions: [{ ...ready, status: "Unknown" }] }, false],
    [{}, undefined, false],
  ])("%j %j: %s", (metadata, status, expected) => {
    expect(isReady({ metadata, status })).toBe(expected);
  });
});
