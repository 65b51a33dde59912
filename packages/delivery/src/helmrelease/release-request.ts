import type { Client, RunContext } from "@capstan/controller";
import type { ReleaseRecord } from "@capstan/helm";
import type { DefinitionFile } from "../helm-render/chart-request.js";
import type { LiveObjects } from "../live/live-objects.js";
import type { ChartArtifact } from "./chart-source.js";
import type { HelmState } from "./helm-state.js";
import type { HelmLiveRecord } from "./live-record.js";
import type { StatusDraft } from "./status-draft.js";
import type { Turn } from "./turn.js";
import type { Values } from "./values.js";

/** The cluster that is released to, as whoever releases. */
export interface ReleaseCluster {
  readonly client: Client;
  readonly live: LiveObjects<HelmLiveRecord>;
}

/** The chart that is to be released. */
export interface RequestedChart {
  readonly artifact: ChartArtifact;
  readonly name: string;
  /** With the digest of its artifact where that is tracked. */
  readonly version: string;
  readonly appVersion: string;
  readonly ociDigest: string;
  readonly crds: boolean;
}

/** What made a run pointless while it went on. */
export interface Superseding {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Everything that a run knows when its prerequisites are met. */
export interface ReleaseRequest {
  readonly owner: string;
  readonly draft: StatusDraft;
  readonly chart: RequestedChart;
  readonly values: Values;
  readonly valuesDigest: string;
  readonly cluster: ReleaseCluster;
  readonly force: boolean;
  /** What there is to take up instead of waiting for health any longer. */
  readonly superseded: () => Superseding | undefined;
  readonly state: HelmState;
  readonly context: RunContext;
  readonly turn: Turn;
  /** The newest revision, where the run itself has just written it. */
  newest: ReleaseRecord | undefined;
  /** Definitions that the chart brings, once they are known. */
  definitions: readonly DefinitionFile[];
}
