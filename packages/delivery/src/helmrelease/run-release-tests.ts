import type { ReleaseRecord } from "@capstan/helm";
import { runTests } from "../helm-actions/run-tests.js";
import { attempt, NothingStored, setUpAction, storageOf } from "./action-setup.js";
import { testHooksOf } from "./observe-release.js";
import { activeRemediation, timeoutOf } from "./policies.js";
import { tellRelease } from "./release-events.js";
import { updated } from "./release-history.js";
import type { ReleaseRequest } from "./release-request.js";
import { releaseNameOf } from "./release-target.js";
import type { HelmRelease, Snapshot } from "./resource.js";
import { fullName, hasBeenTested, isOf, latest, versionedChart } from "./snapshots.js";

/** Runs the release's tests; throws `NothingStored` where none came to an end. */
export async function runReleaseTests(object: HelmRelease, request: ReleaseRequest): Promise<void> {
  const { draft, context } = request;
  const { test } = object.spec;
  const observe = (record: ReleaseRecord) => {
    const history = draft.fields.history ?? [];
    const current = latest(history);
    if (current === undefined || !isOf(current, record)) return;
    const tested = { ...updated(current, record), testHooks: testHooksOf(record, test) };
    draft.set({ history: history.map((snapshot) => (snapshot === current ? tested : snapshot)) });
  };
  const storage = storageOf(object, request).observedBy(observe);
  const setup = setUpAction(object, request, storage, false);
  const options = {
    name: releaseNameOf(object),
    timeoutMs: timeoutOf(object.spec, "test"),
    filters: test?.filters ?? [],
  };
  const failure = await attempt(context.signal, async () => (await runTests(setup.context, options)).error);
  const current = latest(draft.fields.history ?? []);
  if (current === undefined) throw new NothingStored("no latest release: required for test");
  concludeTests(object, request, current, failure);
  draft.summarize();
  if (failure !== undefined && !hasBeenTested(current))
    throw new NothingStored(failure.message, { cause: failure });
}

function concludeTests(
  object: HelmRelease,
  request: ReleaseRequest,
  current: Snapshot,
  failure: Error | undefined,
): void {
  const { draft, context } = request;
  const target = `for release ${fullName(current)} with chart ${versionedChart(current)}`;
  if (failure === undefined) {
    const count = Object.keys(current.testHooks ?? {}).length;
    const hooks =
      count === 0 ? "no test hooks" : `${count} test hook${count > 1 ? "s" : ""} completed successfully`;
    const message = `Helm test succeeded ${target}: ${hooks}`;
    draft.mark("TestSuccess", "True", "TestSucceeded", message);
    tellRelease(object, { type: "Normal", reason: "TestSucceeded", message }, current, context);
    return;
  }
  const message = `Helm test failed ${target}: ${failure.message.trim()}`;
  const { failures = 0, installFailures = 0, upgradeFailures = 0, lastAttemptedReleaseAction } = draft.fields;
  draft.set({ failures: failures + 1 });
  draft.mark("TestSuccess", "False", "TestFailed", message);
  tellRelease(object, { type: "Warning", reason: "TestFailed", message }, current, context);
  const remediation = activeRemediation(object.spec, draft.fields);
  if (!hasBeenTested(current) || remediation === undefined || remediation.ignoreTestFailures) return;
  draft.set(
    lastAttemptedReleaseAction === "install"
      ? { installFailures: installFailures + 1 }
      : { upgradeFailures: upgradeFailures + 1 },
  );
}
