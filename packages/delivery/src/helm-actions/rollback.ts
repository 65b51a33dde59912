import type { ReleaseRecord } from "@capstan/helm";
import { type ActionContext, ActionError, asError, recordRelease, withStatus } from "./action-context.js";
import { deleteObjects, updateObjects } from "./apply-objects.js";
import { goTime } from "./go-time.js";
import { runHooks } from "./hooks.js";
import { allOwned } from "./ownership.js";
import { buildObjects, type ReleaseObject } from "./resource.js";
import type { StoredRelease } from "./storage.js";

export interface RollbackOptions {
  readonly name: string;
  /** The revision to go back to. */
  readonly version: number;
  readonly serverSideApply: "enabled" | "disabled" | "auto";
  readonly timeoutMs: number;
  readonly waitForJobs: boolean;
  readonly hooks: boolean;
  readonly forceReplace: boolean;
  readonly cleanupOnFail: boolean;
  readonly maxHistory: number;
}

/** Makes a new revision of an old one. Throws what made it fail. */
export async function rollback(context: ActionContext, options: RollbackOptions): Promise<ReleaseRecord> {
  const { name, version } = options;
  const current = await context.storage.last(name);
  if (current === undefined) throw new ActionError("release: not found");
  const target = await context.storage.get(name, version);
  if (target === undefined) throw new ActionError(`release has no ${version} version`);
  const ssa =
    options.serverSideApply === "auto"
      ? target.record.apply_method === "ssa"
      : options.serverSideApply === "enabled";
  const record = revisionOf(context, current.record, target.record, version, ssa);
  const release = { record, labels: userLabels(target.labels) };
  await context.storage.create(release, options.maxHistory);
  return new Rollback(context, release, current, ssa, options).run();
}

function revisionOf(
  context: ActionContext,
  current: ReleaseRecord,
  target: ReleaseRecord,
  version: number,
  ssa: boolean,
): ReleaseRecord {
  const { first_deployed } = current.info;
  const { notes } = target.info;
  return {
    ...target,
    info: {
      ...(first_deployed === undefined ? {} : { first_deployed }),
      last_deployed: goTime(context.clock.now()),
      description: `Rollback to ${version}`,
      status: "pending-rollback",
      rollback_revision: version,
      ...(notes === undefined ? {} : { notes }),
    },
    version: current.version + 1,
    namespace: current.namespace,
    apply_method: ssa ? "ssa" : "csa",
  };
}

/** A single revision is read without the labels that Helm puts on it itself. */
function userLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const own = new Set(["name", "owner", "status", "version", "createdAt", "modifiedAt"]);
  return Object.fromEntries(Object.entries(labels).filter(([key]) => !own.has(key)));
}

/** A rollback after its revision was stored. */
class Rollback {
  readonly #context: ActionContext;
  readonly #current: StoredRelease;
  readonly #labels: StoredRelease["labels"];
  readonly #ssa: boolean;
  readonly #options: RollbackOptions;
  #record: ReleaseRecord;

  constructor(
    context: ActionContext,
    release: StoredRelease,
    current: StoredRelease,
    ssa: boolean,
    options: RollbackOptions,
  ) {
    this.#context = context;
    this.#record = release.record;
    this.#labels = release.labels;
    this.#current = current;
    this.#ssa = ssa;
    this.#options = options;
  }

  async run(): Promise<ReleaseRecord> {
    const { storage } = this.#context;
    const { name } = this.#options;
    await this.#wait(await this.#update());
    try {
      await this.#hooks("post-rollback");
    } catch (caught) {
      const error = asError(this.#context, caught);
      await this.#store(withStatus(this.#record, "failed", `Rollback "${name}" failed: ${error.message}`));
      throw error;
    }
    for (const deployed of await storage.deployed(name)) {
      await recordRelease(this.#context, { ...deployed, record: withStatus(deployed.record, "superseded") });
    }
    this.#record = withStatus(this.#record, "deployed");
    await storage.update({ record: this.#record, labels: this.#labels });
    return this.#record;
  }

  /** Takes the objects of the current revision to those of the target, which it returns. */
  async #update(): Promise<readonly ReleaseObject[]> {
    const { client, signal } = this.#context;
    const { name, cleanupOnFail, forceReplace } = this.#options;
    const { namespace, manifest = "" } = this.#record;
    try {
      const originals = await buildObjects(this.#current.record.manifest ?? "", namespace, client, signal);
      const targets = allOwned(await buildObjects(manifest, namespace, client, signal), this.#record);
      await this.#hooks("pre-rollback");
      const { error, created } = await updateObjects(this.#context, originals, targets, {
        method: this.#ssa ? "ssa" : "csa",
        forceConflicts: this.#ssa,
        forceReplace: forceReplace && !this.#ssa,
        takeOverClientSide: this.#ssa,
      });
      if (error !== undefined) throw cleanupOnFail ? await cleanUp(this.#context, created, error) : error;
      return targets;
    } catch (caught) {
      const error = asError(this.#context, caught);
      await this.#fail(`Rollback "${name}" failed: ${error.message}`, "superseded");
      throw error;
    }
  }

  async #wait(targets: readonly ReleaseObject[]): Promise<void> {
    const { name, timeoutMs, waitForJobs } = this.#options;
    try {
      await this.#context.waiter.ready(targets, timeoutMs, waitForJobs);
    } catch (caught) {
      const { message } = asError(this.#context, caught);
      await this.#fail(`Release "${name}" failed: ${message}`);
      throw new ActionError(`release ${name} failed: ${message}`, { cause: caught });
    }
  }

  async #fail(description: string, current?: "superseded"): Promise<void> {
    const { record } = this.#current;
    const before = current === undefined ? record : withStatus(record, current);
    await recordRelease(this.#context, { ...this.#current, record: before });
    await this.#store(withStatus(this.#record, "failed", description));
  }

  async #hooks(event: string): Promise<void> {
    if (!this.#options.hooks) return;
    const store = (record: ReleaseRecord) => this.#store(record);
    const run = await runHooks(this.#context, this.#record, event, {
      ...this.#options,
      ssa: this.#ssa,
      store,
    });
    this.#record = run.record;
    if (run.error !== undefined) throw run.error;
  }

  #store(record: ReleaseRecord): Promise<void> {
    return recordRelease(this.#context, { record, labels: this.#labels });
  }
}

async function cleanUp(
  context: ActionContext,
  created: readonly ReleaseObject[],
  error: Error,
): Promise<Error> {
  const errors = await deleteObjects(context, created, "Background");
  if (errors.length === 0) return error;
  const failed = errors.map((one) => one.message).join(", ");
  return new ActionError(
    `an error occurred while cleaning up resources. original rollback error: unable to cleanup resources: ${failed}`,
    { cause: error },
  );
}
