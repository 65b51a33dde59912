import type { Deployment, ReplicaSet } from "../model/workload.js";
import { effectiveFenceposts, replicasOf } from "./fenceposts.js";

export const REVISION = "deployment.kubernetes.io/revision";
const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
export const MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";
export const HASH_LABEL = "pod-template-hash";

/** Annotations that stay with the object that has them. */
const notCopied = new Set([
  "kubectl.kubernetes.io/last-applied-configuration",
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  "deprecated.deployment.rollback.to",
]);

const maxHistory = 2000;

/** The revision a ReplicaSet stands for; 0 without one. */
export function revisionOf(set: ReplicaSet): number {
  const revision = Number(set.metadata.annotations?.[REVISION] ?? "0");
  return Number.isInteger(revision) ? revision : 0;
}

/** The revision that the newest template has or gets. */
export function nextRevision(old: readonly ReplicaSet[]): number {
  return old.reduce((most, set) => Math.max(most, revisionOf(set)), 0) + 1;
}

/** What a ReplicaSet's annotations must say about the size of its Deployment. */
export function sizeAnnotations(deployment: Deployment): Record<string, string> {
  const replicas = replicasOf(deployment.spec);
  return {
    [DESIRED_REPLICAS]: String(replicas),
    [MAX_REPLICAS]: String(replicas + effectiveFenceposts(deployment).surge),
  };
}

/** The annotations of a Deployment that travel to its ReplicaSets. */
export function copiedAnnotations(deployment: Deployment): Record<string, string> {
  const entries = Object.entries(deployment.metadata.annotations ?? {});
  return Object.fromEntries(entries.filter(([name]) => !notCopied.has(name)));
}

/**
 * The annotations that the ReplicaSet of the newest template lacks: those copied from the Deployment, and
 * its new revision where it takes part in a rollback.
 */
export function missingAnnotations(
  deployment: Deployment,
  set: ReplicaSet,
  revision: number,
): Record<string, string> {
  const have = set.metadata.annotations ?? {};
  const wanted: Record<string, string> = copiedAnnotations(deployment);
  if (revisionOf(set) < revision) {
    wanted[REVISION] = String(revision);
    const before = have[REVISION];
    if (before !== undefined && before !== "")
      wanted[REVISION_HISTORY] = withHistory(have[REVISION_HISTORY], before);
  }
  return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => have[name] !== value));
}

function withHistory(history: string | undefined, revision: string): string {
  let entries = history === undefined || history === "" ? [] : history.split(",");
  entries = [...entries, revision];
  while (entries.length > 1 && entries.join(",").length > maxHistory) entries.shift();
  return entries.join(",");
}
