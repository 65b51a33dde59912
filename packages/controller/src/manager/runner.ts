import { ApiError, type Condition, type KubeObject, type ObjectKey } from "@capstan/kube";
import type { InformerLease } from "../informer/informer-set.js";
import { formatKey, keyOf, parseKey } from "../informer/object-key.js";
import type { ReconcileResult } from "../metrics/metrics.js";
import type { Outcome, StatusChange } from "../outcome.js";
import { WorkQueue } from "../queue/work-queue.js";
import { type AbortCause, RunAborted } from "./abort-reason.js";
import { type Cache, createCache } from "./cache.js";
import { conditionsOf } from "./conditions.js";
import type { Controller, RunContext, Watch } from "./define-controller.js";
import { addFinalizer, hasFinalizer, refOf, removeFinalizer } from "./finalizers.js";
import type { ManagerContext } from "./manager.js";
import { ObjectMetrics } from "./object-metrics.js";
import { declaredStateChanged } from "./predicates.js";
import { reportPatch, statusPatch } from "./status-patch.js";

interface Run {
  readonly abort: AbortController;
  readonly done: Promise<void>;
}

/** A watch with the informer that it selects for itself, which another of its type may not share. */
interface Watched {
  readonly watch: Watch;
  readonly lease: InformerLease;
}

/**
 * Runs one controller: watches into queue, queue into runs, outcomes into status and wake-ups. The
 * only place that fetches, patches status, handles finalizers, retries and measures.
 */
export class Runner {
  readonly #controller: Controller;
  readonly #manager: ManagerContext;
  readonly #queue: WorkQueue;
  readonly #runs = new Map<string, Run>();
  readonly #leases: InformerLease[] = [];
  readonly #byType = new Map<string, InformerLease>();
  /** What the API holds of an object after reports of the run that goes on. */
  readonly #reported = new Map<string, KubeObject>();
  readonly #cache: Cache;
  readonly #objects: ObjectMetrics;
  readonly #labels: { readonly name: string; readonly controller: string };
  #accepting = false;

  constructor(controller: Controller, manager: ManagerContext) {
    this.#controller = controller;
    this.#manager = manager;
    const { clock, random, metrics } = manager;
    this.#labels = { name: controller.name, controller: controller.name };
    this.#objects = new ObjectMetrics(metrics, controller.for.kind);
    this.#cache = createCache((type) => this.#byType.get(typeId(type))?.informer);
    this.#queue = new WorkQueue({
      clock,
      random,
      groupOf: (key) => parseKey(key).namespace ?? "",
      onAdd: () => metrics.queueAdds.inc(this.#labels),
      ...(controller.backoff === undefined ? {} : { backoff: controller.backoff }),
    });
  }

  get name(): string {
    return this.#controller.name;
  }

  /** Fills the caches, calls `setup`, then begins to run objects. */
  async start(signal: AbortSignal): Promise<void> {
    const { for: type, indexes, watches = [], owns = [] } = this.#controller;
    const own = this.#acquire(type, { ...this.#manager.selection, ...this.#controller.selection });
    for (const [name, values] of Object.entries(indexes ?? {})) own.informer.addIndex(name, values);
    const needed = [own];
    const watched = watches.map((watch): Watched => {
      const selection = { ...namespaceOnly(this.#manager.selection), ...watch.selection };
      return { watch, lease: this.#acquire(watch.type, selection) };
    });
    for (const { watch, lease } of watched) if (watch.optional !== true) needed.push(lease);
    for (const owned of owns) needed.push(this.#acquire(owned, namespaceOnly(this.#manager.selection)));
    await Promise.all(needed.map((lease) => lease.informer.waitForSync(signal)));
    await this.#setup(signal);
    this.#accepting = true;
    this.#manager.metrics.maxConcurrent.set({ controller: this.name }, this.#concurrency);
    this.#queue.onReady(() => this.#pump());
    this.#subscribe(own, watched, owns);
    this.#pump();
  }

  /** Takes nothing new, tells runs to stop, and waits for them. */
  async drain(): Promise<void> {
    this.#accepting = false;
    this.#queue.close();
    for (const run of this.#runs.values()) run.abort.abort(new RunAborted("shutdown"));
    await Promise.all([...this.#runs.values()].map((run) => run.done));
    for (const lease of this.#leases) lease.release();
  }

  /** Whether no object is worked on or ready to be. */
  get idle(): boolean {
    return this.#runs.size === 0 && this.#queue.depth === 0;
  }

  get #component(): string {
    return this.#controller.component ?? this.name;
  }

  get #fieldManager(): string {
    return this.#controller.fieldManager ?? this.#component;
  }

  get #concurrency(): number {
    return this.#controller.concurrency ?? 4;
  }

  #acquire(type: Controller["for"], selection: Controller["selection"]): InformerLease {
    const lease = this.#manager.informers.acquire(type, selection);
    this.#leases.push(lease);
    if (!this.#byType.has(typeId(type))) this.#byType.set(typeId(type), lease);
    return lease;
  }

  async #setup(signal: AbortSignal): Promise<void> {
    const { client, informers, clock, random } = this.#manager;
    await this.#controller.setup?.({
      client,
      informers,
      clock,
      random,
      signal,
      cache: this.#cache,
      events: this.#manager.recorder(this.#component),
      logger: this.#manager.logger,
      enqueue: (key, options = {}) => {
        if (options.afterMs === undefined) this.#queue.add(formatKey(key), options.priority);
        else this.#queue.addAfter(formatKey(key), options.afterMs);
      },
      supersede: (key) => this.#supersede(formatKey(key)),
    });
  }

  #subscribe(own: InformerLease, watched: readonly Watched[], owns: Controller["owns"] = []): void {
    const predicate = this.#controller.predicate ?? declaredStateChanged;
    own.informer.subscribe((event) => {
      if (event.type === "deleted" || predicate(event)) {
        this.#queue.add(keyOf(event.object), event.type === "added" && event.initial ? "low" : "normal");
      }
    });
    for (const { watch, lease } of watched) {
      lease.informer.subscribe((event) => {
        // What was there at the start concerns objects that run at the start anyway.
        if (event.type === "added" && event.initial) return;
        if (watch.predicate !== undefined && !watch.predicate(event)) return;
        for (const key of watch.map(event.object, this.#cache))
          this.#queue.add(formatKey(key), watch.priority);
      });
    }
    for (const type of owns) {
      this.#byType.get(typeId(type))?.informer.subscribe((event) => {
        if (event.type === "added" && event.initial) return;
        for (const key of this.#ownerKeys(event.object)) this.#queue.add(key);
      });
    }
  }

  *#ownerKeys(object: KubeObject): Iterable<string> {
    const { kind, apiVersion } = this.#controller.for;
    const group = apiVersion.split("/")[0];
    for (const owner of object.metadata.ownerReferences ?? []) {
      if (owner.kind !== kind || owner.apiVersion.split("/")[0] !== group) continue;
      yield formatKey({ namespace: object.metadata.namespace, name: owner.name });
    }
  }

  #supersede(key: string): void {
    this.#queue.add(key, "high");
    this.#runs.get(key)?.abort.abort(new RunAborted("superseded"));
  }

  #pump(): void {
    const { metrics } = this.#manager;
    while (this.#accepting && this.#runs.size < this.#concurrency) {
      const taken = this.#queue.take();
      if (taken === undefined) break;
      metrics.queueSeconds.observe(this.#labels, taken.waitedMs / 1000);
      const abort = new AbortController();
      const done = this.#work(taken.key, abort).finally(() => {
        this.#runs.delete(taken.key);
        this.#queue.done(taken.key);
        this.#pump();
      });
      this.#runs.set(taken.key, { abort, done });
    }
    metrics.activeWorkers.set({ controller: this.name }, this.#runs.size);
    metrics.queueDepth.set(this.#labels, this.#queue.depth);
  }

  /** One run from key to status; never rejects. */
  async #work(key: string, abort: AbortController): Promise<void> {
    const { clock, metrics, logger } = this.#manager;
    const started = clock.now();
    let result: ReconcileResult = "success";
    try {
      result = await this.#reconcile(key, abort);
    } catch (error) {
      result = "error";
      if (!abort.signal.aborted) {
        const retryMs = this.#retry(key);
        logger.error("reconciliation failed", {
          controller: this.name,
          object: key,
          retryMs,
          error: describe(error),
        });
      }
    }
    const seconds = (clock.now() - started) / 1000;
    metrics.reconciles.inc({ controller: this.name, result });
    if (result === "error") metrics.reconcileErrors.inc({ controller: this.name });
    metrics.reconcileSeconds.observe({ controller: this.name }, seconds);
    metrics.workSeconds.observe(this.#labels, seconds);
  }

  async #reconcile(key: string, abort: AbortController): Promise<ReconcileResult> {
    // What is asked for while the run goes on counts beside what its outcome asks for.
    this.#queue.cancelDelay(key);
    const found = this.#cache.informer(this.#controller.for).get(parseKey(key));
    if (found === undefined) {
      this.#forgetObject(key);
      return "success";
    }
    const deleted = found.metadata.deletionTimestamp !== undefined;
    const { finalizer } = this.#controller;
    if (deleted && (finalizer === undefined || !hasFinalizer(found, finalizer))) return "success";
    const suspended = this.#isSuspended(found);
    if (suspended && !deleted) {
      this.#objects.observeSuspend(found, true);
      return "success";
    }
    let object = found;
    if (!deleted && finalizer !== undefined && !hasFinalizer(object, finalizer)) {
      object = await addFinalizer(this.#manager.client, object, finalizer, {
        fieldManager: this.#fieldManager,
        signal: abort.signal,
      });
      this.#cache.informer(this.#controller.for).observe(object);
    }
    return this.#runAndRecord(key, object, abort);
  }

  async #runAndRecord(key: string, object: KubeObject, abort: AbortController): Promise<ReconcileResult> {
    const { clock } = this.#manager;
    const started = clock.now();
    const timeoutMs = this.#controller.timeoutMs?.(object);
    const cancel =
      timeoutMs === undefined
        ? undefined
        : clock.after(timeoutMs, () => abort.abort(new RunAborted("timeout")));
    try {
      const outcome = await this.#controller.run(object, this.#context(key, object, abort.signal, started));
      await this.#record(key, this.#reported.get(key) ?? object, outcome);
      const ready = outcome.status.conditions.find((condition) => condition.type === "Ready");
      this.#objects.observeRun(object, (clock.now() - started) / 1000, ready?.status);
      return this.#schedule(key, outcome);
    } catch (error) {
      return await this.#failed(key, this.#reported.get(key) ?? object, error, causeOf(abort.signal, error));
    } finally {
      this.#reported.delete(key);
      cancel?.();
    }
  }

  #context(key: string, object: KubeObject, signal: AbortSignal, now: number): RunContext {
    const { client, clock, random, logger } = this.#manager;
    const { namespace, name } = object.metadata;
    return {
      key: { namespace, name },
      report: (change) => this.#report(key, object, change),
      reader: client,
      client,
      cache: this.#cache,
      events: this.#manager.recorder(this.#component),
      signal,
      now,
      clock,
      random,
      logger,
    };
  }

  async #report(key: string, object: KubeObject, change: StatusChange): Promise<void> {
    const { client, clock } = this.#manager;
    const patch = reportPatch(this.#reported.get(key) ?? object, change, clock.now());
    if (patch === undefined) return;
    const options = { subresource: "status", fieldManager: this.#fieldManager };
    const written = await client.patch(refOf(object), { type: "merge", body: patch }, options);
    this.#reported.set(key, written);
    this.#cache.informer(this.#controller.for).observe(written);
  }

  /** Writes what a run wants: status first; the finalizer of a deleted object goes last. */
  async #record(key: string, object: KubeObject, outcome: Outcome): Promise<void> {
    const { client, clock, metrics } = this.#manager;
    const { finalizer } = this.#controller;
    if (object.metadata.deletionTimestamp !== undefined && outcome.kind === "settled") {
      if (finalizer === undefined) return;
      const latest = this.#cache.informer(this.#controller.for).get(parseKey(key)) ?? object;
      await ignoreMissing(removeFinalizer(client, latest, finalizer, { fieldManager: this.#fieldManager }));
      return;
    }
    if (this.#controller.status === false) return;
    const patch = statusPatch(object, outcome, clock.now());
    metrics.statusPatches.inc({
      controller: this.name,
      outcome: patch === undefined ? "unchanged" : "written",
    });
    if (patch === undefined) return;
    const options = { subresource: "status", fieldManager: this.#fieldManager };
    const written = await ignoreMissing(client.patch(refOf(object), { type: "merge", body: patch }, options));
    if (written !== undefined) this.#cache.informer(this.#controller.for).observe(written);
  }

  #schedule(key: string, outcome: Outcome): ReconcileResult {
    this.#queue.forget(key);
    switch (outcome.kind) {
      case "settled":
        if (outcome.resyncAfterMs === undefined) return "success";
        this.#queue.addAround(key, outcome.resyncAfterMs);
        return "requeue_after";
      case "waiting":
        this.#queue.addAfter(key, outcome.retryAfterMs);
        return "requeue_after";
      case "stalled":
        return "success";
    }
  }

  async #failed(
    key: string,
    object: KubeObject,
    error: unknown,
    cause: AbortCause | undefined,
  ): Promise<ReconcileResult> {
    if (cause === "shutdown") return "requeue";
    if (cause === "superseded") {
      this.#queue.add(key, "high");
      return "requeue";
    }
    // Somebody else wrote first: look again, nothing is wrong with the object.
    if (ApiError.is(error, "Conflict")) {
      this.#retry(key);
      return "requeue";
    }
    const message = cause === "timeout" ? "the run took longer than its timeout" : describe(error);
    const reason =
      cause === "timeout" ? "Timeout" : (this.#controller.failureReason ?? "ReconciliationFailed");
    await this.#record(key, object, {
      kind: "waiting",
      status: {
        conditions: [...keptConditions(object), { type: "Ready", status: "False", reason, message }],
      },
      retryAfterMs: 0,
    });
    throw error;
  }

  #retry(key: string): number {
    this.#manager.metrics.queueRetries.inc(this.#labels);
    return this.#queue.retry(key);
  }

  #isSuspended(object: KubeObject): boolean {
    const { suspended } = this.#controller;
    if (suspended !== undefined) return suspended(object);
    const spec = object["spec"];
    return typeof spec === "object" && spec !== null && "suspend" in spec && spec.suspend === true;
  }

  #forgetObject(key: string): void {
    const parsed: ObjectKey = parseKey(key);
    this.#queue.discard(key);
    this.#objects.remove(parsed);
    this.#controller.gone?.(parsed);
  }
}

/** What other conditions said before a run that did not get as far as saying anything. */
function keptConditions(object: KubeObject): readonly Condition[] {
  return conditionsOf(object).filter(
    (condition) => !["Ready", "Reconciling", "Stalled"].includes(condition.type),
  );
}

/** Why a run was broken off: by us through its signal, or by itself. */
function causeOf(signal: AbortSignal, error: unknown): AbortCause | undefined {
  if (signal.aborted && signal.reason instanceof RunAborted) return signal.reason.cause;
  return error instanceof RunAborted ? error.cause : undefined;
}

function typeId(type: { readonly apiVersion: string; readonly kind: string }): string {
  return `${type.apiVersion}/${type.kind}`;
}

function namespaceOnly(selection: Controller["selection"]): Controller["selection"] {
  return selection.namespace === undefined ? {} : { namespace: selection.namespace };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** An object that was deleted meanwhile has no status to write. */
async function ignoreMissing<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (ApiError.is(error, "NotFound")) return undefined;
    throw error;
  }
}
