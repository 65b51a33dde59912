import {
  type Controller,
  defineController,
  formatKey,
  type Manager,
  type Outcome,
  parseKey,
  type RunContext,
  type SetupContext,
} from "@capstan/controller";
import type { Artifacts } from "../kustomization/delivery-state.js";
import { Remotes } from "../kustomization/remotes.js";
import { type LiveChange, LiveObjects } from "../live/live-objects.js";
import type { Renderer } from "../render/renderer.js";
import { DriftLedger } from "./drift-ledger.js";
import type { HelmState } from "./helm-state.js";
import { HELM_RECORDS, type HelmLiveRecord } from "./live-record.js";
import { helmMetrics } from "./metrics.js";
import { Pulse } from "./pulse.js";
import { reconcileHelmRelease } from "./reconcile.js";
import { HelmRelease } from "./resource.js";
import { WatchedRevisions } from "./revision-index.js";
import {
  DEFAULT_HELM_SETTINGS,
  FIELD_MANAGER,
  FINALIZER,
  type HelmSettings,
  STATUS_MANAGER,
} from "./settings.js";
import { Gate } from "./turn.js";
import { finalizeHelmRelease } from "./uninstall-release.js";
import { HELM_INDEXES, HELM_WAKES, HELM_WATCHES } from "./wake-ups.js";

/** Runs that may wait for health at the same time; what each holds meanwhile is its manifest and record. */
const MAX_RUNS = 160;
const DEFAULT_ACTIVE = 12;

export interface HelmReleaseOptions {
  /** Opens artifacts as directories, verified by digest. */
  readonly artifacts: Artifacts;
  /** Where charts are rendered. */
  readonly renderer: Renderer;
  readonly settings?: Partial<HelmSettings>;
  /** Runs that work at a time; those that wait do not count. Default 12. */
  readonly concurrency?: number;
}

/** Adds the HelmRelease controller to a manager. The renderer is closed by whoever made it. */
export function registerHelmReleases(manager: Manager, options: HelmReleaseOptions): void {
  manager.add(helmReleaseController(manager, options));
}

function helmReleaseController(manager: Manager, options: HelmReleaseOptions): Controller {
  const metrics = helmMetrics(manager.metrics.registry);
  let state: HelmState | undefined;
  const running = (): HelmState => {
    if (state === undefined) throw new Error("the controller runs before it was set up");
    return state;
  };
  return defineController({
    name: FIELD_MANAGER,
    for: HelmRelease,
    finalizer: FINALIZER,
    fieldManager: STATUS_MANAGER,
    concurrency: MAX_RUNS,
    predicate: HELM_WAKES,
    indexes: HELM_INDEXES,
    watches: HELM_WATCHES,
    setup: (context) => {
      state = createState(options, metrics, context);
    },
    gone: (key) => {
      const owner = formatKey(key);
      state?.live.forget(owner);
      state?.ledger.forget(owner);
      state?.failures.delete(owner);
      void state?.remotes.forget(owner);
    },
    reconcile: (object: HelmRelease, context: RunContext): Promise<Outcome> =>
      reconcileHelmRelease(object, running(), context),
    finalize: (object: HelmRelease, context: RunContext): Promise<Outcome> =>
      finalizeHelmRelease(object, running(), context),
  });
}

function createState(
  options: HelmReleaseOptions,
  metrics: HelmState["metrics"],
  context: SetupContext,
): HelmState {
  const pulse = new Pulse();
  const ledger = new DriftLedger();
  const runs = new Map<string, Set<string>>();
  const wake = (owner: string) => context.enqueue(parseKey(owner), { priority: "high" });
  const onChange = ({ owner, id, record }: LiveChange<HelmLiveRecord>) => {
    pulse.beat(owner);
    if (!ledger.differs(owner, id, record?.live.fingerprint)) return;
    ledger.doubt(owner, id);
    const changed = runs.get(owner);
    // A run that goes on may have done it itself, or compare it still.
    if (changed === undefined) wake(owner);
    else changed.add(id);
  };
  const follow = { records: HELM_RECORDS, onChange, onServed: (owner: string) => pulse.beat(owner) };
  // A run that waits may have something newer to do.
  context.cache.informer(HelmRelease).subscribe(({ object }) => pulse.beat(formatKey(object.metadata)));
  const settings: HelmSettings = { ...DEFAULT_HELM_SETTINGS, ...options.settings };
  return {
    settings,
    artifacts: options.artifacts,
    renderer: options.renderer,
    metrics,
    charts: new Map(),
    encoded: new Map(),
    live: new LiveObjects({ ...follow, informers: context.informers }),
    remotes: new Remotes(follow, settings),
    revisions: new WatchedRevisions(context.informers),
    ledger,
    pulse,
    gate: new Gate(options.concurrency ?? DEFAULT_ACTIVE),
    failures: new Map(),
    running: runs,
    finished: (owner) => {
      const changed = [...(runs.get(owner) ?? [])];
      runs.delete(owner);
      if (changed.some((id) => !ledger.knows(owner, id))) wake(owner);
    },
  };
}
