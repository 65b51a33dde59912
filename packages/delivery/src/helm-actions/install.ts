import type { HookRecord, ReleaseRecord } from "@capstan/helm";
import { ApiError } from "@capstan/kube";
import { type ActionContext, ActionError, asError, recordRelease, withStatus } from "./action-context.js";
import { existingObjects } from "./adoption.js";
import { createObjects, updateObjects } from "./apply-objects.js";
import { goTime } from "./go-time.js";
import { runHooks } from "./hooks.js";
import { allOwned } from "./ownership.js";
import { buildObjects, type ReleaseObject } from "./resource.js";

/** What a chart rendered, as a release holds it. */
export interface Rendered {
  readonly manifest: string;
  readonly hooks: readonly HookRecord[];
  readonly notes: string;
  readonly chart: unknown;
}

export interface InstallOptions {
  readonly name: string;
  /** The namespace that is released to. */
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
  readonly ssa: boolean;
  readonly timeoutMs: number;
  readonly waitForJobs: boolean;
  readonly hooks: boolean;
  readonly takeOwnership: boolean;
  readonly createNamespace: boolean;
  /** An uninstalled or failed release of the name is taken over. */
  readonly replace: boolean;
  readonly render: (revision: number) => Promise<Rendered>;
}

/** Installs a release. Throws what made it fail, which the stored revision, where one was made, tells too. */
export async function install(context: ActionContext, options: InstallOptions): Promise<ReleaseRecord> {
  const { name, namespace } = options;
  await requireFreeName(context, options);
  const rendered = await options.render(1);
  const objects = await builtObjects(context, rendered.manifest, options);
  const adopted = await adoptedObjects(context, objects, options);
  if (options.createNamespace) await ensureNamespace(context, options);
  const version = options.replace ? await supersede(context, name) : 1;
  const now = goTime(context.clock.now());
  const record: ReleaseRecord = {
    name,
    info: {
      first_deployed: now,
      last_deployed: now,
      description: "Initial install underway",
      status: "pending-install",
      ...(rendered.notes === "" ? {} : { notes: rendered.notes }),
    },
    chart: rendered.chart,
    ...(Object.keys(options.values).length === 0 ? {} : { config: options.values }),
    ...(rendered.manifest === "" ? {} : { manifest: rendered.manifest }),
    ...(rendered.hooks.length === 0 ? {} : { hooks: rendered.hooks }),
    version,
    namespace,
    apply_method: options.ssa ? "ssa" : "csa",
  };
  await context.storage.create({ record, labels: {} });
  return perform(context, record, objects, adopted, options);
}

/** Throws where a release of the name is there. */
async function requireFreeName(context: ActionContext, { name, replace }: InstallOptions): Promise<void> {
  const last = await context.storage.last(name);
  if (last === undefined) return;
  const { status } = last.record.info;
  if (replace && (status === "uninstalled" || status === "failed")) return;
  throw new ActionError("release name check failed: cannot reuse a name that is still in use");
}

async function builtObjects(
  context: ActionContext,
  manifest: string,
  options: InstallOptions,
): Promise<readonly ReleaseObject[]> {
  try {
    const objects = await buildObjects(manifest, options.namespace, context.client, context.signal);
    return allOwned(objects, options);
  } catch (error) {
    const { message } = asError(context, error);
    throw new ActionError(`unable to build kubernetes objects from release manifest: ${message}`, {
      cause: error,
    });
  }
}

async function adoptedObjects(
  context: ActionContext,
  objects: readonly ReleaseObject[],
  options: InstallOptions,
): Promise<readonly ReleaseObject[]> {
  try {
    return await existingObjects(context, objects, options, options.takeOwnership);
  } catch (error) {
    throw new ActionError(`unable to continue with install: ${asError(context, error).message}`, {
      cause: error,
    });
  }
}

async function ensureNamespace(context: ActionContext, { namespace, ssa }: InstallOptions): Promise<void> {
  const object = {
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name: namespace, labels: { name: namespace } },
  };
  try {
    await createObjects(context, [{ object, namespaced: false }], ssa ? "ssa" : "csa");
  } catch (error) {
    if (!ApiError.is(error, "AlreadyExists")) throw error;
  }
}

/** Marks the release that is there as superseded, and returns the revision that follows it. */
async function supersede(context: ActionContext, name: string): Promise<number> {
  const last = await context.storage.last(name);
  if (last === undefined) return 1;
  await recordRelease(context, {
    ...last,
    record: withStatus(last.record, "superseded", "superseded by new release"),
  });
  return last.record.version + 1;
}

async function perform(
  context: ActionContext,
  pending: ReleaseRecord,
  objects: readonly ReleaseObject[],
  adopted: readonly ReleaseObject[],
  options: InstallOptions,
): Promise<ReleaseRecord> {
  let record = pending;
  const store = (current: ReleaseRecord) => recordRelease(context, { record: current, labels: {} });
  try {
    record = await hooksOf("pre-install");
    await writeObjects(context, objects, adopted, options);
    await context.waiter.ready(objects, options.timeoutMs, options.waitForJobs);
    record = await hooksOf("post-install");
  } catch (caught) {
    const error = asError(context, caught);
    await store(withStatus(record, "failed", `Release "${options.name}" failed: ${error.message}`));
    throw error;
  }
  record = withStatus(record, "deployed", "Install complete");
  await store(record);
  return record;

  async function hooksOf(event: string): Promise<ReleaseRecord> {
    if (!options.hooks) return record;
    const run = await runHooks(context, record, event, { ...options, store });
    record = run.record;
    if (run.error !== undefined)
      throw new ActionError(`failed ${event}: ${run.error.message}`, { cause: run.error });
    return record;
  }
}

async function writeObjects(
  context: ActionContext,
  objects: readonly ReleaseObject[],
  adopted: readonly ReleaseObject[],
  options: InstallOptions,
): Promise<void> {
  const method = options.ssa ? "ssa" : "csa";
  if (adopted.length === 0) return createObjects(context, objects, method);
  const { error } = await updateObjects(context, adopted, objects, {
    method,
    forceConflicts: options.ssa,
    threeWayForCustom: options.takeOwnership && !options.ssa,
    takeOverClientSide: options.ssa,
  });
  if (error !== undefined) throw error;
}
