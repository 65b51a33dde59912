import type { Artifact } from "@capstan/artifacts";
import { conditionsOf, type Outcome } from "@capstan/controller";
import type { Condition, KubeObject } from "@capstan/kube";
import { changeConditions, summarizeReady } from "../conditions.js";
import type { Failure } from "../failure.js";

/** Which condition speaks first where several say the same. */
const ORDER = [
  "StorageOperationFailed",
  "FetchFailed",
  "IncludeUnavailable",
  "BuildFailed",
  "ArtifactOutdated",
  "ArtifactInStorage",
  "SourceVerified",
];

const TROUBLE = [
  "StorageOperationFailed",
  "FetchFailed",
  "IncludeUnavailable",
  "BuildFailed",
  "ArtifactOutdated",
];

/** A run that ended with the artifact that is asked for in storage. */
export interface Success {
  readonly artifact: Artifact;
  /** What `Ready` and `ArtifactInStorage` say. */
  readonly message: string;
  /** What they give as their reason; `Succeeded` where left out. */
  readonly reason?: string | undefined;
  /** Fields of status beside the artifact; `undefined` removes one. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly resyncAfterMs: number;
  readonly verification: Verification;
}

/** Reason and message of `ArtifactOutdated`. */
export interface Outdated {
  readonly reason: string;
  readonly message: string;
}

/** A run that did not. */
export interface Failed {
  readonly failure: Failure;
  readonly retryAfterMs: number;
  /** The revision at the origin that is not stored. */
  readonly newRevision: string | undefined;
  /** What to say of it; where left out, that it is a new upstream revision. */
  readonly outdated?: Outdated | undefined;
  /** Why the artifact of status is gone, where it is. */
  readonly lost: "missing" | "corrupt" | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly verification: Verification;
}

export interface Verification {
  /** Whether the spec asks for signatures. */
  readonly asked: boolean;
  /** What this run verified, in words; what was verified before stands where left out. */
  readonly message: string | undefined;
}

/** The outcome of a run that succeeded. */
export function concludeSuccess(object: KubeObject, success: Success): Outcome {
  const { artifact, message, reason = "Succeeded", fields, resyncAfterMs, verification } = success;
  const stored: Condition = { type: "ArtifactInStorage", status: "True", reason, message };
  const conditions = changeConditions(
    lastingConditions(object),
    [...TROUBLE, ...unasked(verification)],
    [stored, ...verified(verification)],
  ).map(currentGeneration);
  const ready = summarizeReady(conditions, ORDER);
  return {
    kind: "settled",
    status: { conditions: [ready, ...conditions], fields: { artifact, ...fields } },
    resyncAfterMs,
  };
}

/** The outcome of a run that failed; the stored artifact stays advertised unless it is lost. */
export function concludeFailure(object: KubeObject, failed: Failed): Outcome {
  const { failure, newRevision, lost, verification } = failed;
  const { condition: type, reason, message } = failure;
  const outdated: Condition[] =
    newRevision === undefined
      ? []
      : [{ type: "ArtifactOutdated", status: "True", ...(failed.outdated ?? newUpstream(newRevision)) }];
  const conditions = changeConditions(
    lastingConditions(object),
    [
      ...TROUBLE.filter((name) => name !== "ArtifactOutdated"),
      ...(lost === undefined ? [] : ["ArtifactInStorage"]),
      ...unasked(verification),
    ],
    [
      ...verified(verification),
      ...outdated,
      ...unverified(failure),
      { type, status: type === "SourceVerified" ? "False" : "True", reason, message },
    ],
  );
  const fields = { ...failed.fields, ...(lost === undefined ? {} : { artifact: undefined }) };
  const status = { conditions: [summarizeReady(conditions, ORDER), ...conditions], fields };
  return failure.next === "stall"
    ? { kind: "stalled", status }
    : { kind: "waiting", status, retryAfterMs: failed.retryAfterMs };
}

function lastingConditions(object: KubeObject): readonly Condition[] {
  return conditionsOf(object).filter(({ type }) => !["Ready", "Reconciling", "Stalled"].includes(type));
}

function unasked(verification: Verification): string[] {
  return verification.asked ? [] : ["SourceVerified"];
}

function newUpstream(revision: string): Outdated {
  return { reason: "NewRevision", message: `new upstream revision '${revision}'` };
}

/** A build that failed for its signature says so in both conditions. */
function unverified({ reason, message }: Failure): Condition[] {
  return reason === "ChartVerificationError"
    ? [{ type: "SourceVerified", status: "False", reason: "VerificationError", message }]
    : [];
}

function verified({ message }: Verification): Condition[] {
  return message === undefined
    ? []
    : [{ type: "SourceVerified", status: "True", reason: "Succeeded", message }];
}

/** The runner stamps a condition without a generation with the object's own. */
function currentGeneration({ observedGeneration: _, ...condition }: Condition): Condition {
  return condition;
}
