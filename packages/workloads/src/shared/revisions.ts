import { ownerReference, type RunContext, refOf } from "@capstan/controller";
import { ApiError, type KubeObject } from "@capstan/kube";
import type { PodTemplate } from "../model/pod.js";
import { CONTROLLER_REVISION, type ControllerRevision } from "../model/workload.js";
import { unlessGone } from "./api-write.js";
import { createdAt } from "./pod-state.js";
import { semanticEqual } from "./semantic-equal.js";
import { FIELD_MANAGER } from "./write-options.js";

/** How revisions of a kind are named and labelled. */
export interface RevisionNaming {
  readonly hash: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What must happen so that the newest revision holds the declared template. */
export interface RevisionPlan {
  /** The revision of the declared template, as it is or as it is to be created. */
  readonly update: ControllerRevision;
  readonly action: "keep" | "renumber" | "create";
}

/** The patch that takes an object to a template, as revisions keep it. */
export function revisionData(template: PodTemplate): Record<string, unknown> {
  return { spec: { template: { ...template, $patch: "replace" } } };
}

/** The template that a revision keeps. */
export function revisionTemplate(revision: ControllerRevision): PodTemplate {
  const data = revision.data as { spec: { template: PodTemplate & { $patch?: string } } };
  const { $patch: _directive, ...template } = data.spec.template;
  return template;
}

/** Oldest first. */
function sortRevisions(revisions: readonly ControllerRevision[]): ControllerRevision[] {
  return [...revisions].sort((a, b) => a.revision - b.revision || createdAt(a) - createdAt(b));
}

/** Finds the revision of a template, or decides to renumber an older one or to create one. */
export function planRevision(
  owner: KubeObject,
  template: PodTemplate,
  revisions: readonly ControllerRevision[],
  naming: RevisionNaming,
): RevisionPlan {
  const sorted = sortRevisions(revisions);
  const newest = sorted.at(-1);
  const next = (newest?.revision ?? 0) + 1;
  const data = revisionData(template);
  const equal = sorted.findLast((revision) => semanticEqual(revision.data, data));
  if (equal !== undefined) {
    return equal === newest
      ? { update: equal, action: "keep" }
      : { update: { ...equal, revision: next }, action: "renumber" };
  }
  const { namespace, name } = owner.metadata;
  const update: ControllerRevision = {
    ...CONTROLLER_REVISION,
    metadata: {
      name: `${name.slice(0, 223)}-${naming.hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata?.labels, ...naming.labels },
      ...(owner.metadata.annotations === undefined ? {} : { annotations: owner.metadata.annotations }),
      ownerReferences: [ownerReference(owner)],
    },
    data,
    revision: next,
  };
  return { update, action: "create" };
}

/**
 * Carries out what was planned for the newest revision.
 *
 * @returns the stored revision, or `undefined` where its name belongs to other data: hash again with a
 *   higher collision count
 */
export async function storeRevision(
  plan: RevisionPlan,
  context: RunContext,
): Promise<ControllerRevision | undefined> {
  const { update, action } = plan;
  const { signal } = context;
  if (action === "keep") return update;
  if (action === "renumber") {
    const body = { revision: update.revision };
    const written = await context.client.patch<ControllerRevision>(
      refOf(update),
      { type: "merge", body },
      { signal, fieldManager: FIELD_MANAGER },
    );
    context.cache.informer<ControllerRevision>(CONTROLLER_REVISION).observe(written);
    return written;
  }
  try {
    return await context.client.create(update, { signal, fieldManager: FIELD_MANAGER });
  } catch (error) {
    if (!ApiError.is(error, "AlreadyExists")) throw error;
    const existing = await context.client.tryGet<ControllerRevision>(refOf(update), { signal });
    return existing !== undefined && semanticEqual(existing.data, update.data) ? existing : undefined;
  }
}

/** Deletes the oldest revisions that nothing uses, beyond the limit. */
export async function truncateRevisions(
  revisions: readonly ControllerRevision[],
  inUse: (revision: ControllerRevision) => boolean,
  limit: number,
  context: RunContext,
): Promise<void> {
  const unused = sortRevisions(revisions).filter((revision) => !inUse(revision));
  for (const revision of unused.slice(0, Math.max(unused.length - limit, 0))) {
    await unlessGone(context.client.delete(refOf(revision), { signal: context.signal }));
  }
}
