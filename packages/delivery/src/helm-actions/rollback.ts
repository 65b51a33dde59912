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
  return perform(context, release, current, ssa, options);
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

async function perform(
  context: ActionContext,
  release: StoredRelease,
  current: StoredRelease,
  ssa: boolean,
  options: RollbackOptions,
): Promise<ReleaseRecord> {
  const { client, signal } = context;
  const { labels } = release;
  let { record } = release;
  const store = (now: ReleaseRecord) => recordRelease(context, { record: now, labels });
  const fail = async (description: string, superseded: boolean) => {
    const before = superseded ? withStatus(current.record, "superseded") : current.record;
    await recordRelease(context, { ...current, record: before });
    await store(withStatus(record, "failed", description));
  };
  let targets: readonly ReleaseObject[];
  try {
    const originals = await buildObjects(current.record.manifest ?? "", record.namespace, client, signal);
    targets = allOwned(await buildObjects(record.manifest ?? "", record.namespace, client, signal), record);
    record = await hooksOf("pre-rollback");
    const result = await updateObjects(context, originals, targets, {
      method: ssa ? "ssa" : "csa",
      forceConflicts: ssa,
      forceReplace: options.forceReplace && !ssa,
      takeOverClientSide: ssa,
    });
    if (result.error !== undefined) {
      throw options.cleanupOnFail ? await cleanUp(context, result.created, result.error) : result.error;
    }
  } catch (caught) {
    const error = asError(context, caught);
    await fail(`Rollback "${options.name}" failed: ${error.message}`, true);
    throw error;
  }
  try {
    await context.waiter.ready(targets, options.timeoutMs, options.waitForJobs);
  } catch (caught) {
    const { message } = asError(context, caught);
    await fail(`Release "${options.name}" failed: ${message}`, false);
    throw new ActionError(`release ${options.name} failed: ${message}`, { cause: caught });
  }
  try {
    record = await hooksOf("post-rollback");
  } catch (caught) {
    const error = asError(context, caught);
    await store(withStatus(record, "failed", `Rollback "${options.name}" failed: ${error.message}`));
    throw error;
  }
  for (const deployed of await context.storage.deployed(options.name)) {
    await recordRelease(context, { ...deployed, record: withStatus(deployed.record, "superseded") });
  }
  record = withStatus(record, "deployed");
  await context.storage.update({ record, labels });
  return record;

  async function hooksOf(event: string): Promise<ReleaseRecord> {
    if (!options.hooks) return record;
    const run = await runHooks(context, record, event, { ...options, ssa, store });
    record = run.record;
    if (run.error !== undefined) throw run.error;
    return record;
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
