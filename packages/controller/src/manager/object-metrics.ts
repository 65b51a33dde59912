import type { Condition, KubeObject, ObjectKey } from "@capstan/kube";
import type { ControllerMetrics } from "../metrics/metrics.js";

const STATES: readonly Condition["status"][] = ["True", "False", "Unknown"];

/** The `gotk_*` series of one controller's objects; removed when the object is gone. */
export class ObjectMetrics {
  readonly #metrics: ControllerMetrics;
  readonly #kind: string;
  readonly #ready = new Map<string, Condition["status"]>();

  constructor(metrics: ControllerMetrics, kind: string) {
    this.#metrics = metrics;
    this.#kind = kind;
  }

  observeRun(object: KubeObject, seconds: number, ready: Condition["status"] | undefined): void {
    const labels = this.#labels(object.metadata);
    this.#metrics.gotkSeconds.observe(labels, seconds);
    const id = `${labels.namespace}/${labels.name}`;
    if (ready === undefined || this.#ready.get(id) === ready) return;
    this.#ready.set(id, ready);
    for (const status of STATES) {
      this.#metrics.gotkCondition.set({ ...labels, type: "Ready", status }, status === ready ? 1 : 0);
    }
  }

  observeSuspend(object: KubeObject, suspended: boolean): void {
    this.#metrics.gotkSuspended.set(this.#labels(object.metadata), suspended ? 1 : 0);
  }

  remove(key: ObjectKey): void {
    const labels = this.#labels(key);
    this.#ready.delete(`${labels.namespace}/${labels.name}`);
    this.#metrics.gotkSeconds.remove(labels);
    this.#metrics.gotkSuspended.remove(labels);
    for (const status of STATES) this.#metrics.gotkCondition.remove({ ...labels, type: "Ready", status });
  }

  #labels(key: { readonly namespace?: string | undefined; readonly name: string }) {
    return { kind: this.#kind, name: key.name, namespace: key.namespace ?? "" };
  }
}
