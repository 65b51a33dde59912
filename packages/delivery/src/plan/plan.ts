import { type Expected, hasDrifted } from "../live/ledger.js";
import type { LiveRecord } from "../live/live-record.js";
import type { DesiredObject } from "../render/desired-object.js";
import { compareForApply, STAGES, type StageName, stageOf } from "./order.js";

/** What is to be done about one desired object. */
type Decision =
  /** Is as declared, as far as the cache and the last apply tell. */
  | "unchanged"
  /** Asks to be left alone. */
  | "skip"
  /** Is new, or declared differently than when it was applied. */
  | "apply"
  /** Was changed by somebody else since. */
  | "repair"
  /** Nothing is known about the last apply: applying tells whether anything differs. */
  | "verify";

export interface Step {
  readonly desired: DesiredObject;
  readonly decision: Decision;
  /** The live object, where the cache has it. */
  readonly record: LiveRecord | undefined;
}

export interface Stage {
  readonly name: StageName;
  readonly steps: readonly Step[];
}

/** What a plan needs to know about one desired object. */
export interface Sighting {
  /** `unknown` where no cache follows the kind. */
  readonly record: LiveRecord | "unknown" | undefined;
  readonly expected: Expected | undefined;
}

/**
 * The stages that take the live objects to the desired ones, in order. Pure; a second plan after a
 * successful apply holds nothing but `unchanged` and `skip`.
 */
export function planStages(
  desired: readonly DesiredObject[],
  sighting: (object: DesiredObject) => Sighting,
  customStage: ReadonlySet<string>,
): readonly Stage[] {
  const sorted = [...desired].sort(compareForApply);
  const steps = sorted.map((object) => stepOf(object, sighting(object)));
  return STAGES.map((name) => ({
    name,
    steps: steps.filter((step) => stageOf(step.desired, customStage) === name),
  })).filter((stage) => stage.steps.length > 0);
}

function stepOf(desired: DesiredObject, { record, expected }: Sighting): Step {
  const known = record === "unknown" ? undefined : record;
  return { desired, record: known, decision: decide(desired, record, expected) };
}

function decide(
  desired: DesiredObject,
  record: LiveRecord | "unknown" | undefined,
  expected: Expected | undefined,
): Decision {
  if (desired.policies.excluded) return "skip";
  if (record === undefined) return "apply";
  if (record === "unknown") return "verify";
  if (record.live.policies.excluded) return "skip";
  if (desired.policies.ifNotPresent) return "skip";
  if (expected === undefined) return "verify";
  if (expected.digest !== desired.digest) return "apply";
  return hasDrifted(expected, record) ? "repair" : "unchanged";
}
