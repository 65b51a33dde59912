import { type RunContext, refOf } from "@capstan/controller";
import { ApiError, createMergePatch, deepEqual, type KubeObject } from "@capstan/kube";
import { writing } from "./write-options.js";

/** What a sync wants changed beside `spec`. */
export interface StatusUpdate<Status> {
  readonly status: Status;
  /** Annotations to add or replace; the status endpoint keeps them. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/**
 * Writes status, in full, in one patch, or nothing where it is what it should be. An object that is gone
 * has no status to write.
 */
export async function writeStatus<T extends KubeObject, Status extends object>(
  context: Pick<RunContext, "client" | "signal" | "cache">,
  object: T,
  wanted: StatusUpdate<Status>,
): Promise<boolean> {
  const before = (object["status"] ?? {}) as Record<string, unknown>;
  const after = wanted.status as Record<string, unknown>;
  const annotations = changedAnnotations(object, wanted.annotations);
  const same = deepEqual(withoutUndefined(before), withoutUndefined(after));
  if (same && annotations === undefined) return false;
  const { uid } = object.metadata;
  const metadata = {
    ...(uid === undefined ? {} : { uid }),
    ...(annotations === undefined ? {} : { annotations }),
  };
  const body = { metadata, ...(same ? {} : { status: createMergePatch(before, after) }) };
  try {
    const written = await context.client.patch<T>(
      refOf(object),
      { type: "merge", body },
      {
        subresource: "status",
        ...writing(context),
      },
    );
    context.cache.informer<T>(object).observe(written);
  } catch (error) {
    // Deleted, or replaced by a namesake: nobody is left to tell.
    if (!ApiError.is(error, "NotFound")) throw error;
  }
  return true;
}

function changedAnnotations(
  object: KubeObject,
  wanted: Readonly<Record<string, string>> | undefined,
): Record<string, string> | undefined {
  const changed = Object.entries(wanted ?? {}).filter(
    ([name, value]) => object.metadata.annotations?.[name] !== value,
  );
  return changed.length === 0 ? undefined : Object.fromEntries(changed);
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
