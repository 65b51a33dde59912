import type { Outcome } from "@capstan/controller";
import type { Condition } from "@capstan/kube";
import type { GitRepositoryObject } from "../api/git-repository.js";
import { changeConditions, summarizeReady } from "../conditions.js";
import type { Applied, Verified } from "./apply.js";

/** Which condition speaks first where several say the same. */
const ORDER = [
  "StorageOperationFailed",
  "FetchFailed",
  "IncludeUnavailable",
  "ArtifactOutdated",
  "ArtifactInStorage",
  "SourceVerified",
];

const TROUBLE = ["StorageOperationFailed", "FetchFailed", "IncludeUnavailable", "ArtifactOutdated"];

/** Conditions, status fields and the next look that follow from what was done. */
export function conclude(object: GitRepositoryObject, applied: Applied): Outcome {
  const before = (object.status?.conditions ?? []) as readonly Condition[];
  const others = before.filter(({ type }) => !["Ready", "Reconciling", "Stalled"].includes(type));
  switch (applied.kind) {
    case "removed":
      return { kind: "settled", status: { conditions: [] } };
    case "kept":
    case "stored":
      return concludeSuccess(object, others, applied);
    case "failed":
      return concludeFailure(object, others, applied);
  }
}

function concludeSuccess(
  object: GitRepositoryObject,
  others: readonly Condition[],
  applied: Applied & { kind: "kept" | "stored" },
): Outcome {
  const { spec } = object;
  const message = `stored artifact for revision '${applied.artifact.revision}'`;
  const stored: Condition = { type: "ArtifactInStorage", status: "True", reason: "Succeeded", message };
  const unasked = spec.verify === undefined ? ["SourceVerified"] : [];
  const conditions = changeConditions(
    others,
    [...TROUBLE, ...unasked],
    [stored, ...verifiedCondition(applied.verified)],
  ).map(currentGeneration);
  const fields: Record<string, unknown> = { artifact: applied.artifact };
  if (applied.verified !== undefined) fields["sourceVerificationMode"] = applied.verified.mode;
  if (spec.verify === undefined) fields["sourceVerificationMode"] = undefined;
  if (applied.kind === "stored") {
    fields["includedArtifacts"] = applied.included.length > 0 ? applied.included : undefined;
    fields["observedIgnore"] = spec.ignore;
    fields["observedInclude"] = spec.include;
    fields["observedRecurseSubmodules"] = spec.recurseSubmodules === true ? true : undefined;
    fields["observedSparseCheckout"] = spec.sparseCheckout;
  }
  const ready = summarizeReady(conditions, ORDER);
  return {
    kind: "settled",
    status: { conditions: [ready, ...conditions], fields },
    resyncAfterMs: applied.resyncAfterMs,
  };
}

function concludeFailure(
  object: GitRepositoryObject,
  others: readonly Condition[],
  applied: Applied & { kind: "failed" },
): Outcome {
  const { failure, newRevision } = applied;
  const { condition: type, reason, message } = failure;
  const status = type === "SourceVerified" ? "False" : "True";
  const outdated: Condition[] =
    newRevision === undefined
      ? []
      : [
          {
            type: "ArtifactOutdated",
            status: "True",
            reason: "NewRevision",
            message: `new upstream revision '${newRevision}'`,
          },
        ];
  const gone = applied.lost === undefined ? [] : ["ArtifactInStorage"];
  const unasked = object.spec.verify === undefined ? ["SourceVerified"] : [];
  const conditions = changeConditions(
    others,
    [...TROUBLE.filter((name) => name !== "ArtifactOutdated"), ...gone, ...unasked],
    [...verifiedCondition(applied.verified), ...outdated, { type, status, reason, message }],
  );
  const fields: Record<string, unknown> = {};
  if (applied.lost !== undefined) fields["artifact"] = undefined;
  if (applied.verified !== undefined) fields["sourceVerificationMode"] = applied.verified.mode;
  const change = { conditions: [summarizeReady(conditions, ORDER), ...conditions], fields };
  return failure.next === "stall"
    ? { kind: "stalled", status: change }
    : { kind: "waiting", status: change, retryAfterMs: applied.retryAfterMs };
}

function verifiedCondition(verified: Verified | undefined): Condition[] {
  if (verified === undefined) return [];
  return [{ type: "SourceVerified", status: "True", reason: "Succeeded", message: verified.message }];
}

/** The runner stamps a condition without a generation with the object's own. */
function currentGeneration({ observedGeneration: _, ...condition }: Condition): Condition {
  return condition;
}
