import { ApiError, formatTime, parseTime } from "@capstan/kube";
import { keyRange, type ObjectStorage, type StoredObject, servedVersion } from "../handler/object-storage.js";
import type { ServedKind } from "../registry/kind.js";
import { terminatingCondition } from "./conditions.js";
import type { CustomResourceDefinition, DefinitionCondition } from "./definition.js";

/** Objects that are held longer than this are told of. */
const PATIENCE_MS = 60_000;

interface Parts {
  readonly objects: ObjectStorage;
  readonly now: number;
}

/** What a definition shows while its objects are on their way. */
export const IN_PROGRESS = terminatingCondition(
  "InstanceDeletionInProgress",
  "CustomResource deletion is in progress",
);

/**
 * Deletes the objects of a definition that is being deleted from where they are stored: nobody is asked
 * whether they may go, as Kubernetes' finalizer of definitions asks nobody. Resolves, in its words, with
 * what the definition has to show while some are left, or with undefined.
 */
export async function deleteInstances(
  crd: CustomResourceDefinition,
  kind: ServedKind,
  { objects, now }: Parts,
): Promise<DefinitionCondition | undefined> {
  const { entries } = objects.range(keyRange(kind));
  try {
    const stored = entries.map(({ value }) => objects.codec.decode(value));
    await kind.storage.remote?.prepare(stored, servedVersion(kind));
  } catch (error) {
    return failed(`could not list instances: ${messageOf(error)}`);
  }
  const outcomes = await Promise.allSettled(
    entries.map((entry) => deleteInstance(objects, objects.wrap(kind, entry), formatTime(now))),
  );
  const failures = outcomes.flatMap((each) => (each.status === "rejected" ? messageOf(each.reason) : []));
  if (failures.length > 0) return failed(`could not issue all deletes: ${aggregate([...new Set(failures)])}`);
  const { start, end } = keyRange(kind);
  if (objects.store.count(start, end) === 0) return undefined;
  const since = terminatingSince(crd);
  if (since === undefined || now - since < PATIENCE_MS) return IN_PROGRESS;
  return terminatingCondition(
    "InstanceDeletionCheck",
    "could not confirm zero CustomResources remaining: context deadline exceeded",
  );
}

/** Removes an object, or marks it where finalizers hold it. Whoever changed it meanwhile is met next time. */
async function deleteInstance(objects: ObjectStorage, stored: StoredObject, now: string): Promise<void> {
  const { object, kind } = stored;
  const { metadata } = object;
  try {
    if ((metadata.finalizers ?? []).length === 0) {
      await objects.remove(kind, stored);
    } else if (metadata.deletionTimestamp === undefined) {
      const generation = (metadata.generation ?? 0) + 1;
      const marked = { ...metadata, generation, deletionTimestamp: now, deletionGracePeriodSeconds: 0 };
      await objects.put(kind, { ...object, metadata: marked }, stored);
    }
  } catch (error) {
    if (!ApiError.is(error, "Conflict")) throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failed(message: string): DefinitionCondition {
  return terminatingCondition("InstanceDeletionFailed", message);
}

/** Since when the definition shows that it is being deleted. */
function terminatingSince({ status }: CustomResourceDefinition): number | undefined {
  const found = status?.conditions?.find(({ type }) => type === "Terminating");
  return found?.lastTransitionTime ? parseTime(found.lastTransitionTime) : undefined;
}

/** Several errors as one, as Go's `NewAggregate` writes them. */
function aggregate(messages: readonly string[]): string {
  const [only = ""] = messages;
  return messages.length === 1 ? only : `[${messages.join(", ")}]`;
}
