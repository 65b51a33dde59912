import type { ObjectMeta } from "@capstan/kube";

const GROUP = "kustomize.toolkit.fluxcd.io";

/** Labels that name the Kustomization that an object belongs to. */
export const OWNER_NAME = `${GROUP}/name`;
export const OWNER_NAMESPACE = `${GROUP}/namespace`;

/** What an object's own labels and annotations ask for. */
export interface Policies {
  /** Neither applied nor pruned. */
  readonly excluded: boolean;
  /** Created once, then left alone. */
  readonly ifNotPresent: boolean;
  /** Fields of other managers are not taken over. */
  readonly merge: boolean;
  /** Recreated when an immutable field changes. */
  readonly force: boolean;
  /** Never pruned. */
  readonly keep: boolean;
}

export const NO_POLICIES: Policies = {
  excluded: false,
  ifNotPresent: false,
  merge: false,
  force: false,
  keep: false,
};

type Metadata = Pick<ObjectMeta, "labels" | "annotations">;

/** Reads the policies; values compare without regard to case, in labels and annotations alike. */
export function policiesOf(metadata: Metadata): Policies {
  if (metadata.labels === undefined && metadata.annotations === undefined) return NO_POLICIES;
  const excluded = has(metadata, "reconcile", "disabled") || has(metadata, "ssa", "ignore");
  return {
    excluded,
    ifNotPresent: has(metadata, "ssa", "ifnotpresent"),
    merge: has(metadata, "ssa", "merge"),
    force: has(metadata, "force", "enabled"),
    keep: excluded || has(metadata, "prune", "disabled"),
  };
}

/** Whether an object carries the owner labels of a Kustomization. */
export function isOwnedBy(
  metadata: Metadata,
  owner: { readonly name: string; readonly namespace: string },
): boolean {
  return (
    metadata.labels?.[OWNER_NAME] === owner.name && metadata.labels?.[OWNER_NAMESPACE] === owner.namespace
  );
}

function has(metadata: Metadata, name: string, value: string): boolean {
  const key = `${GROUP}/${name}`;
  return (
    metadata.labels?.[key]?.toLowerCase() === value || metadata.annotations?.[key]?.toLowerCase() === value
  );
}
