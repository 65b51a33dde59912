import { mergeValues, type ReleaseRecord } from "@capstan/helm";
import { type ActionContext, ActionError, asError, recordRelease, withStatus } from "./action-context.js";
import { existingObjects } from "./adoption.js";
import { deleteObjects, updateObjects } from "./apply-objects.js";
import { goTime } from "./go-time.js";
import { runHooks } from "./hooks.js";
import type { Rendered } from "./install.js";
import { allOwned, type ReleaseIdentity } from "./ownership.js";
import { buildObjects, ManifestError, objectKey, type ReleaseObject } from "./resource.js";
import type { StoredRelease } from "./storage.js";

export interface UpgradeOptions {
  readonly name: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly serverSideApply: "enabled" | "disabled" | "auto";
  readonly timeoutMs: number;
  readonly waitForJobs: boolean;
  readonly hooks: boolean;
  readonly takeOwnership: boolean;
  readonly forceReplace: boolean;
  readonly cleanupOnFail: boolean;
  /** The values of the release before stay, the new ones over them. */
  readonly preserveValues: boolean;
  readonly maxHistory: number;
  /** Definitions of the chart, before anything else. */
  readonly definitions: (ssa: boolean) => Promise<void>;
  readonly render: (request: UpgradeRendering) => Promise<Rendered>;
}

export interface UpgradeRendering {
  readonly revision: number;
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** The release whose coalesced values become the chart's defaults. */
  readonly reuse: ReleaseRecord | undefined;
}

interface Prepared {
  readonly record: ReleaseRecord;
  /** The revision whose objects are there. Its record is large, and the wait for health may be long. */
  readonly current: Pick<ReleaseRecord, "version" | "apply_method">;
  readonly labels: Readonly<Record<string, string>>;
  readonly originals: readonly ReleaseObject[];
  readonly targets: readonly ReleaseObject[];
  readonly ssa: boolean;
}

/** Upgrades a release. Throws what made it fail, which the stored revision, where one was made, tells too. */
export async function upgrade(context: ActionContext, options: UpgradeOptions): Promise<ReleaseRecord> {
  const last = await context.storage.last(options.name);
  if (last === undefined) throw new ActionError(`"${options.name}" has no deployed releases`);
  const ssa =
    options.serverSideApply === "auto"
      ? last.record.apply_method === "ssa"
      : options.serverSideApply === "enabled";
  await options.definitions(ssa);
  const prepared = await prepare(context, last, ssa, options);
  await context.storage.create({ record: prepared.record, labels: prepared.labels }, options.maxHistory);
  return perform(context, prepared, options);
}

async function prepare(
  context: ActionContext,
  last: StoredRelease,
  ssa: boolean,
  options: UpgradeOptions,
): Promise<Prepared> {
  const current = await currentRelease(context, last, options.name);
  const { namespace } = current.record;
  const version = last.record.version + 1;
  const values = options.preserveValues
    ? mergeValues(current.record.config ?? {}, options.values)
    : options.values;
  const reuse = options.preserveValues ? current.record : undefined;
  const rendered = await options.render({ revision: version, namespace, values, reuse });
  const targets = await targetObjects(context, rendered.manifest, options.name, namespace);
  const originals = await originalObjects(context, current.record);
  const adopted = await adoptedObjects(
    context,
    originals,
    targets,
    { name: options.name, namespace },
    options,
  );
  const record: ReleaseRecord = {
    name: options.name,
    info: {
      ...(current.record.info.first_deployed === undefined
        ? {}
        : { first_deployed: current.record.info.first_deployed }),
      last_deployed: goTime(context.clock.now()),
      description: "Preparing upgrade",
      status: "pending-upgrade",
      ...(rendered.notes === "" ? {} : { notes: rendered.notes }),
    },
    chart: rendered.chart,
    ...(Object.keys(values).length === 0 ? {} : { config: values }),
    ...(rendered.manifest === "" ? {} : { manifest: rendered.manifest }),
    ...(rendered.hooks.length === 0 ? {} : { hooks: rendered.hooks }),
    version,
    namespace,
    apply_method: ssa ? "ssa" : "csa",
  };
  const { apply_method } = current.record;
  return {
    record,
    current: { version: current.record.version, ...(apply_method === undefined ? {} : { apply_method }) },
    labels: last.labels,
    originals: [...originals, ...adopted],
    targets,
    ssa,
  };
}

/** Objects that are new to the release and exist already. */
async function adoptedObjects(
  context: ActionContext,
  originals: readonly ReleaseObject[],
  targets: readonly ReleaseObject[],
  release: ReleaseIdentity,
  { takeOwnership }: UpgradeOptions,
): Promise<readonly ReleaseObject[]> {
  const known = new Set(originals.map(({ object }) => objectKey(object)));
  const fresh = targets.filter(({ object }) => !known.has(objectKey(object)));
  try {
    return await existingObjects(context, fresh, release, takeOwnership);
  } catch (error) {
    throw new ActionError(`unable to continue with update: ${asError(context, error).message}`, {
      cause: error,
    });
  }
}

/** The revision whose objects are there: the deployed one, else the last where that failed. */
async function currentRelease(
  context: ActionContext,
  last: StoredRelease,
  name: string,
): Promise<StoredRelease> {
  const { status = "unknown" } = last.record.info;
  if (status.startsWith("pending-")) {
    throw new ActionError("another operation (install/upgrade/rollback) is in progress");
  }
  if (status === "deployed") return last;
  const deployed = (await context.storage.deployed(name)).at(-1);
  if (deployed !== undefined) return deployed;
  if (status === "failed" || status === "superseded") return last;
  throw new ActionError(`"${name}" has no deployed releases`);
}

async function targetObjects(
  context: ActionContext,
  manifest: string,
  name: string,
  namespace: string,
): Promise<readonly ReleaseObject[]> {
  try {
    return allOwned(await buildObjects(manifest, namespace, context.client, context.signal), {
      name,
      namespace,
    });
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw new ActionError(`unable to build kubernetes objects from new release manifest: ${error.message}`, {
      cause: error,
    });
  }
}

async function originalObjects(
  context: ActionContext,
  record: ReleaseRecord,
): Promise<readonly ReleaseObject[]> {
  try {
    return await buildObjects(record.manifest ?? "", record.namespace, context.client, context.signal);
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    const removed = error.message.includes("no matches for kind");
    throw new ActionError(
      removed
        ? `current release manifest contains removed kubernetes api(s) for this kubernetes version and it is therefore unable to build the kubernetes objects for performing the diff. error from kubernetes: ${error.message}`
        : `unable to build kubernetes objects from current release manifest: ${error.message}`,
      { cause: error },
    );
  }
}

async function perform(
  context: ActionContext,
  prepared: Prepared,
  options: UpgradeOptions,
): Promise<ReleaseRecord> {
  const { current, labels, originals, targets, ssa } = prepared;
  let { record } = prepared;
  let created: readonly ReleaseObject[] = [];
  const store = (now: ReleaseRecord) => recordRelease(context, { record: now, labels });
  try {
    record = await hooksOf("pre-upgrade");
    const result = await updateObjects(context, originals, targets, {
      method: ssa ? "ssa" : "csa",
      forceConflicts: ssa,
      forceReplace: options.forceReplace && !ssa,
      takeOverClientSide: ssa && current.apply_method !== "ssa",
    });
    created = result.created;
    if (result.error !== undefined) throw result.error;
    await context.waiter.ready(targets, options.timeoutMs, options.waitForJobs);
    record = await hooksOf("post-upgrade");
  } catch (caught) {
    const error = asError(context, caught);
    await store(withStatus(record, "failed", `Upgrade "${options.name}" failed: ${error.message}`));
    throw options.cleanupOnFail ? await cleanUp(context, created, error) : error;
  }
  const former = await context.storage.get(options.name, current.version);
  if (former !== undefined) {
    await recordRelease(context, { ...former, record: withStatus(former.record, "superseded") });
  }
  record = withStatus(record, "deployed", "Upgrade complete");
  await store(record);
  return record;

  async function hooksOf(event: string): Promise<ReleaseRecord> {
    if (!options.hooks) return record;
    const run = await runHooks(context, record, event, { ...options, ssa, store });
    record = run.record;
    if (run.error === undefined) return record;
    throw new ActionError(`${event} hooks failed: ${run.error.message}`, { cause: run.error });
  }
}

/** Deletes what a failed upgrade created; the error tells what could not be. */
async function cleanUp(
  context: ActionContext,
  created: readonly ReleaseObject[],
  error: Error,
): Promise<Error> {
  if (created.length === 0) return error;
  const errors = await deleteObjects(context, created, "Background");
  if (errors.length === 0) return error;
  const failed = errors.map((one) => one.message).join(", ");
  return new ActionError(
    `an error occurred while cleaning up resources. original upgrade error: ${error.message}: unable to cleanup resources: ${failed}`,
    { cause: error },
  );
}
