import {
  type Controller,
  defineController,
  formatKey,
  jittered,
  type Manager,
  type Outcome,
  parseKey,
  type RunContext,
  type SetupContext,
} from "@capstan/controller";
import { type CloudKeys, keyService } from "./decrypt/key-service.js";
import type { Applied } from "./kustomization/applied.js";
import { applyRun } from "./kustomization/apply-run.js";
import { concludeRun } from "./kustomization/conclude.js";
import type { Artifacts, DeliveryState } from "./kustomization/delivery-state.js";
import { tellApplied } from "./kustomization/events.js";
import { observeRun } from "./kustomization/observe.js";
import { QuietRuns } from "./kustomization/quiet.js";
import { STRICT_REMOTES } from "./kustomization/remote-policy.js";
import { Remotes } from "./kustomization/remotes.js";
import type { RemoteFetcher } from "./kustomization/render-with-remotes.js";
import { Kustomization } from "./kustomization/resource.js";
import { planRun } from "./kustomization/run-plan.js";
import { type DeliverySettings, FIELD_MANAGER, FINALIZER, STATUS_MANAGER } from "./kustomization/settings.js";
import { timeoutMs } from "./kustomization/times.js";
import { Tracker } from "./kustomization/tracker.js";
import { INDEXES, WAKES, WATCHES } from "./kustomization/wake-ups.js";
import { Ledger } from "./live/ledger.js";
import { LiveObjects } from "./live/live-objects.js";
import { recordsUnder } from "./live/live-record.js";
import { type DeliveryMetrics, deliveryMetrics } from "./metrics.js";
import { DEFAULT_BUDGET } from "./plan/budget.js";
import { RenderCache } from "./render/render-cache.js";
import type { Renderer } from "./render/renderer.js";

export interface DeliveryOptions {
  /** Opens artifacts as directories, verified by digest. */
  readonly artifacts: Artifacts;
  /** Where builds run; closed by `close`. */
  readonly renderer: Renderer;
  readonly settings?: Partial<DeliverySettings>;
  /** Fetches the remote bases of builds; left out: they are refused. */
  readonly remoteBases?: RemoteFetcher;
  /** Opens data keys that clouds wrapped; left out: files that need one are refused. */
  readonly cloudKeys?: CloudKeys;
  /** Runs at a time; default 8. */
  readonly concurrency?: number;
  /** Bytes of builds that are kept; default 64 MiB. */
  readonly renderCacheBytes?: number;
}

/** What a process holds of delivery. */
export interface Delivery {
  readonly metrics: DeliveryMetrics;
  /** Ends the renderer. Call it when the manager has drained. */
  close(): Promise<void>;
}

/** How delivery behaves unless told otherwise; as Flux does where it has the same switch. */
export const DEFAULT_SETTINGS: DeliverySettings = {
  noCrossNamespaceRefs: false,
  ...STRICT_REMOTES,
  sopsAgeSecret: undefined,
  defaultDecryptionServiceAccount: undefined,
  strictSubstitutions: true,
  failFast: true,
  allowExternalArtifact: true,
  additiveDependencyCheck: false,
  overrideManagers: [],
  customStageKinds: [],
  deletionBudget: DEFAULT_BUDGET,
  dependencyRetryMs: 30_000,
  intervalJitter: 0.05,
};

/** Adds the Kustomization controller to a manager. */
export function registerDelivery(manager: Manager, options: DeliveryOptions): Delivery {
  const metrics = deliveryMetrics(manager.metrics.registry);
  manager.add(kustomizationController(options, metrics));
  return { metrics, close: () => options.renderer.close() };
}

function kustomizationController(options: DeliveryOptions, metrics: DeliveryMetrics): Controller {
  const settings = { ...DEFAULT_SETTINGS, ...options.settings };
  let state: DeliveryState | undefined;
  const run = (object: Kustomization, context: RunContext): Promise<Outcome> => {
    if (state === undefined) throw new Error("the controller runs before it was set up");
    return runKustomization(object, state, context);
  };
  return defineController({
    name: FIELD_MANAGER,
    for: Kustomization,
    finalizer: FINALIZER,
    fieldManager: STATUS_MANAGER,
    concurrency: options.concurrency ?? 8,
    predicate: WAKES,
    indexes: INDEXES,
    watches: WATCHES,
    timeoutMs: (object) => timeoutMs(object.spec),
    setup: (context) => {
      state = createState(options, settings, metrics, context);
    },
    gone: (key) => {
      const owner = formatKey(key);
      state?.live.forget(owner);
      state?.ledger.forget(owner);
      state?.tracker.forget(owner);
      state?.quiet.forget(owner);
      void state?.remotes.forget(owner);
    },
    reconcile: run,
    finalize: run,
  });
}

function createState(
  options: DeliveryOptions,
  settings: DeliverySettings,
  metrics: DeliveryMetrics,
  context: SetupContext,
): DeliveryState {
  const wake = (owner: string, afterMs = 0) =>
    context.enqueue(parseKey(owner), afterMs > 0 ? { afterMs } : { priority: "high" });
  const ledger = new Ledger();
  const tracker = new Tracker({ ledger, clock: context.clock, wake });
  const names = { own: FIELD_MANAGER, overridden: settings.overrideManagers };
  const follow = { records: recordsUnder(names), onChange: tracker.note.bind(tracker), onServed: wake };
  return {
    settings,
    metrics,
    ledger,
    tracker,
    names,
    artifacts: options.artifacts,
    renderer: options.renderer,
    services: { bases: options.remoteBases, keys: keyService(options.cloudKeys) },
    renders: new RenderCache(options.renderCacheBytes),
    quiet: new QuietRuns(ledger),
    live: new LiveObjects({ ...follow, informers: context.informers }),
    remotes: new Remotes(follow, settings),
  };
}

/** One run: observe, plan, apply, conclude. */
async function runKustomization(
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<Outcome> {
  const owner = formatKey(object.metadata);
  state.tracker.begin(owner);
  let waiting = false;
  try {
    const applied = repeatQuietly(object, state, context) ?? (await observeAndApply(object, state, context));
    waiting = waitsForObjects(applied);
    const outcome = concludeRun(object, applied, context.clock.now(), state.settings);
    return spread(outcome, state.settings, context);
  } finally {
    state.tracker.end(owner, waiting);
  }
}

async function observeAndApply(
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<Applied> {
  const seen = await observeRun(object, state, context);
  context.signal.throwIfAborted();
  const applied = await applyRun(planRun(object, seen, state.settings), object, state, context);
  context.signal.throwIfAborted();
  const owner = formatKey(object.metadata);
  if (seen.state === "built" && applied.did === "apply" && seen.rendered.remote !== true)
    state.quiet.remember(owner, object, seen, applied);
  else state.quiet.forget(owner);
  return applied;
}

/** What the last run found, where this one would find the same. */
function repeatQuietly(
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Applied | undefined {
  const known = state.quiet.recall(formatKey(object.metadata), object, context);
  if (known === undefined) return undefined;
  const applied = { ...known, startedAt: context.now };
  state.metrics.idleRuns.inc();
  tellApplied(object, applied, [], state, context);
  return applied;
}

function waitsForObjects(applied: Applied): boolean {
  switch (applied.did) {
    case "report":
      return applied.problem.reason === "ReconciliationFailed";
    case "finalize":
      return applied.terminating > 0;
    case "apply":
      return (
        applied.failures.length > 0 || applied.health.state === "waiting" || applied.health.state === "failed"
      );
  }
}

/** Intervals are spread, so that what was created together does not run together for ever. */
function spread(outcome: Outcome, settings: DeliverySettings, context: RunContext): Outcome {
  if (outcome.kind !== "settled" || outcome.resyncAfterMs === undefined) return outcome;
  return {
    ...outcome,
    resyncAfterMs: jittered(outcome.resyncAfterMs, settings.intervalJitter, context.random),
  };
}
