import type { OpenArtifact } from "@capstan/artifacts";
import type { Ledger } from "../live/ledger.js";
import type { LiveObjects } from "../live/live-objects.js";
import type { ManagerNames } from "../live/live-record.js";
import type { DeliveryMetrics } from "../metrics.js";
import type { RenderCache } from "../render/render-cache.js";
import type { Renderer } from "../render/renderer.js";
import type { QuietRuns } from "./quiet.js";
import type { Remotes } from "./remotes.js";
import type { BuildServices } from "./render-with-remotes.js";
import type { DeliverySettings } from "./settings.js";
import type { Tracker } from "./tracker.js";

/** Opens artifacts as directories. */
export interface Artifacts {
  open(
    artifact: { readonly url: string; readonly digest: string },
    signal?: AbortSignal,
  ): Promise<OpenArtifact>;
}

/** What the runs of one process share. Nothing in it is needed to be right, only to be quick. */
export interface DeliveryState {
  readonly settings: DeliverySettings;
  readonly artifacts: Artifacts;
  readonly renderer: Renderer;
  readonly renders: RenderCache;
  readonly quiet: QuietRuns;
  readonly ledger: Ledger;
  readonly names: ManagerNames;
  readonly metrics: DeliveryMetrics;
  readonly tracker: Tracker;
  /** Live objects of the cluster that the controller itself runs against. */
  readonly live: LiveObjects;
  readonly remotes: Remotes;
  /** What reaches beyond sources for builds. */
  readonly services: BuildServices;
}
