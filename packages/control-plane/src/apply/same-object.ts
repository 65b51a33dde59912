import type { KubeObject, ManagedFieldsEntry } from "@capstan/kube";
import { sameValue } from "./typed-value.js";

/**
 * Whether a write would change nothing but the times of managed fields. Such a write is not carried
 * out: the object keeps its times and its resource version.
 */
export function sameExceptTimes(live: KubeObject, next: KubeObject): boolean {
  if (live === next) return true;
  const { managedFields: before, ...liveMeta } = live.metadata;
  const { managedFields: after, ...nextMeta } = next.metadata;
  if (!sameValue(liveMeta, nextMeta) || !sameManagers(before, after)) return false;
  return sameValue({ ...live, metadata: null }, { ...next, metadata: null });
}

function sameManagers(
  before: readonly ManagedFieldsEntry[] | undefined,
  after: readonly ManagedFieldsEntry[] | undefined,
): boolean {
  if (before === after) return true;
  if ((before?.length ?? 0) !== (after?.length ?? 0)) return false;
  return sameValue(timeless(before), timeless(after));
}

/** Entries without their times, in an order that does not depend on them. */
function timeless(entries: readonly ManagedFieldsEntry[] | undefined): unknown[] {
  return (entries ?? [])
    .map(
      ({ time: _, ...entry }) =>
        [
          JSON.stringify([entry.operation, entry.manager, entry.apiVersion, entry.subresource]),
          entry,
        ] as const,
    )
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry);
}
