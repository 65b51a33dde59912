import { ownerReference } from "@capstan/controller";
import type { PodTemplate } from "../model/pod.js";
import { type Deployment, REPLICA_SET, type ReplicaSet } from "../model/workload.js";
import { semanticEqual } from "../shared/semantic-equal.js";
import { templateHash } from "../shared/template-hash.js";
import { state } from "./conditions.js";
import { byAge, type RolloutDraft, totalReplicas } from "./draft.js";
import { effectiveFenceposts, hasProgressDeadline, isRollingUpdate, replicasOf } from "./fenceposts.js";
import {
  copiedAnnotations,
  HASH_LABEL,
  missingAnnotations,
  nextRevision,
  REVISION,
  revisionOf,
  sizeAnnotations,
} from "./revision.js";

/** The oldest ReplicaSet whose template is the Deployment's, whatever its hash says. */
export function findNewSet(deployment: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  return [...sets].sort(byAge).find((set) => sameTemplate(deployment.spec.template, set.spec.template));
}

/** Whether two templates are the same but for the hash label. */
export function sameTemplate(a: PodTemplate, b: PodTemplate): boolean {
  return semanticEqual(withoutHash(a), withoutHash(b));
}

function withoutHash(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _hash, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels, creationTimestamp: undefined } };
}

/**
 * How large the newest ReplicaSet may be now: as far as the surge lets the sum of all grow towards what is
 * wanted.
 */
export function newSetSize(draft: RolloutDraft): number {
  const { deployment, replicas } = draft;
  if (!isRollingUpdate(deployment)) return replicas;
  const have = draft.newSet === undefined ? 0 : replicasOf(draft.newSet.spec);
  const ceiling = replicas + effectiveFenceposts(deployment).surge;
  const total = totalReplicas(draft.all);
  if (total >= ceiling) return have;
  return have + Math.min(ceiling - total, replicas - have);
}

/** Brings revision and copied annotations of the newest ReplicaSet up to date, where there is one. */
export function syncNewSet(draft: RolloutDraft): void {
  const { deployment, newSet, now } = draft;
  if (newSet === undefined) return;
  const annotations = missingAnnotations(deployment, newSet, nextRevision(draft.oldSets));
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0;
  const ready = (newSet.spec.minReadySeconds ?? 0) !== minReadySeconds ? { minReadySeconds } : {};
  if (Object.keys(annotations).length > 0 || "minReadySeconds" in ready) {
    draft.change(newSet, { annotations, ...ready });
  }
  draft.annotations[REVISION] = String(revisionOf(draft.newSet ?? newSet));
  const known = draft.conditions.some(({ type }) => type === "Progressing");
  if (hasProgressDeadline(deployment) && !known) {
    const message = `Found new replica set "${newSet.metadata.name}"`;
    const statement = { type: "Progressing", status: "True", reason: "FoundNewReplicaSet", message } as const;
    draft.conditions = state(draft.conditions, statement, now);
  }
}

/** Decides to create the ReplicaSet of the newest template. */
export function createNewSet(draft: RolloutDraft): void {
  const { deployment, now } = draft;
  const set = buildNewSet(draft);
  draft.create = set;
  draft.newSet = set;
  draft.annotations[REVISION] = String(revisionOf(set));
  const size = replicasOf(set.spec);
  if (size > 0) draft.scalings.push(`Scaled up replica set ${set.metadata.name} from 0 to ${size}`);
  if (!hasProgressDeadline(deployment)) return;
  const message = `Created new replica set "${set.metadata.name}"`;
  const statement = { type: "Progressing", status: "True", reason: "NewReplicaSetCreated", message } as const;
  draft.conditions = state(draft.conditions, statement, now);
}

function buildNewSet(draft: RolloutDraft): ReplicaSet {
  const { deployment } = draft;
  const { template, selector, minReadySeconds } = deployment.spec;
  const hash = templateHash(template, deployment.status?.collisionCount);
  const labels = { ...template.metadata?.labels, [HASH_LABEL]: hash };
  const { namespace, name } = deployment.metadata;
  return {
    ...REPLICA_SET,
    metadata: {
      name: `${name}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: {
        ...copiedAnnotations(deployment),
        ...sizeAnnotations(deployment),
        [REVISION]: String(nextRevision(draft.oldSets)),
      },
      ownerReferences: [ownerReference(deployment)],
    },
    spec: {
      replicas: newSetSize(draft),
      selector: { ...selector, matchLabels: { ...selector.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template.metadata, labels } },
      ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
    },
  };
}
