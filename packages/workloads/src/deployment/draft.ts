import type { Deployment, DeploymentStatus, ReplicaSet, WorkloadCondition } from "../model/workload.js";
import { createdAt } from "../shared/pod-state.js";
import { replicasOf } from "./fenceposts.js";
import { sizeAnnotations } from "./revision.js";

/** A change of one ReplicaSet. */
export interface SetChange {
  readonly set: ReplicaSet;
  readonly replicas?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly minReadySeconds?: number;
}

/** What a sync of a Deployment wants done. */
export interface DeploymentPlan {
  readonly create: ReplicaSet | undefined;
  readonly changes: readonly SetChange[];
  readonly deletions: readonly ReplicaSet[];
  readonly status: DeploymentStatus;
  readonly annotations: Readonly<Record<string, string>>;
  /** Normal events with reason `ScalingReplicaSet`, in the order of the changes they tell of. */
  readonly scalings: readonly string[];
  /** Look again after this many milliseconds though nothing changed. */
  readonly resyncAfterMs: number | undefined;
}

/** The ReplicaSets of a Deployment as they will be when what was decided so far is done. */
export class RolloutDraft {
  readonly deployment: Deployment;
  readonly now: number;
  newSet: ReplicaSet | undefined;
  /** Oldest first. */
  oldSets: readonly ReplicaSet[];
  create: ReplicaSet | undefined;
  readonly deletions: ReplicaSet[] = [];
  readonly scalings: string[] = [];
  readonly annotations: Record<string, string> = {};
  conditions: readonly WorkloadCondition[];
  readonly #changes = new Map<string, SetChange>();

  constructor(
    deployment: Deployment,
    newSet: ReplicaSet | undefined,
    old: readonly ReplicaSet[],
    now: number,
  ) {
    this.deployment = deployment;
    this.newSet = newSet;
    this.oldSets = [...old].sort(byAge);
    this.now = now;
    this.conditions = deployment.status?.conditions ?? [];
  }

  get replicas(): number {
    return replicasOf(this.deployment.spec);
  }

  get all(): readonly ReplicaSet[] {
    return this.newSet === undefined ? this.oldSets : [...this.oldSets, this.newSet];
  }

  get changes(): readonly SetChange[] {
    return [...this.#changes.values()];
  }

  /** Resizes a set, refreshing what its annotations say of the Deployment's size. */
  scale(set: ReplicaSet, replicas: number): boolean {
    const from = replicasOf(set.spec);
    const have = set.metadata.annotations ?? {};
    const wanted = Object.entries(sizeAnnotations(this.deployment)).filter(
      ([name, value]) => have[name] !== value,
    );
    if (from === replicas && wanted.length === 0) return false;
    this.change(set, { ...(from === replicas ? {} : { replicas }), annotations: Object.fromEntries(wanted) });
    if (from !== replicas) {
      const direction = replicas > from ? "up" : "down";
      this.scalings.push(`Scaled ${direction} replica set ${set.metadata.name} from ${from} to ${replicas}`);
    }
    return from !== replicas;
  }

  change(set: ReplicaSet, change: Omit<SetChange, "set">): void {
    const before = this.#changes.get(set.metadata.name);
    const annotations = { ...before?.annotations, ...change.annotations };
    this.#changes.set(set.metadata.name, { ...before, ...change, annotations, set: before?.set ?? set });
    this.#replace(set.metadata.name, {
      ...set,
      metadata: { ...set.metadata, annotations: { ...set.metadata.annotations, ...change.annotations } },
      spec: {
        ...set.spec,
        ...(change.replicas === undefined ? {} : { replicas: change.replicas }),
        ...(change.minReadySeconds === undefined ? {} : { minReadySeconds: change.minReadySeconds }),
      },
    });
  }

  #replace(name: string, changed: ReplicaSet): void {
    if (this.newSet?.metadata.name === name) this.newSet = changed;
    else this.oldSets = this.oldSets.map((set) => (set.metadata.name === name ? changed : set));
  }
}

/** Oldest first; of the same age by name. */
export function byAge(a: ReplicaSet, b: ReplicaSet): number {
  return createdAt(a) - createdAt(b) || (a.metadata.name < b.metadata.name ? -1 : 1);
}

export function totalReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set.spec), 0);
}

export function totalAvailable(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + (set.status?.availableReplicas ?? 0), 0);
}
