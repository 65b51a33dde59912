import { type Client, RunAborted, sleep } from "@capstan/controller";
import { ApiError, type Clock, type KubeObject, parseApiVersion } from "@capstan/kube";
import type { LiveObjects } from "../live/live-objects.js";
import { LEFTOVERS, type LiveRecord, type ManagerNames } from "../live/live-record.js";
import { formatObjectId, idOf, subjectOf } from "../plan/object-id.js";
import type { Stage, Step } from "../plan/plan.js";
import type { DesiredObject } from "../render/desired-object.js";
import type { Change } from "./change-set.js";
import { type ApplyFailure, failureOf, isImmutable, missingKind, placeOf } from "./errors.js";
import { adoptIgnored, type IgnoreRule, rulesFor } from "./ignore.js";
import { mapLimited } from "./pool.js";
import { takeOverPatch } from "./take-over.js";

export interface ApplyOptions {
  readonly client: Client;
  readonly live: LiveObjects;
  readonly names: ManagerNames;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Recreate objects whose immutable fields changed. */
  readonly force: boolean;
  readonly ignore: readonly IgnoreRule[];
  /** Ask the API about every object of a stage before any is written. */
  readonly preflight: boolean;
  /** Whether there is something newer to apply: waiting for what this apply made is then given up. */
  readonly isSuperseded: () => boolean;
  /** Called once, before the first write. */
  readonly beforeWrite: () => Promise<void>;
  /** Called with every request that may change an applied object. */
  readonly onWrite: (verb: "apply" | "dry-run" | "take-over" | "delete") => void;
  /** Called with what every apply returned. */
  readonly onApplied: (desired: DesiredObject, record: LiveRecord) => void;
}

export interface ApplyResult {
  /** What was done, also where the apply failed later. */
  readonly changes: readonly Change[];
  readonly failures: readonly ApplyFailure[];
  /** Live objects that drifted, as they were found. */
  readonly drifted: readonly {
    readonly desired: DesiredObject;
    readonly before: KubeObject;
    readonly after: KubeObject;
  }[];
}

/** How long definitions may take to be established before what depends on them is applied. */
const DEFINITIONS_TIMEOUT_MS = 60_000;
const POLL_MS = 200;
const CONCURRENCY = 4;

/**
 * Carries out a plan's stages in order; a stage that fails ends the apply. Repeating it is safe: what
 * is applied already is applied again without effect.
 */
export async function applyStages(stages: readonly Stage[], options: ApplyOptions): Promise<ApplyResult> {
  return new Applier(options).run(stages);
}

class Applier {
  readonly #options: ApplyOptions;
  readonly #changes: Change[] = [];
  readonly #drifted: ApplyResult["drifted"][number][] = [];
  #written: Promise<void> | undefined;

  constructor(options: ApplyOptions) {
    this.#options = options;
  }

  async run(stages: readonly Stage[]): Promise<ApplyResult> {
    for (const stage of stages) {
      const failures = await this.#stage(stage);
      if (failures.length > 0) return this.#result(failures);
    }
    return this.#result([]);
  }

  #result(failures: readonly ApplyFailure[]): ApplyResult {
    return { changes: this.#changes, failures, drifted: this.#drifted };
  }

  async #stage(stage: Stage): Promise<readonly ApplyFailure[]> {
    const pending = stage.steps.filter((step) => step.decision !== "unchanged" && step.decision !== "skip");
    const failures = await this.#preflight(pending);
    if (failures.length > 0) return failures;
    const written: KubeObject[] = [];
    for (const step of stage.steps) {
      if (step.decision === "unchanged" || step.decision === "skip") {
        this.#note(step.desired, step.decision === "skip" ? "skipped" : "unchanged");
        continue;
      }
      this.#options.signal.throwIfAborted();
      try {
        written.push(await this.#apply(step));
      } catch (error) {
        this.#options.signal.throwIfAborted();
        if (error instanceof RunAborted) throw error;
        return [failureOf(step.desired, error, false)];
      }
    }
    return stage.name === "definitions" || stage.name === "classes" ? this.#settle(written) : [];
  }

  /** Finds every object of a stage that the API would refuse, before any is written. */
  async #preflight(steps: readonly Step[]): Promise<readonly ApplyFailure[]> {
    // One write is all or nothing by itself.
    const ask = this.#options.preflight && steps.length > 1;
    const found = await mapLimited(steps, CONCURRENCY, async (step) => {
      this.#options.signal.throwIfAborted();
      const type = await this.#options.client.resourceFor(step.desired, { signal: this.#options.signal });
      if (type === undefined) return missingKind(step.desired);
      if (type.namespaced && step.desired.namespace === "") {
        const message = `${subjectOf(step.desired)} namespace not specified: the server could not find the requested resource${placeOf(step.desired)}`;
        return { subject: subjectOf(step.desired), message, kindMissing: false };
      }
      return ask ? this.#dryRun(step) : undefined;
    });
    return found.filter((failure) => failure !== undefined);
  }

  async #dryRun(step: Step): Promise<ApplyFailure | undefined> {
    const { client, names, signal } = this.#options;
    try {
      this.#options.onWrite("dry-run");
      await client.apply(objectOf(step.desired), {
        fieldManager: names.own,
        force: true,
        dryRun: true,
        signal,
      });
      return undefined;
    } catch (error) {
      signal.throwIfAborted();
      if (this.#mayRecreate(step) && isImmutable(error)) return undefined;
      return failureOf(step.desired, error, true);
    }
  }

  async #apply(step: Step): Promise<KubeObject> {
    this.#written ??= this.#options.beforeWrite();
    await this.#written;
    const { desired } = step;
    const before = await this.#prepare(step);
    let object = objectOf(desired);
    const rules = rulesFor(this.#options.ignore, object);
    if (before.object !== undefined && rules.length > 0) {
      object = adoptIgnored(object, before.object, rules, this.#options.names);
    }
    const after = await this.#write(step, object);
    const record = this.#options.live.observe(after);
    this.#options.onApplied(desired, record);
    const created = before.uid === undefined || before.uid !== after.metadata.uid;
    const same = !created && before.version === after.metadata.resourceVersion;
    this.#note(withIdOf(desired, after), created ? "created" : same ? "unchanged" : "configured");
    if (step.decision === "repair" && !created && before.object !== undefined) {
      this.#drifted.push({ desired, before: before.object, after });
    }
    return after;
  }

  /** Reads the live object where more than its record is needed, and takes over rivals' fields. */
  async #prepare(
    step: Step,
  ): Promise<{ uid: string | undefined; version: string | undefined; object?: KubeObject }> {
    const { client, names, signal, ignore } = this.#options;
    const { record, desired, decision } = step;
    if (decision === "apply" && record === undefined) return { uid: undefined, version: undefined };
    const takeOver =
      record !== undefined && (record.live.rivals.length > 0 || record.live.leftovers.length > 0);
    const full = decision === "repair" || takeOver || ignore.length > 0 || record === undefined;
    if (!full) return { uid: record.metadata.uid, version: record.metadata.resourceVersion };
    const object = await client.tryGet(refOf(desired), { signal });
    if (object === undefined) return { uid: undefined, version: undefined };
    const seen = { uid: object.metadata.uid, version: object.metadata.resourceVersion, object };
    if (desired.policies.merge) return seen;
    const patch = takeOverPatch(object, names, LEFTOVERS);
    if (patch.length > 0) {
      this.#options.onWrite("take-over");
      await client.patch(
        refOf(desired),
        { type: "json", operations: patch },
        { fieldManager: names.own, signal },
      );
    }
    return seen;
  }

  async #write(step: Step, object: KubeObject): Promise<KubeObject> {
    const { client, names, signal } = this.#options;
    const options = { fieldManager: names.own, force: true, signal };
    this.#options.onWrite("apply");
    try {
      return await client.apply(object, options);
    } catch (error) {
      signal.throwIfAborted();
      if (!this.#mayRecreate(step) || !isImmutable(error)) throw error;
      await this.#removeFirst(step.desired);
      return client.apply(object, options);
    }
  }

  #mayRecreate(step: Step): boolean {
    const forced =
      this.#options.force || step.desired.policies.force || step.record?.live.policies.force === true;
    return forced && (step.record !== undefined || step.decision === "verify");
  }

  async #removeFirst(desired: DesiredObject): Promise<void> {
    const { client, clock, signal } = this.#options;
    this.#options.onWrite("delete");
    try {
      await client.delete(refOf(desired), { propagationPolicy: "Background", signal });
    } catch (error) {
      if (!ApiError.is(error, "NotFound")) throw error;
    }
    while ((await client.tryGet(refOf(desired), { signal })) !== undefined) {
      if (this.#options.isSuperseded()) throw new RunAborted("superseded");
      await sleep(clock, POLL_MS, signal);
      signal.throwIfAborted();
    }
  }

  /** Waits until definitions are established and namespaces active; usually they are at once. */
  async #settle(written: readonly KubeObject[]): Promise<readonly ApplyFailure[]> {
    const { client, clock, signal, live } = this.#options;
    const deadline = clock.now() + DEFINITIONS_TIMEOUT_MS;
    let waiting = written.filter((object) => live.observe(object).live.health.status !== "Current");
    while (waiting.length > 0) {
      if (clock.now() >= deadline) {
        const message = `timeout waiting for: [${waiting.map((o) => subjectOf(idOf(o))).join(", ")}]`;
        return [{ subject: "", message, kindMissing: false }];
      }
      await sleep(clock, POLL_MS, signal);
      signal.throwIfAborted();
      if (this.#options.isSuperseded()) throw new RunAborted("superseded");
      const read = await Promise.all(waiting.map((object) => client.get(keyOf(object), { signal })));
      waiting = read.filter((object) => live.observe(object).live.health.status !== "Current");
    }
    return [];
  }

  #note(
    desired: Pick<DesiredObject, "id" | "apiVersion" | "kind" | "namespace" | "name" | "selfDeleting">,
    action: Change["action"],
  ): void {
    const { id, apiVersion, kind, namespace, name, selfDeleting } = desired;
    const entry = { id, v: parseApiVersion(apiVersion).version };
    this.#changes.push({ entry, apiVersion, kind, namespace, name, action, selfDeleting });
  }
}

function objectOf(desired: DesiredObject): KubeObject {
  // Written by this package from a KubeObject.
  return JSON.parse(desired.json) as KubeObject;
}

function refOf(desired: DesiredObject) {
  const { apiVersion, kind, namespace, name } = desired;
  return { apiVersion, kind, name, ...(namespace === "" ? {} : { namespace }) };
}

function keyOf(object: KubeObject) {
  const { namespace, name } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** A namespace on a cluster-scoped object is dropped by the API, and so must be from the inventory. */
function withIdOf(desired: DesiredObject, after: KubeObject): DesiredObject {
  const id = idOf(after);
  return id.namespace === desired.namespace
    ? desired
    : { ...desired, namespace: id.namespace, id: formatObjectId(id) };
}
