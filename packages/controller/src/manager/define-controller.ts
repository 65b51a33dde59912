import type { Clock, KubeObject, ObjectKey, Random, TypeMeta } from "@capstan/kube";
import type { Client, Reader } from "../client/client.js";
import type { EventRecorder } from "../events/event-recorder.js";
import type { InformerOptions, InformerSet } from "../informer/informer-set.js";
import type { Logger } from "../logger.js";
import type { Outcome, StatusChange } from "../outcome.js";
import type { BackoffOptions } from "../queue/backoff.js";
import type { Priority } from "../queue/ready-list.js";
import type { Resource, ResourceObject } from "../resource/define-resource.js";
import type { Cache } from "./cache.js";
import type { Predicate } from "./predicates.js";

/** What a run may read. Time stands still within a run. */
export interface ReadContext {
  readonly key: ObjectKey;
  /** The API itself; prefer `cache`. */
  readonly reader: Reader;
  readonly cache: Cache;
  /** Aborts with a `RunAborted`; pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Epoch ms at the start of the run. */
  readonly now: number;
  readonly logger: Logger;
}

/** What a run may write. */
export interface RunContext extends ReadContext {
  /**
   * Writes status in the middle of a long run: conditions are put beside those that are there, fields
   * over them. The run's outcome still decides what is there at the end.
   */
  report(change: StatusChange): Promise<void>;
  readonly client: Client;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
}

/** What a controller gets once, before its first run. */
export interface SetupContext {
  readonly client: Client;
  readonly cache: Cache;
  readonly informers: InformerSet;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Makes an object run. */
  enqueue(key: ObjectKey, options?: { readonly priority?: Priority; readonly afterMs?: number }): void;
  /** Aborts the run of an object that is going on, if one is, and runs it again at once. */
  supersede(key: ObjectKey): void;
  /** Aborts when the manager stops. */
  readonly signal: AbortSignal;
}

/** Another kind whose changes concern the controller's objects. */
export interface Watch {
  readonly type: TypeMeta;
  /** Keys of the controller's objects that an object of `type` concerns. */
  readonly map: (object: KubeObject, cache: Cache) => Iterable<ObjectKey>;
  readonly predicate?: Predicate;
  readonly selection?: InformerOptions;
  /** The controller starts though the kind is not served. */
  readonly optional?: boolean;
  readonly priority?: Priority;
}

interface CommonOptions<T extends KubeObject> {
  /** Names the queue and the metrics, and, where `component` is left out, the source of events. */
  readonly name: string;
  /** The field manager and the source of events; several controllers may share one. */
  readonly component?: string;
  /** Who writes status and finalizers, where it is not the component. */
  readonly fieldManager?: string;
  /** Kinds whose objects are created by, and name as owner, the controller's objects. */
  readonly owns?: readonly TypeMeta[];
  readonly watches?: readonly Watch[];
  /** Indexes over the controller's own objects, for `watches[].map`. */
  readonly indexes?: Readonly<Record<string, (object: T) => readonly string[]>>;
  /** What wakes an object; default: `declaredStateChanged`. */
  readonly predicate?: Predicate;
  /** Runs at a time; default 4. */
  readonly concurrency?: number;
  /** Aborts a run that takes longer. */
  readonly timeoutMs?: (object: T) => number | undefined;
  readonly backoff?: BackoffOptions;
  /**
   * Put on objects before their first run, taken off when a run of a deleted object settled. Runs
   * see deleted objects only where there is one.
   */
  readonly finalizer?: string;
  /** Objects that are left alone until they are deleted; default: `spec.suspend` is true. */
  readonly suspended?: (object: T) => boolean;
  /** Reason of `Ready=False` for what was thrown; default `ReconciliationFailed`. */
  readonly failureReason?: string;
  /** Whether an object writes status through the runner; default true. */
  readonly status?: boolean;
  /** Called once, with informers synced, before the first run. */
  readonly setup?: (context: SetupContext) => void | Promise<void>;
  /** Called when an object is gone from the API. */
  readonly gone?: (key: ObjectKey) => void;
}

/** A controller of twenty lines: one function does all. */
export interface ShortController<T extends KubeObject> extends CommonOptions<T> {
  /** Brings the world one step closer. Returning nothing means settled and ready. */
  readonly reconcile: (object: T, context: RunContext) => Promise<Outcome | undefined>;
  /** Undoes it when the object is deleted; needs `finalizer`. */
  readonly finalize?: (object: T, context: RunContext) => Promise<Outcome | undefined>;
}

/** A controller in four phases, two of them pure. */
export interface PhasedController<T extends KubeObject, Seen, Plan, Applied> extends CommonOptions<T> {
  /** Reads what there is to know; writes nothing. */
  readonly observe: (object: T, context: ReadContext) => Promise<Seen>;
  /** Pure: names the state, then the actions. */
  readonly plan: (object: T, seen: Seen, now: number) => Plan;
  /** Carries the plan out; abortable, and safe to repeat. */
  readonly apply: (plan: Plan, context: RunContext, object: T) => Promise<Applied>;
  /** Pure: conditions, status fields and the next wake-up. */
  readonly conclude: (object: T, applied: Applied, now: number) => Outcome;
}

/** A controller ready to be given to a manager; its phases are closed over. */
export interface Controller<T extends KubeObject = KubeObject> extends CommonOptions<T> {
  readonly for: TypeMeta;
  /** Which objects of its kind it sees. */
  readonly selection: InformerOptions;
  run(object: T, context: RunContext): Promise<Outcome>;
}

type For<Spec, Status> = { readonly for: Resource<Spec, Status>; readonly selection?: InformerOptions };
type ForType = { readonly for: TypeMeta; readonly selection?: InformerOptions };

/** Defines a controller in either shape. The object's type comes from the resource it is for. */
export function defineController<Spec, Status>(
  options: For<Spec, Status> & ShortController<ResourceObject<Spec, Status>>,
): Controller;
export function defineController<Spec, Status, Seen, Plan, Applied>(
  options: For<Spec, Status> & PhasedController<ResourceObject<Spec, Status>, Seen, Plan, Applied>,
): Controller;
export function defineController<T extends KubeObject = KubeObject>(
  options: ForType & ShortController<T>,
): Controller;
export function defineController<T extends KubeObject, Seen, Plan, Applied>(
  options: ForType & PhasedController<T, Seen, Plan, Applied>,
): Controller;
export function defineController<T extends KubeObject, Seen, Plan, Applied>(
  options: ForType & (ShortController<T> | PhasedController<T, Seen, Plan, Applied>),
): Controller {
  const run = "reconcile" in options ? shortRun(options) : phasedRun(options);
  const controller: Controller<T> = { ...options, selection: options.selection ?? {}, run };
  // A manager holds controllers of many kinds; the informer of `for` yields exactly T.
  return controller as unknown as Controller;
}

function shortRun<T extends KubeObject>(options: ShortController<T>) {
  return async (object: T, context: RunContext): Promise<Outcome> => {
    const deleted = object.metadata.deletionTimestamp !== undefined;
    const outcome = deleted
      ? await options.finalize?.(object, context)
      : await options.reconcile(object, context);
    return outcome ?? DONE;
  };
}

function phasedRun<T extends KubeObject, Seen, Plan, Applied>(
  options: PhasedController<T, Seen, Plan, Applied>,
) {
  return async (object: T, context: RunContext): Promise<Outcome> => {
    const seen = await options.observe(object, context);
    context.signal.throwIfAborted();
    const plan = options.plan(object, seen, context.now);
    const applied = await options.apply(plan, context, object);
    context.signal.throwIfAborted();
    return options.conclude(object, applied, context.clock.now());
  };
}

const DONE: Outcome = {
  kind: "settled",
  status: { conditions: [{ type: "Ready", status: "True", reason: "Succeeded", message: "Reconciled" }] },
};
