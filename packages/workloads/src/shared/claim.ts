import { type Informer, ownerReference, type RunContext, refOf } from "@capstan/controller";
import { ApiError, type KubeObject, type LabelSelector, matchesLabels } from "@capstan/kube";
import { controllerOf, isControlledBy } from "./owner.js";
import { writing } from "./write-options.js";

const ORPHANS = "orphans";

/** Lets {@link claim} find objects that nobody controls; to be called before the first run. */
export function indexOrphans(informer: Informer): void {
  informer.addIndex(ORPHANS, (object) =>
    controllerOf(object) === undefined ? [object.metadata.namespace ?? ""] : [],
  );
}

/**
 * The objects of a kind that `owner` controls and selects. Objects of its namespace that match and have no
 * controller are adopted; those that it controls and that stopped matching are let go.
 */
export async function claim<T extends KubeObject>(
  context: RunContext,
  type: { readonly apiVersion: string; readonly kind: string },
  owner: KubeObject,
  selector: LabelSelector,
): Promise<T[]> {
  const claimed: T[] = [];
  for (const object of context.cache.owned<T>(type, owner)) {
    if (!isControlledBy(object, owner)) continue;
    if (matchesLabels(selector, object.metadata.labels)) claimed.push(object);
    else if (object.metadata.deletionTimestamp === undefined) await release(context, object, owner);
  }
  const orphans = context.cache.byIndex<T>(type, ORPHANS, owner.metadata.namespace ?? "");
  for (const object of orphans) {
    const free =
      object.metadata.deletionTimestamp === undefined && matchesLabels(selector, object.metadata.labels);
    if (!free) continue;
    const adopted = await adopt(context, object, owner);
    if (adopted !== undefined) claimed.push(adopted);
  }
  return claimed;
}

async function adopt<T extends KubeObject>(
  context: RunContext,
  object: T,
  owner: KubeObject,
): Promise<T | undefined> {
  const references = [...(object.metadata.ownerReferences ?? []), ownerReference(owner)];
  return setOwners(context, object, references);
}

async function release<T extends KubeObject>(
  context: RunContext,
  object: T,
  owner: KubeObject,
): Promise<void> {
  const references = object.metadata.ownerReferences?.filter(({ uid }) => uid !== owner.metadata.uid) ?? [];
  await setOwners(context, object, references);
}

async function setOwners<T extends KubeObject>(
  context: RunContext,
  object: T,
  ownerReferences: NonNullable<KubeObject["metadata"]["ownerReferences"]>,
): Promise<T | undefined> {
  const { resourceVersion, uid } = object.metadata;
  const body = { metadata: { uid, resourceVersion, ownerReferences } };
  try {
    const written = await context.client.patch<T>(
      refOf(object),
      { type: "merge", body },
      { ...writing(context) },
    );
    context.cache.informer<T>(object).observe(written);
    return written;
  } catch (error) {
    // Gone meanwhile: there is nothing to own.
    if (ApiError.is(error, "NotFound")) return undefined;
    throw error;
  }
}
