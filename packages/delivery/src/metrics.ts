import { Counter, Gauge, type Registry } from "prom-client";

/** What delivery counts, beside what every controller does. */
export interface DeliveryMetrics {
  /** Builds that ran; one that was found in the cache is not counted. */
  readonly renders: Counter;
  readonly renderCacheHits: Counter;
  /** Writes to applied objects, by what was done: `apply`, `dry-run`, `take-over`, `delete`. */
  readonly writes: Counter<"verb">;
  /** Objects that somebody else had changed and that were put right. */
  readonly repairs: Counter;
  /** Runs that found nothing to do. */
  readonly idleRuns: Counter;
  /** Kinds whose live objects are watched. */
  readonly watchedKinds: Gauge;
}

const made = new WeakMap<Registry, DeliveryMetrics>();

/** Delivery's metrics in a registry; made once per registry. */
export function deliveryMetrics(registry: Registry): DeliveryMetrics {
  const known = made.get(registry);
  if (known !== undefined) return known;
  const registers = [registry];
  const metrics: DeliveryMetrics = {
    renders: new Counter({ name: "capstan_delivery_renders_total", help: "Builds that ran", registers }),
    renderCacheHits: new Counter({
      name: "capstan_delivery_render_cache_hits_total",
      help: "Builds that were found in the cache",
      registers,
    }),
    writes: new Counter({
      name: "capstan_delivery_writes_total",
      help: "Requests that write applied objects",
      labelNames: ["verb"],
      registers,
    }),
    repairs: new Counter({
      name: "capstan_delivery_repairs_total",
      help: "Objects that had drifted and were put right",
      registers,
    }),
    idleRuns: new Counter({
      name: "capstan_delivery_idle_runs_total",
      help: "Runs that found nothing to do",
      registers,
    }),
    watchedKinds: new Gauge({
      name: "capstan_delivery_watched_kinds",
      help: "Kinds whose live objects are watched",
      registers,
    }),
  };
  made.set(registry, metrics);
  return metrics;
}
