import type { EncodedChart } from "@capstan/helm";
import type { RevisionIndex } from "../helm-actions/storage.js";
import type { ChartMetadata } from "../helm-render/chart-request.js";
import type { Artifacts } from "../kustomization/delivery-state.js";
import type { Remotes } from "../kustomization/remotes.js";
import type { LiveObjects } from "../live/live-objects.js";
import type { Renderer } from "../render/renderer.js";
import type { DriftLedger } from "./drift-ledger.js";
import type { HelmLiveRecord } from "./live-record.js";
import type { HelmMetrics } from "./metrics.js";
import type { Pulse } from "./pulse.js";
import type { HelmSettings } from "./settings.js";
import type { Gate } from "./turn.js";

/** What is known of a chart without rendering it. */
export interface InspectedChart {
  readonly metadata: ChartMetadata;
  /** It brings definitions. */
  readonly crds: boolean;
}

/** A chart as records hold it, with the digest of its JSON. */
export interface KnownChart {
  readonly digest: string;
  readonly chart: EncodedChart;
}

/** What the runs of one process share. Nothing in it is needed to be right, only to be quick. */
export interface HelmState {
  readonly settings: HelmSettings;
  readonly artifacts: Artifacts;
  readonly renderer: Renderer;
  readonly metrics: HelmMetrics;
  readonly charts: Map<string, InspectedChart>;
  /** Charts as records hold them, by artifact: releases of one chart share its text. */
  readonly encoded: Map<string, KnownChart>;
  readonly live: LiveObjects<HelmLiveRecord>;
  readonly remotes: Remotes<HelmLiveRecord>;
  /** Of the cluster that the controller itself runs against. */
  readonly revisions: RevisionIndex;
  readonly ledger: DriftLedger;
  readonly pulse: Pulse;
  readonly gate: Gate;
  /** Runs of owners that failed in a row. */
  readonly failures: Map<string, number>;
  /** Owners whose runs go on, and the objects that changed meanwhile. */
  readonly running: Map<string, Set<string>>;
  /** Ends a run; what changed meanwhile and was not looked at since makes another. */
  readonly finished: (owner: string) => void;
}
