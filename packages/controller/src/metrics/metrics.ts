import { Counter, Gauge, Histogram, Registry } from "prom-client";

/** How a run ended, as controller-runtime's metrics name it. */
export type ReconcileResult = "success" | "error" | "requeue" | "requeue_after";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];
/** 10 ms to 30 min in ten exponential steps, as Flux buckets its runs. */
const GOTK_SECONDS = Array.from({ length: 10 }, (_, step) => 0.01 * (1800 / 0.01) ** (step / 9));

/**
 * What dashboards for controller-runtime and Flux read. Give every manager of a process the same
 * registry to serve them together.
 */
export interface ControllerMetrics {
  readonly registry: Registry;
  readonly reconciles: Counter<"controller" | "result">;
  readonly reconcileErrors: Counter<"controller">;
  readonly reconcileSeconds: Histogram<"controller">;
  readonly maxConcurrent: Gauge<"controller">;
  readonly activeWorkers: Gauge<"controller">;
  readonly queueDepth: Gauge<"name" | "controller">;
  readonly queueAdds: Counter<"name" | "controller">;
  readonly queueRetries: Counter<"name" | "controller">;
  readonly queueSeconds: Histogram<"name" | "controller">;
  readonly workSeconds: Histogram<"name" | "controller">;
  readonly statusPatches: Counter<"controller" | "outcome">;
  readonly gotkSeconds: Histogram<"kind" | "name" | "namespace">;
  readonly gotkCondition: Gauge<"kind" | "name" | "namespace" | "type" | "status">;
  readonly gotkSuspended: Gauge<"kind" | "name" | "namespace">;
  readonly leader: Gauge<"name">;
  readonly requests: Counter<"code" | "method" | "host">;
}

const made = new WeakMap<Registry, ControllerMetrics>();

/** The SDK's metrics in a registry; made once per registry. */
export function controllerMetrics(registry: Registry = new Registry()): ControllerMetrics {
  const known = made.get(registry);
  if (known !== undefined) return known;
  const metrics = create(registry);
  made.set(registry, metrics);
  return metrics;
}

function create(registry: Registry): ControllerMetrics {
  const registers = [registry];
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  return {
    registry,
    reconciles: counter("controller_runtime_reconcile_total", "Reconciliations per controller and result", [
      "controller",
      "result",
    ]),
    reconcileErrors: counter("controller_runtime_reconcile_errors_total", "Reconciliations that threw", [
      "controller",
    ]),
    reconcileSeconds: histogram(
      "controller_runtime_reconcile_time_seconds",
      "Length of a reconciliation",
      ["controller"],
      SECONDS,
    ),
    maxConcurrent: gauge(
      "controller_runtime_max_concurrent_reconciles",
      "Reconciliations allowed at a time",
      ["controller"],
    ),
    activeWorkers: gauge("controller_runtime_active_workers", "Reconciliations going on", ["controller"]),
    queueDepth: gauge("workqueue_depth", "Keys ready in the queue", ["name", "controller"]),
    queueAdds: counter("workqueue_adds_total", "Keys added to the queue", ["name", "controller"]),
    queueRetries: counter("workqueue_retries_total", "Keys put back after a failure", ["name", "controller"]),
    queueSeconds: histogram(
      "workqueue_queue_duration_seconds",
      "How long a key was ready before it was taken",
      ["name", "controller"],
      SECONDS,
    ),
    workSeconds: histogram(
      "workqueue_work_duration_seconds",
      "How long a key was worked on",
      ["name", "controller"],
      SECONDS,
    ),
    statusPatches: counter("capstan_status_patches_total", "Status patches written or skipped as unchanged", [
      "controller",
      "outcome",
    ]),
    gotkSeconds: histogram(
      "gotk_reconcile_duration_seconds",
      "Length of a reconciliation of one object",
      ["kind", "name", "namespace"],
      GOTK_SECONDS,
    ),
    gotkCondition: gauge("gotk_reconcile_condition", "Condition of an object", [
      "kind",
      "name",
      "namespace",
      "type",
      "status",
    ]),
    gotkSuspended: gauge("gotk_suspend_status", "Whether an object is suspended", [
      "kind",
      "name",
      "namespace",
    ]),
    leader: gauge("leader_election_master_status", "Whether this process leads", ["name"]),
    requests: counter("rest_client_requests_total", "Requests to the API", ["code", "method", "host"]),
  };
}
