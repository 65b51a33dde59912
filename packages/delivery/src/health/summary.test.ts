import { describe, expect, it } from "vitest";
import { type Checked, summarizeHealth } from "./summary.js";

function checked(name: string, status: Checked["health"]["status"], message = "", place = ""): Checked {
  const health = { status, message };
  return { apiVersion: "v1", kind: "Pod", namespace: "n", name, mayBeGone: false, place, health };
}

describe("the health of several objects", () => {
  it("names what is waited for with the reason and the place", () => {
    const pending = checked("a", "InProgress", "not ready", " (app/pod.yaml:3)");
    expect(summarizeHealth([checked("b", "Current"), pending], true)).toEqual({
      state: "waiting",
      waitingFor: ["Pod/n/a status: 'InProgress': not ready (app/pod.yaml:3)"],
    });
  });

  it("fails with the first that failed, or when all others are done", () => {
    const all = [checked("a", "Failed", "crashed", " (a.yaml:1)"), checked("b", "InProgress")];
    const message = "failed early due to stalled resources: [Pod/n/a status: 'Failed': crashed (a.yaml:1)]";
    expect(summarizeHealth(all, true)).toEqual({ state: "failed", message });
    expect(summarizeHealth(all, false)).toMatchObject({ state: "waiting" });
    expect(summarizeHealth(all.slice(0, 1), false)).toEqual({ state: "failed", message });
  });

  it("takes a Job that deleted itself for done, and nothing else that is gone", () => {
    const gone = checked("a", "NotFound");
    expect(summarizeHealth([{ ...gone, mayBeGone: true }], true)).toEqual({ state: "healthy" });
    expect(summarizeHealth([gone], true)).toMatchObject({ state: "waiting" });
    expect(summarizeHealth([], true)).toEqual({ state: "none" });
  });
});
