import type { ReleaseRecord } from "@capstan/helm";
import { describe, expect, it } from "vitest";
import { valuesDigest } from "./digests.js";
import type { HelmRelease, Snapshot } from "./resource.js";
import { interruptedAction } from "./take-up.js";

const config = { a: 1 };
const snapshot = { version: 1 } as Snapshot;

function record(status: string, description = "Upgrade complete", version = "1.0.0"): ReleaseRecord {
  const chart = { metadata: { name: "app", version } };
  return { name: "app", namespace: "x", version: 2, config, chart, info: { status, description } } as never;
}

function running(action: string, more: Partial<NonNullable<HelmRelease["status"]>> = {}) {
  const message = `Running '${action}' action with timeout of 5m0s`;
  const reconciling = { type: "Reconciling", status: "True", reason: "Progressing", message };
  return {
    status: {
      conditions: [{ ...reconciling, lastTransitionTime: "2026-01-01T00:00:00Z" }],
      lastAttemptedRevision: "1.0.0",
      lastAttemptedConfigDigest: valuesDigest(config),
      ...more,
    },
  } as Pick<HelmRelease, "status">;
}

describe("interruptedAction", () => {
  it.each([
    ["an install that nothing is known of", "install", "deployed", undefined, "install"],
    ["an upgrade", "upgrade", "deployed", snapshot, "upgrade"],
    ["an upgrade that failed", "upgrade", "failed", snapshot, "upgrade"],
    ["a rollback", "rollback", "deployed", snapshot, "rollback"],
    ["an install where something was installed", "install", "deployed", snapshot, undefined],
    ["an upgrade of what is not known", "upgrade", "deployed", undefined, undefined],
    ["one that somebody uninstalled", "upgrade", "uninstalled", snapshot, undefined],
    ["a test", "test", "deployed", snapshot, undefined],
  ])("knows %s", (_what, action, status, current, expected) => {
    expect(interruptedAction(running(action), record(status), current)).toBe(expected);
  });

  it("asks what was unlocked for what it was", () => {
    const unlocked = record("failed", "Release unlocked from stale 'pending-upgrade' state");
    expect(interruptedAction(running("unlock"), unlocked, snapshot)).toBe("upgrade");
    expect(interruptedAction(running("unlock"), record("failed"), snapshot)).toBeUndefined();
  });

  it("takes nobody else's revision for ours", () => {
    expect(interruptedAction({ status: {} }, record("deployed"), snapshot)).toBeUndefined();
    expect(
      interruptedAction(running("upgrade"), record("deployed", "Upgrade complete", "1.0.1"), snapshot),
    ).toBeUndefined();
    const others = running("upgrade", { lastAttemptedConfigDigest: valuesDigest({ a: 2 }) });
    expect(interruptedAction(others, record("deployed"), snapshot)).toBeUndefined();
  });
});
