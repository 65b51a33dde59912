import { type Client, type Patch, refOf } from "@capstan/controller";
import { ApiError, formatApiVersion, gvkOf, type KubeObject, PatchError } from "@capstan/kube";
import { mapLimited } from "../apply/pool.js";
import { inheritPatch } from "../apply/take-over.js";
import { clientSidePatch } from "./client-side-patch.js";
import { objectKey, type ReleaseObject } from "./resource.js";

/** Objects of one kind that are written at a time. */
const CONCURRENCY = 8;
/** The field manager of the real tool. */
const HELM = "helm";
const KEEP = { annotation: "helm.sh/resource-policy", value: "keep" };

export type ApplyMethod = "ssa" | "csa";

/** Where and in whose name objects are written. */
export interface Cluster {
  readonly client: Client;
  readonly fieldManager: string;
  readonly signal: AbortSignal;
  /** Told of every object that was written, as the API returned it. */
  readonly applied?: (object: KubeObject) => void;
}

export interface UpdateOptions {
  readonly method: ApplyMethod;
  /** Fields of other managers are taken; only with server-side apply. */
  readonly forceConflicts: boolean;
  /** Objects are replaced as a whole; only without server-side apply. */
  readonly forceReplace?: boolean;
  /** Custom resources are merged with the live object too; only without server-side apply. */
  readonly threeWayForCustom?: boolean;
  /** What our client-side updates own becomes what our server-side apply owns. */
  readonly takeOverClientSide?: boolean;
}

/** What became of an update. */
export interface UpdateResult {
  readonly created: readonly ReleaseObject[];
  /** Why it failed; `undefined` where it did not. */
  readonly error: Error | undefined;
}

/** Objects that could not be written; the message is Helm's. */
export class WriteError extends Error {
  override readonly name = "WriteError";
}

/** Creates objects, kind after kind in their order. Throws at the first that fails. */
export async function createObjects(
  cluster: Cluster,
  objects: readonly ReleaseObject[],
  method: ApplyMethod,
  forceConflicts = false,
): Promise<void> {
  for (const batch of batches(objects)) {
    await mapLimited(batch, CONCURRENCY, (one) => createOne(cluster, one.object, method, forceConflicts));
  }
}

async function createOne(
  cluster: Cluster,
  object: KubeObject,
  method: ApplyMethod,
  force: boolean,
): Promise<void> {
  if (method === "ssa" && object.metadata.name !== undefined) return applyOne(cluster, object, force);
  const { client, fieldManager, signal, applied } = cluster;
  const written = await client.create(object, { fieldManager, signal });
  applied?.(written);
}

async function applyOne(cluster: Cluster, object: KubeObject, force: boolean): Promise<void> {
  const { client, fieldManager, signal, applied } = cluster;
  try {
    const written = await client.apply(object, { fieldManager, force, fieldValidation: "Strict", signal });
    applied?.(written);
  } catch (error) {
    if (!ApiError.is(error, "Conflict")) throw error;
    const { group, version, kind } = gvkOf(object);
    const where = `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
    throw new WriteError(
      `conflict occurred while applying object ${where} ${formatApiVersion(group, version)}, Kind=${kind}: ${error.message}`,
      { cause: error },
    );
  }
}

/**
 * Takes objects from `originals` to `targets`: creates what is not there, changes what is, then deletes
 * what is no longer wanted unless the live object says `keep`. An object that cannot be changed does not
 * stop the others, but nothing is deleted then.
 */
export async function updateObjects(
  cluster: Cluster,
  originals: readonly ReleaseObject[],
  targets: readonly ReleaseObject[],
  options: UpdateOptions,
): Promise<UpdateResult> {
  const before = new Map(originals.map((one) => [objectKey(one.object), one.object]));
  const created: ReleaseObject[] = [];
  const errors: string[] = [];
  try {
    for (const batch of batches(targets)) {
      const problems = await mapLimited(batch, CONCURRENCY, (target) =>
        updateOne(cluster, before.get(objectKey(target.object)), target, options, created),
      );
      errors.push(...problems.filter((problem) => problem !== undefined));
    }
  } catch (error) {
    if (!(error instanceof WriteError || error instanceof ApiError)) throw error;
    return { created, error };
  }
  if (errors.length === 0) errors.push(...(await deleteSurplus(cluster, originals, targets)));
  return { created, error: errors.length === 0 ? undefined : new WriteError(errors.join(" && ")) };
}

/** Creates or changes an object; returns why it could not be changed. */
async function updateOne(
  cluster: Cluster,
  original: KubeObject | undefined,
  target: ReleaseObject,
  options: UpdateOptions,
  created: ReleaseObject[],
): Promise<string | undefined> {
  const live = await readLive(cluster, target.object);
  if (live !== undefined) return changeOne(cluster, original ?? live, target.object, live, options);
  await createTarget(cluster, target, options, created);
  return undefined;
}

async function readLive(cluster: Cluster, object: KubeObject): Promise<KubeObject | undefined> {
  if (object.metadata.name === undefined) return undefined;
  try {
    return await cluster.client.tryGet(refOf(object), { signal: cluster.signal });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new WriteError(`could not get information about the resource: ${error.message}`, { cause: error });
  }
}

async function createTarget(
  cluster: Cluster,
  target: ReleaseObject,
  options: UpdateOptions,
  created: ReleaseObject[],
): Promise<void> {
  created.push(target);
  try {
    await createOne(cluster, target.object, options.method, options.forceConflicts);
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof WriteError)) throw error;
    throw new WriteError(`failed to create resource: ${error.message}`, { cause: error });
  }
}

async function changeOne(
  cluster: Cluster,
  original: KubeObject,
  target: KubeObject,
  live: KubeObject,
  options: UpdateOptions,
): Promise<string | undefined> {
  try {
    if (options.method === "csa") return await changeClientSide(cluster, original, target, live, options);
    await takeOver(cluster, live, options.takeOverClientSide === true);
    await applyOne(cluster, target, options.forceConflicts);
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof WriteError)) throw error;
    return error.message;
  }
}

/**
 * Fields that the real helm applied, or that we updated ourselves before, are the release's: without this
 * what the chart no longer has would stay.
 */
async function takeOver(cluster: Cluster, live: KubeObject, clientSide: boolean): Promise<void> {
  const { client, fieldManager, signal } = cluster;
  const operations = inheritPatch(live, fieldManager, ({ manager, operation, subresource = "" }) => {
    if (subresource !== "") return false;
    return manager === HELM || (clientSide && manager === fieldManager && operation === "Update");
  });
  if (operations.length === 0) return;
  await client.patch(
    refOf(live),
    { type: "json", operations: operations.map((operation) => ({ ...operation })) },
    { fieldManager, signal },
  );
}

async function changeClientSide(
  cluster: Cluster,
  original: KubeObject,
  target: KubeObject,
  live: KubeObject,
  options: UpdateOptions,
): Promise<undefined> {
  const { client, fieldManager, signal, applied } = cluster;
  if (options.forceReplace === true) {
    const { resourceVersion } = live.metadata;
    const metadata =
      resourceVersion === undefined ? target.metadata : { ...target.metadata, resourceVersion };
    const written = await client.update({ ...target, metadata }, { fieldManager, signal });
    applied?.(written);
    return undefined;
  }
  const patch = patchFor(original, target, live, options);
  if (patch === undefined) {
    applied?.(live);
    return undefined;
  }
  try {
    const written = await client.patch(refOf(target), patch, { fieldManager, signal });
    applied?.(written);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new WriteError(
      `cannot patch "${target.metadata.name}" with kind ${target.kind}: ${error.message}`,
      { cause: error },
    );
  }
  return undefined;
}

function patchFor(
  original: KubeObject,
  target: KubeObject,
  live: KubeObject,
  { threeWayForCustom }: UpdateOptions,
): Patch | undefined {
  try {
    return clientSidePatch(original, target, live, threeWayForCustom);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    throw new WriteError(`failed to create patch: ${error.message}`, { cause: error });
  }
}

async function deleteSurplus(
  cluster: Cluster,
  originals: readonly ReleaseObject[],
  targets: readonly ReleaseObject[],
): Promise<readonly string[]> {
  const wanted = new Set(targets.map(({ object }) => identityOf(object)));
  const errors: string[] = [];
  for (const { object } of originals) {
    if (wanted.has(identityOf(object)) || object.metadata.name === undefined) continue;
    const { kind, metadata } = object;
    try {
      const live = await cluster.client.tryGet(refOf(object), { signal: cluster.signal });
      if (live === undefined || live.metadata.annotations?.[KEEP.annotation] === KEEP.value) continue;
      await deleteOne(cluster, live, "Background");
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      errors.push(
        `failed to delete resource namespace=${metadata.namespace ?? ""}, name=${metadata.name}, kind=${kind}: ${error.message}`,
      );
    }
  }
  return errors;
}

/** An object moved to another version of its kind is the same object. */
function identityOf(object: KubeObject): string {
  const { group, kind } = gvkOf(object);
  return `${group}/${kind}/${object.metadata.namespace ?? ""}/${object.metadata.name ?? ""}`;
}

/** Deletes objects, kind after kind in their order; what is gone already is fine. Returns what failed. */
export async function deleteObjects(
  cluster: Cluster,
  objects: readonly ReleaseObject[],
  propagationPolicy: "Background" | "Foreground" | "Orphan",
): Promise<readonly Error[]> {
  const errors: Error[] = [];
  for (const batch of batches(objects)) {
    await mapLimited(batch, CONCURRENCY, async ({ object }) => {
      try {
        await deleteOne(cluster, object, propagationPolicy);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        errors.push(error);
      }
    });
  }
  return errors;
}

async function deleteOne(
  { client, signal }: Cluster,
  object: KubeObject,
  propagationPolicy: "Background" | "Foreground" | "Orphan",
): Promise<void> {
  if (object.metadata.name === undefined) return;
  try {
    await client.delete(refOf(object), { propagationPolicy, signal });
  } catch (error) {
    if (!ApiError.is(error, "NotFound")) throw error;
  }
}

/** Runs of objects of one kind. */
function* batches(objects: readonly ReleaseObject[]): Iterable<readonly ReleaseObject[]> {
  let batch: ReleaseObject[] = [];
  for (const one of objects) {
    if (batch.length > 0 && batch[0]?.object.kind !== one.object.kind) {
      yield batch;
      batch = [];
    }
    batch.push(one);
  }
  if (batch.length > 0) yield batch;
}
