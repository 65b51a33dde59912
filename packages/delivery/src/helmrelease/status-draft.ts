import type { StatusChange } from "@capstan/controller";
import { type Condition, formatTime } from "@capstan/kube";
import { commonMetadataDigest, postRenderersDigest } from "./digests.js";
import type { HelmRelease, HelmReleaseStatus } from "./resource.js";

export type ConditionType =
  | "Ready"
  | "Reconciling"
  | "Stalled"
  | "Released"
  | "TestSuccess"
  | "Remediated"
  | "Drifted";

/** The status of a HelmRelease while a run works on it. */
export class StatusDraft {
  readonly #object: HelmRelease;
  readonly #now: () => number;
  fields: HelmReleaseStatus;
  #conditions: Map<string, Condition>;

  constructor(object: HelmRelease, now: () => number) {
    const { conditions = [], ...fields } = object.status ?? {};
    this.#object = object;
    this.#now = now;
    this.fields = fields;
    this.#conditions = new Map(conditions.map((condition) => [condition.type, asCondition(condition)]));
  }

  get(type: ConditionType): Condition | undefined {
    return this.#conditions.get(type);
  }

  is(type: ConditionType, status: Condition["status"]): boolean {
    return this.#conditions.get(type)?.status === status;
  }

  /** Sets fields of the status; `undefined` takes one away. */
  set(fields: { readonly [K in keyof HelmReleaseStatus]?: HelmReleaseStatus[K] | undefined }): void {
    const next: Record<string, unknown> = { ...this.fields };
    for (const [key, value] of Object.entries(fields)) {
      if (value === undefined) delete next[key];
      else next[key] = value;
    }
    this.fields = next;
  }

  mark(type: ConditionType, status: Condition["status"], reason: string, message: string): void {
    const before = this.#conditions.get(type);
    const same =
      before !== undefined &&
      before.status === status &&
      before.reason === reason &&
      before.message === message;
    const { generation } = this.#object.metadata;
    this.#conditions.set(type, {
      type,
      status,
      reason,
      message,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      lastTransitionTime:
        same && before.lastTransitionTime !== undefined ? before.lastTransitionTime : formatTime(this.#now()),
    });
    if (type === "Reconciling") this.#conditions.delete("Stalled");
    if (type === "Stalled") this.#conditions.delete("Reconciling");
  }

  remove(type: ConditionType): void {
    this.#conditions.delete(type);
  }

  /** Puts a condition in the place of another, as old as that one. */
  replace(target: ConditionType, type: ConditionType, reason: string, message: string): void {
    const { lastTransitionTime } = this.#conditions.get(target) ?? {};
    this.#conditions.delete(target);
    this.#conditions.delete(type);
    this.mark(type, "True", reason, message);
    const made = this.#conditions.get(type);
    if (made !== undefined && lastTransitionTime !== undefined) {
      this.#conditions.set(type, { ...made, lastTransitionTime });
    }
  }

  /** A problem before anything was released: `Ready` is False. */
  fail(reason: string, message: string): void {
    this.mark("Ready", "False", reason, message);
  }

  /** What was wrong before and is no longer: `Ready` becomes Unknown where it had one of these reasons. */
  clear(...reasons: readonly string[]): void {
    if (!reasons.includes(this.get("Ready")?.reason ?? "")) return;
    this.mark("Ready", "Unknown", "Progressing", "reconciliation in progress");
  }

  /**
   * Makes `Ready` say what the condition that counts says: a remediation (never good), tests where they
   * count, else the release; what was observed of a newer generation first.
   */
  summarize(): void {
    const { test } = this.#object.spec;
    if (test?.enable !== true) this.remove("TestSuccess");
    const order: readonly ConditionType[] =
      test?.enable === true && test.ignoreFailures !== true
        ? ["Remediated", "TestSuccess", "Released"]
        : ["Remediated", "Released"];
    const present = order.map((type) => this.#conditions.get(type)).filter((one) => one !== undefined);
    const newest = Math.max(...present.map((condition) => condition.observedGeneration ?? 0));
    const winner = present.find((condition) => (condition.observedGeneration ?? 0) === newest);
    if (winner !== undefined) {
      const status = winner.type === "Remediated" ? "False" : winner.status;
      if (status === "True") this.remove("Stalled");
      this.mark("Ready", status, winner.reason, winner.message);
    }
    const { spec } = this.#object;
    this.set({
      observedPostRenderersDigest: postRenderersDigest(spec) || undefined,
      observedCommonMetadataDigest: commonMetadataDigest(spec) || undefined,
    });
  }

  /** The whole status as an outcome takes it. */
  change(): StatusChange {
    return { conditions: [...this.#conditions.values()], fields: this.#allFields() };
  }

  /** The whole status as a report takes it: what is gone is named. */
  report(): StatusChange {
    const before = this.#object.status?.conditions ?? [];
    const known = new Set<string>([...before.map(({ type }) => type), ...ALL]);
    return { ...this.change(), removed: [...known].filter((type) => !this.#conditions.has(type)) };
  }

  /** The object with the draft as its status. */
  object(): HelmRelease {
    const conditions = [...this.#conditions.values()].map((condition) => ({
      ...condition,
      lastTransitionTime: condition.lastTransitionTime ?? formatTime(this.#now()),
    }));
    return { ...this.#object, status: { ...this.fields, conditions } };
  }

  #allFields(): Record<string, unknown> {
    const gone = Object.keys(this.#object.status ?? {}).filter(
      (key) => key !== "conditions" && !OF_THE_RUNNER.has(key),
    );
    const kept = Object.entries(this.fields).filter(([key]) => !OF_THE_RUNNER.has(key));
    return { ...Object.fromEntries(gone.map((key) => [key, undefined])), ...Object.fromEntries(kept) };
  }
}

const ALL: readonly ConditionType[] = [
  "Ready",
  "Reconciling",
  "Stalled",
  "Released",
  "TestSuccess",
  "Remediated",
  "Drifted",
];

/** Whoever runs the controller writes these. */
const OF_THE_RUNNER = new Set(["observedGeneration", "lastHandledReconcileAt"]);

function asCondition(condition: NonNullable<HelmReleaseStatus["conditions"]>[number]): Condition {
  const { observedGeneration, ...rest } = condition;
  return observedGeneration === undefined ? rest : { ...rest, observedGeneration };
}
