import type { HookRecord, ReleaseRecord } from "@capstan/helm";
import { parseYaml, YamlError } from "@capstan/kube";
import type { ActionContext } from "./action-context.js";
import { createObjects, deleteObjects } from "./apply-objects.js";
import { goTime } from "./go-time.js";
import { readPodLogs } from "./pod-logs.js";
import { buildObjects } from "./resource.js";

const BEFORE_CREATION = "before-hook-creation";
const SUCCEEDED = "hook-succeeded";
const FAILED = "hook-failed";

/** A hook that failed; the message is Helm's. */
export class HookError extends Error {
  override readonly name = "HookError";
}

export interface HookRun {
  /** The record with what became of its hooks. */
  readonly record: ReleaseRecord;
  readonly error: Error | undefined;
}

export interface HookOptions {
  readonly timeoutMs: number;
  readonly ssa: boolean;
  /** Stores the record while a hook runs. */
  readonly store: (record: ReleaseRecord) => Promise<void>;
  /** Which hooks of the event run; all where left out. */
  readonly selected?: (hook: HookRecord) => boolean;
}

/**
 * Runs the hooks of an event by weight and name, one after the other; deletes and logs them as their
 * policies say. The first that fails ends it.
 */
export async function runHooks(
  context: ActionContext,
  record: ReleaseRecord,
  event: string,
  options: HookOptions,
): Promise<HookRun> {
  const run = new HookRunner(context, record, event, options);
  return run.all();
}

class HookRunner {
  readonly #context: ActionContext;
  readonly #event: string;
  readonly #options: HookOptions;
  #record: ReleaseRecord;

  constructor(context: ActionContext, record: ReleaseRecord, event: string, options: HookOptions) {
    this.#context = context;
    this.#record = record;
    this.#event = event;
    this.#options = options;
  }

  async all(): Promise<HookRun> {
    const indices = this.#executing();
    for (const [position, index] of indices.entries()) {
      const error = await this.#one(index);
      if (error === undefined) continue;
      await this.#afterFailure(index, indices.slice(0, position), error);
      return { record: this.#record, error };
    }
    const error = await this.#afterSuccess(indices);
    return { record: this.#record, error };
  }

  /** Positions in the record of the hooks that run, in the order in which they do. */
  #executing(): readonly number[] {
    const hooks = this.#record.hooks ?? [];
    return hooks
      .map((_, index) => index)
      .filter((index) => {
        const hook = hooks[index];
        if (hook === undefined || !(hook.events ?? []).includes(this.#event)) return false;
        return this.#options.selected?.(hook) ?? true;
      })
      .sort((a, b) => compareHooks(hooks[a], hooks[b]));
  }

  async #one(index: number): Promise<Error | undefined> {
    const { client, namespace, signal, clock, waiter, log } = this.#context;
    const { timeoutMs, ssa, store } = this.#options;
    this.#change(index, withDefaultPolicy);
    const hook = this.#hook(index);
    const uncleared = await this.#deleteByPolicy(index, BEFORE_CREATION);
    if (uncleared !== undefined) return uncleared;
    let objects: Awaited<ReturnType<typeof buildObjects>>;
    try {
      objects = await buildObjects(hook.manifest, namespace, client, signal);
    } catch (error) {
      return this.#failure(error, `unable to build kubernetes object for ${this.#event} hook ${hook.path}: `);
    }
    log.add(`running ${this.#event} hook ${hook.path}`);
    const started = goTime(clock.now());
    this.#change(index, (one) => ({ ...one, last_run: { started_at: started, phase: "Running" } }));
    await store(this.#record);
    const end = (phase: "Succeeded" | "Failed") =>
      this.#change(index, (one) => ({
        ...one,
        last_run: { started_at: started, completed_at: goTime(clock.now()), phase },
      }));
    try {
      await createObjects(this.#context, objects, ssa ? "ssa" : "csa");
    } catch (error) {
      end("Failed");
      return this.#failure(error, `warning: Hook ${this.#event} ${hook.path} failed: `);
    }
    try {
      await waiter.completed(objects, timeoutMs);
    } catch (error) {
      signal.throwIfAborted();
      end("Failed");
      return this.#failure(error, "");
    }
    end("Succeeded");
    return undefined;
  }

  async #afterFailure(index: number, earlier: readonly number[], error: Error): Promise<void> {
    const { log } = this.#context;
    if (!(error instanceof HookError)) return;
    await this.#outputLogs(index, FAILED);
    const undeleted = await this.#deleteByPolicy(index, FAILED);
    if (undeleted !== undefined)
      log.add(`error deleting the hook resource on hook failure: ${undeleted.message}`);
    for (const one of earlier) {
      const problem = await this.#deleteByPolicy(one, SUCCEEDED);
      if (problem !== undefined) log.add(problem.message);
    }
  }

  async #afterSuccess(indices: readonly number[]): Promise<Error | undefined> {
    for (const index of [...indices].reverse()) {
      await this.#outputLogs(index, SUCCEEDED);
      const error = await this.#deleteByPolicy(index, SUCCEEDED);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  /** Definitions are never deleted: everything of their kinds would go with them. */
  async #deleteByPolicy(index: number, policy: string): Promise<Error | undefined> {
    const hook = this.#hook(index);
    const { client, namespace, signal, waiter } = this.#context;
    if (hook.kind === "CustomResourceDefinition" || !(hook.delete_policies ?? []).includes(policy)) {
      return undefined;
    }
    try {
      const objects = await buildObjects(hook.manifest, namespace, client, signal);
      const errors = await deleteObjects(this.#context, objects, "Background");
      if (errors.length > 0) return new Error(errors.map((error) => error.message).join("; "));
      await waiter.gone(objects, this.#options.timeoutMs);
      return undefined;
    } catch (error) {
      return this.#failure(error, `unable to build kubernetes object for deleting hook ${hook.path}: `);
    }
  }

  async #outputLogs(index: number, policy: string): Promise<void> {
    const hook = this.#hook(index);
    if (!(hook.output_log_policies ?? []).includes(policy)) return;
    const { log, client, signal } = this.#context;
    const namespace = namespaceOf(hook) ?? this.#context.namespace;
    for (const line of await readPodLogs(client, hook, namespace, signal)) log.add(line);
  }

  /** What the signal ended is no failure of the hook. */
  #failure(error: unknown, prefix: string): Error {
    this.#context.signal.throwIfAborted();
    if (!(error instanceof Error)) throw error;
    return new HookError(`${prefix}${error.message}`, { cause: error });
  }

  #hook(index: number): HookRecord {
    const hook = this.#record.hooks?.[index];
    if (hook === undefined) throw new RangeError(`the release has no hook ${index}`);
    return hook;
  }

  #change(index: number, change: (hook: HookRecord) => HookRecord): void {
    this.#record = {
      ...this.#record,
      hooks: (this.#record.hooks ?? []).with(index, change(this.#hook(index))),
    };
  }
}

function compareHooks(a: HookRecord | undefined, b: HookRecord | undefined): number {
  const weight = (a?.weight ?? 0) - (b?.weight ?? 0);
  if (weight !== 0) return weight;
  const [left = "", right = ""] = [a?.name, b?.name];
  return left === right ? 0 : left < right ? -1 : 1;
}

function withDefaultPolicy(hook: HookRecord): HookRecord {
  const policies = hook.delete_policies ?? [];
  return policies.length > 0 ? hook : { ...hook, delete_policies: [BEFORE_CREATION] };
}

function namespaceOf(hook: HookRecord): string | undefined {
  try {
    const manifest = parseYaml(hook.manifest, { dialect: "helm" });
    const metadata =
      typeof manifest === "object" && manifest !== null && "metadata" in manifest ? manifest.metadata : {};
    const namespace =
      typeof metadata === "object" && metadata !== null && "namespace" in metadata ? metadata.namespace : "";
    return typeof namespace === "string" && namespace !== "" ? namespace : undefined;
  } catch (error) {
    if (error instanceof YamlError) return undefined;
    throw error;
  }
}
