import { refOf } from "@capstan/controller";
import { compareUninstallKinds, type ReleaseRecord } from "@capstan/helm";
import { ApiError } from "@capstan/kube";
import { mapLimited } from "../apply/pool.js";
import { type ActionContext, ActionError, asError, recordRelease, withStatus } from "./action-context.js";
import { deleteObjects } from "./apply-objects.js";
import { goTime } from "./go-time.js";
import { runHooks } from "./hooks.js";
import { foreign } from "./ownership.js";
import { buildObjects, parseObjects, type ReleaseObject } from "./resource.js";
import type { StoredRelease } from "./storage.js";

const RESOURCE_POLICY = "helm.sh/resource-policy";
const CONCURRENCY = 8;

export interface UninstallOptions {
  readonly name: string;
  readonly timeoutMs: number;
  readonly hooks: boolean;
  readonly keepHistory: boolean;
  readonly propagation: "background" | "foreground" | "orphan";
}

/** The release that is uninstalled is not there. */
export class ReleaseNotFound extends ActionError {}

/** What became of an uninstall; the release may be gone though something failed. */
export interface Uninstalled {
  readonly record: ReleaseRecord;
  readonly error: Error | undefined;
}

const PROPAGATION = { background: "Background", foreground: "Foreground", orphan: "Orphan" } as const;

/** Uninstalls the newest revision of a release, and forgets or keeps the history. */
export async function uninstall(context: ActionContext, options: UninstallOptions): Promise<Uninstalled> {
  const history = await context.storage.history(options.name);
  const last = history.at(-1);
  if (last === undefined) {
    throw new ReleaseNotFound(`uninstall: Release not loaded: ${options.name}: release: not found`);
  }
  if (last.record.info.status === "uninstalled") {
    if (options.keepHistory) throw new ActionError(`the release named "${options.name}" is already deleted`);
    await purge(context, history);
    return { record: last.record, error: undefined };
  }
  return perform(context, last, history, options);
}

async function perform(
  context: ActionContext,
  last: StoredRelease,
  history: readonly StoredRelease[],
  options: UninstallOptions,
): Promise<Uninstalled> {
  const { labels } = last;
  const store = (record: ReleaseRecord) => recordRelease(context, { record, labels });
  let record = withStatus(last.record, "uninstalling", "Deletion in progress (or silently failed)");
  record = { ...record, info: { ...record.info, deleted: goTime(context.clock.now()) } };
  const hooks = { timeoutMs: options.timeoutMs, ssa: true, store };
  if (options.hooks) {
    const run = await runHooks(context, record, "pre-delete", hooks);
    record = run.record;
    if (run.error !== undefined) return { record, error: run.error };
  }
  await store(record);
  const errors: Error[] = [];
  const objects = await deletableObjects(context, record);
  const failed = await deleteObjects(context, objects, PROPAGATION[options.propagation]);
  if (failed.length > 0) {
    for (const error of failed) context.log.add(error.message);
    throw new ActionError(`failed to delete release: ${options.name}`, { cause: failed[0] });
  }
  try {
    await context.waiter.gone(objects, options.timeoutMs);
  } catch (error) {
    errors.push(asError(context, error));
  }
  if (options.hooks) {
    const run = await runHooks(context, record, "post-delete", hooks);
    record = run.record;
    if (run.error !== undefined) errors.push(run.error);
  }
  record = withStatus(record, "uninstalled", "Uninstallation complete");
  await conclude(context, { record, labels }, history, options, errors);
  const error =
    errors.length === 0
      ? undefined
      : new ActionError(
          `uninstallation completed with ${errors.length} error(s): ${errors.map((one) => one.message).join("; ")}`,
        );
  return { record, error };
}

async function conclude(
  context: ActionContext,
  release: StoredRelease,
  history: readonly StoredRelease[],
  options: UninstallOptions,
  errors: Error[],
): Promise<void> {
  if (!options.keepHistory) {
    try {
      await purge(context, history);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      errors.push(
        new ActionError(`uninstall: Failed to purge the release: ${error.message}`, { cause: error }),
      );
    }
    return;
  }
  await recordRelease(context, release);
  for (const deployed of await context.storage.deployed(options.name)) {
    await recordRelease(context, { ...deployed, record: withStatus(deployed.record, "superseded") });
  }
}

async function purge(context: ActionContext, history: readonly StoredRelease[]): Promise<void> {
  for (const { record } of history) await context.storage.delete(record.name, record.version);
}

/** The objects of a release that are there, are its own, and are not to be kept, in the order of deletion. */
async function deletableObjects(
  context: ActionContext,
  record: ReleaseRecord,
): Promise<readonly ReleaseObject[]> {
  const objects = (await knownObjects(context, record)).filter(
    ({ object }) => object.metadata.annotations?.[RESOURCE_POLICY] === undefined,
  );
  const ordered = [...objects].sort((a, b) => compareUninstallKinds(a.object.kind, b.object.kind));
  const owned = await mapLimited(ordered, CONCURRENCY, async (one) => {
    const live = await context.client.tryGet(refOf(one.object), { signal: context.signal });
    if (live === undefined) return undefined;
    const problem = foreign(live, record);
    if (problem === undefined) return one;
    context.log.add(
      `skipping delete of resource not owned by this release: ${live.kind}/${live.metadata.name}`,
    );
    return undefined;
  });
  return owned.filter((one) => one !== undefined);
}

/** Objects of kinds that are no longer served are gone with them. */
async function knownObjects(
  context: ActionContext,
  record: ReleaseRecord,
): Promise<readonly ReleaseObject[]> {
  const { client, signal } = context;
  const known: ReleaseObject[] = [];
  for (const object of parseObjects(record.manifest ?? "")) {
    const { apiVersion, kind } = object;
    const info = await client.resourceFor({ apiVersion, kind }, { signal });
    if (info === undefined) {
      context.log.add(`skipping delete of ${kind}/${object.metadata.name}: its kind is not served`);
      continue;
    }
    const text = JSON.stringify(object);
    known.push(...(await buildObjects(text, record.namespace, client, signal)));
  }
  return known;
}
