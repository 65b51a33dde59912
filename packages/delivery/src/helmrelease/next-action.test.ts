import type { ReleaseRecord } from "@capstan/helm";
import { describe, expect, it } from "vitest";
import { valuesDigest } from "./digests.js";
import { type NextAction, nextAction } from "./next-action.js";
import { snapshotOf } from "./observe-release.js";
import { type ReleaseState, releaseState } from "./release-state.js";
import type { HelmRelease, HelmReleaseSpec, HelmReleaseStatus, Snapshot } from "./resource.js";

type Status = NonNullable<ReleaseRecord["info"]["status"]>;

function record(version: number, status: Status, more: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    name: "app",
    namespace: "apps",
    version,
    info: { status, first_deployed: "2026-01-01T00:00:00Z", last_deployed: "2026-01-01T00:00:00Z" },
    chart: { metadata: { name: "chart", version: "1.0.0" } },
    manifest: "",
    apply_method: "ssa",
    ...more,
  };
}

function release(spec: Partial<HelmReleaseSpec>, status: HelmReleaseStatus = {}): HelmRelease {
  return {
    apiVersion: "helm.toolkit.fluxcd.io/v2",
    kind: "HelmRelease",
    metadata: { name: "app", namespace: "apps", generation: 1 },
    spec: { interval: "1m", ...spec },
    status: { observedGeneration: 1, ...status },
  } as HelmRelease;
}

const chart = { name: "chart", version: "1.0.0" };
const digest = valuesDigest({});
const deployed = record(2, "deployed");

function stateOf(
  last: ReleaseRecord | undefined,
  history: readonly Snapshot[],
  spec: Partial<HelmReleaseSpec> = {},
  drifted?: boolean,
  status: HelmReleaseStatus = {},
): ReleaseState {
  const object = release(spec, { ...status, history: [...history] });
  return releaseState({ object, last, chart, valuesDigest: digest, drifted });
}

describe("releaseState", () => {
  const known = [snapshotOf(deployed)];
  const tested = (phase: string): Snapshot[] => [{ ...snapshotOf(deployed), testHooks: { t: { phase } } }];
  const testing = { test: { enable: true } };
  const upgraded: HelmReleaseStatus = { lastAttemptedReleaseAction: "upgrade" };
  it.each<[string, ReleaseState["status"], () => ReleaseState]>([
    ["nothing is stored", "Absent", () => stateOf(undefined, known)],
    ["the release was uninstalled", "Absent", () => stateOf(record(2, "uninstalled"), known)],
    ["an install is marked as going on", "Locked", () => stateOf(record(1, "pending-install"), [])],
    ["a rollback is marked as going on", "Locked", () => stateOf(record(3, "pending-rollback"), known)],
    ["an uninstall was cut off", "Locked", () => stateOf(record(2, "uninstalling"), known)],
    ["nobody knows of the release", "Unmanaged", () => stateOf(deployed, [])],
    ["the release is another than the one known", "Unmanaged", () => stateOf(record(3, "deployed"), known)],
    ["the release failed", "Failed", () => stateOf(record(2, "failed"), [snapshotOf(record(2, "failed"))])],
    ["all is as declared", "InSync", () => stateOf(deployed, known)],
    [
      "the chart is another",
      "OutOfSync",
      () => {
        const other = record(2, "deployed", { chart: { metadata: { name: "chart", version: "0.9.0" } } });
        return stateOf(other, [snapshotOf(other)]);
      },
    ],
    [
      "the values are others",
      "OutOfSync",
      () => {
        const other = record(2, "deployed", { config: { a: 1 } });
        return stateOf(other, [snapshotOf(other)]);
      },
    ],
    [
      "post-renderers changed with the generation",
      "OutOfSync",
      () =>
        stateOf(deployed, known, { postRenderers: [{ kustomize: {} }] }, undefined, {
          observedGeneration: 0,
        }),
    ],
    [
      "post-renderers changed nobody knows when",
      "InSync",
      () => stateOf(deployed, known, { postRenderers: [{ kustomize: {} }] }),
    ],
    ["tests did not run", "Untested", () => stateOf(deployed, known, testing)],
    ["tests succeeded", "InSync", () => stateOf(deployed, tested("Succeeded"), testing)],
    ["tests failed", "Failed", () => stateOf(deployed, tested("Failed"), testing, undefined, upgraded)],
    [
      "failed tests are ignored",
      "InSync",
      () =>
        stateOf(
          deployed,
          tested("Failed"),
          { test: { enable: true, ignoreFailures: true } },
          undefined,
          upgraded,
        ),
    ],
    [
      "the cluster was not compared",
      "Undetermined",
      () => stateOf(deployed, known, { driftDetection: { mode: "enabled" } }),
    ],
    [
      "the cluster differs",
      "Drifted",
      () => stateOf(deployed, known, { driftDetection: { mode: "warn" } }, true),
    ],
    [
      "the cluster does not differ",
      "InSync",
      () => stateOf(deployed, known, { driftDetection: { mode: "warn" } }, false),
    ],
  ])("%s: %s", (_, status, state) => {
    expect(state().status).toBe(status);
  });

  it("refuses a state that nobody leaves behind", () => {
    const odd = record(2, "superseded");
    expect(() => stateOf(odd, [snapshotOf(odd)])).toThrow(
      "unable to determine state for release with status 'superseded'",
    );
  });
});

describe("nextAction", () => {
  const failed = snapshotOf(record(3, "failed"));
  const good = snapshotOf(record(2, "deployed"));
  const older = snapshotOf(record(1, "superseded"));
  const history = [failed, good, older];
  const install: HelmReleaseStatus = { lastAttemptedReleaseAction: "install", installFailures: 1 };
  const upgrade: HelmReleaseStatus = { lastAttemptedReleaseAction: "upgrade", upgradeFailures: 1, history };
  const retry = { name: "RetryOnFailure" } as const;

  function next(
    state: ReleaseState["status"],
    spec: Partial<HelmReleaseSpec> = {},
    status: HelmReleaseStatus = {},
    force = false,
  ): NextAction {
    const named = { status: state, reason: "" } as ReleaseState;
    return nextAction(named, release(spec, status), { force, defaultToRetry: false }).action;
  }

  it.each<[string, string, () => NextAction]>([
    ["in sync", "nothing", () => next("InSync")],
    ["in sync, forced", "upgrade", () => next("InSync", {}, {}, true)],
    ["absent", "install", () => next("Absent")],
    ["absent, out of attempts", "stall", () => next("Absent", {}, install)],
    [
      "absent, an attempt left",
      "install",
      () => next("Absent", { install: { remediation: { retries: 1 } } }, install),
    ],
    [
      "absent, attempts without end",
      "install",
      () => next("Absent", { install: { remediation: { retries: -1 } } }, install),
    ],
    ["absent, out of attempts, forced", "install", () => next("Absent", {}, install, true)],
    ["unmanaged", "upgrade", () => next("Unmanaged")],
    ["out of sync", "upgrade", () => next("OutOfSync")],
    ["out of sync, out of attempts", "stall", () => next("OutOfSync", {}, upgrade)],
    ["out of sync, out of attempts, forced", "upgrade", () => next("OutOfSync", {}, upgrade, true)],
    ["locked", "unlock", () => next("Locked")],
    ["untested", "test", () => next("Untested")],
    ["drifted", "correct", () => next("Drifted", { driftDetection: { mode: "enabled" } })],
    ["drifted, to be told of alone", "nothing", () => next("Drifted", { driftDetection: { mode: "warn" } })],
    ["failed, nothing attempted", "upgrade", () => next("Failed")],
    [
      "failed, what made it fail has changed",
      "upgrade",
      () => next("Failed", {}, { ...upgrade, upgradeFailures: 0 }),
    ],
    ["failed, out of attempts", "stall", () => next("Failed", {}, upgrade)],
    ["failed, forced", "upgrade", () => next("Failed", {}, upgrade, true)],
    [
      "failed upgrade, an attempt left",
      "rollback",
      () => next("Failed", { upgrade: { remediation: { retries: 1 } } }, upgrade),
    ],
    [
      "failed upgrade, the last failure is remedied",
      "rollback",
      () => next("Failed", { upgrade: { remediation: { remediateLastFailure: true } } }, upgrade),
    ],
    [
      "failed upgrade, to be uninstalled",
      "uninstall",
      () => next("Failed", { upgrade: { remediation: { retries: 1, strategy: "uninstall" } } }, upgrade),
    ],
    [
      "failed install, an attempt left",
      "uninstall",
      () => next("Failed", { install: { remediation: { retries: 1 } } }, { ...install, history: [failed] }),
    ],
    ["failed, to be retried", "upgrade", () => next("Failed", { upgrade: { strategy: retry } }, upgrade)],
  ])("%s: %s", (_, action, decide) => {
    expect(decide().do).toBe(action);
  });

  it("rolls back to the newest success before the failure", () => {
    const action = next("Failed", { upgrade: { remediation: { retries: 1 } } }, upgrade);
    expect(action).toMatchObject({ do: "rollback", target: { version: 2 } });
  });

  it("does not roll back to what failed its tests, unless those are ignored", () => {
    const untrusted = { ...good, testHooks: { t: { phase: "Failed" } } };
    const status = { ...upgrade, history: [failed, untrusted, older] };
    const spec = (ignoreTestFailures: boolean) => ({
      upgrade: { remediation: { retries: 1, ignoreTestFailures } },
    });
    expect(next("Failed", spec(false), status)).toMatchObject({ target: { version: 1 } });
    expect(next("Failed", spec(true), status)).toMatchObject({ target: { version: 2 } });
  });

  it("stalls where there is nothing to roll back to", () => {
    const action = next(
      "Failed",
      { upgrade: { remediation: { retries: 1 } } },
      { ...upgrade, history: [failed] },
    );
    expect(action).toMatchObject({ do: "stall", reason: "MissingRollbackTarget" });
  });

  it("says how often it tried", () => {
    expect(next("Failed", {}, upgrade)).toMatchObject({ message: "Failed to upgrade after 1 attempt(s)" });
  });

  it("keeps of the history what it takes to go back", () => {
    const decide = (status: ReleaseState["status"]) =>
      nextAction({ status, reason: "" } as ReleaseState, release({}, upgrade), {
        force: false,
        defaultToRetry: false,
      }).history.map(({ version }) => version);
    expect(decide("InSync")).toEqual([3, 2]);
    expect(decide("Unmanaged")).toEqual([]);
    expect(decide("OutOfSync")).toEqual([3, 2, 1]);
  });
});
