import { Counter, type Registry } from "prom-client";

/** What the HelmRelease controller counts, beside what every controller does. */
export interface HelmMetrics {
  /** Charts rendered for a release. */
  readonly renders: Counter;
  /** Actions on releases, by what was done and how it ended. */
  readonly actions: Counter<"action" | "result">;
}

const made = new WeakMap<Registry, HelmMetrics>();

/** The metrics in a registry; made once per registry. */
export function helmMetrics(registry: Registry): HelmMetrics {
  const known = made.get(registry);
  if (known !== undefined) return known;
  const registers = [registry];
  const metrics: HelmMetrics = {
    renders: new Counter({
      name: "capstan_helm_renders_total",
      help: "Charts rendered for a release",
      registers,
    }),
    actions: new Counter({
      name: "capstan_helm_actions_total",
      help: "Actions on Helm releases",
      labelNames: ["action", "result"],
      registers,
    }),
  };
  made.set(registry, metrics);
  return metrics;
}
