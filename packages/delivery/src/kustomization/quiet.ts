import type { RunContext } from "@capstan/controller";
import type { Change } from "../apply/change-set.js";
import { hasDrifted, type Ledger } from "../live/ledger.js";
import type { LiveObjects } from "../live/live-objects.js";
import type { Applied } from "./applied.js";
import { isNews } from "./conclude.js";
import type { Kustomization } from "./resource.js";
import type { Seen } from "./seen.js";
import { artifactOf, type SourceArtifact, sourceRefOf } from "./source.js";

type ApplyDone = Extract<Applied, { did: "apply" }>;
type Built = Extract<Seen, { state: "built" }>;

/** One applied object, by which its record is found again. */
interface Held {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly id: string;
  readonly digest: string;
}

interface Memory {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly annotations: string;
  readonly artifact: SourceArtifact;
  readonly live: LiveObjects;
  readonly objects: readonly Held[];
  readonly applied: ApplyDone;
}

/**
 * Remembers runs that left everything as it should be, and recognises when another would find the same
 * without building or planning anything: same object, same artifact, no live object drifted. What it
 * does not recognise is simply run in full.
 */
export class QuietRuns {
  readonly #memories = new Map<string, Memory>();
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** What a run of an owner would conclude from, if nothing has changed since. */
  recall(owner: string, object: Kustomization, context: RunContext): ApplyDone | undefined {
    const memory = this.#memories.get(owner);
    if (memory === undefined || !isSame(memory, object)) return undefined;
    const source = context.cache.get(sourceRefOf(object));
    const artifact = source === undefined ? undefined : artifactOf(source);
    if (artifact?.revision !== memory.artifact.revision || artifact.digest !== memory.artifact.digest)
      return undefined;
    if (isNews(object, memory.applied)) return undefined;
    if (object.status?.inventory?.entries.length !== memory.applied.changes.length) return undefined;
    const waits = object.spec.wait === true;
    return memory.objects.every((held) => this.#isAsApplied(owner, held, memory.live, waits))
      ? memory.applied
      : undefined;
  }

  /** Remembers a run that succeeded and depends on nothing but what `recall` compares. */
  remember(owner: string, object: Kustomization, seen: Built, applied: ApplyDone): void {
    this.#memories.delete(owner);
    if (!isComparable(object) || !isSuccess(applied)) return;
    const skipped = applied.changes.some((change) => change.action === "skipped");
    if (skipped) return;
    const { uid, generation } = object.metadata;
    this.#memories.set(owner, {
      uid,
      generation,
      annotations: annotationsOf(object),
      artifact: seen.artifact,
      live: seen.target.live,
      objects: seen.rendered.objects.map(({ apiVersion, kind, namespace, name, id, digest }) => {
        return { apiVersion, kind, namespace, name, id, digest };
      }),
      applied: { ...applied, pruned: [], stale: [], changes: applied.changes.map(unchanged) },
    });
  }

  forget(owner: string): void {
    this.#memories.delete(owner);
  }

  #isAsApplied(owner: string, held: Held, live: LiveObjects, waits: boolean): boolean {
    const expected = this.#ledger.expected(owner, held.id);
    const record = live.record(held, held);
    if (expected?.digest !== held.digest || record === "unknown" || hasDrifted(expected, record))
      return false;
    return !waits || record?.live.health.status === "Current";
  }
}

function isSame(memory: Memory, object: Kustomization): boolean {
  const { uid, generation, deletionTimestamp } = object.metadata;
  return (
    deletionTimestamp === undefined &&
    memory.uid === uid &&
    memory.generation === generation &&
    memory.annotations === annotationsOf(object)
  );
}

/** Objects that read anything else at every run are run in full. */
function isComparable(object: Kustomization): boolean {
  const {
    postBuild,
    decryption,
    kubeConfig,
    healthCheckExprs = [],
    healthChecks = [],
    dependsOn = [],
    wait,
  } = object.spec;
  const reads =
    (postBuild?.substituteFrom ?? []).length > 0 ||
    decryption !== undefined ||
    kubeConfig !== undefined ||
    dependsOn.length > 0;
  return !reads && healthCheckExprs.length === 0 && (wait === true || healthChecks.length === 0);
}

function isSuccess(applied: ApplyDone): boolean {
  const healthy = applied.health.state === "healthy" || applied.health.state === "none";
  return (
    healthy && applied.failures.length === 0 && applied.pruneErrors.length === 0 && applied.held === undefined
  );
}

function unchanged(change: Change): Change {
  return { ...change, action: "unchanged" };
}

function annotationsOf(object: Kustomization): string {
  const { annotations } = object.metadata;
  return annotations === undefined ? "" : JSON.stringify(annotations);
}
