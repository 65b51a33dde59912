import type { Outcome } from "@capstan/controller";
import type { GitRepositoryObject } from "../api/git-repository.js";
import { concludeFailure, concludeSuccess } from "../source/conclude.js";
import type { Applied } from "./apply.js";

/** Conditions, status fields and the next look that follow from what was done. */
export function conclude(object: GitRepositoryObject, applied: Applied): Outcome {
  if (applied.kind === "removed") return { kind: "settled", status: { conditions: [] } };
  const asked = object.spec.verify !== undefined;
  const verification = { asked, message: applied.verified?.message };
  const mode =
    applied.verified === undefined && asked ? {} : { sourceVerificationMode: applied.verified?.mode };
  if (applied.kind === "failed") {
    const fields = applied.verified === undefined ? {} : mode;
    return concludeFailure(object, { ...applied, fields, verification });
  }
  return concludeSuccess(object, {
    ...applied,
    message: `stored artifact for revision '${applied.artifact.revision}'`,
    fields: { ...mode, ...(applied.kind === "stored" ? observedFields(object, applied) : {}) },
    verification,
  });
}

/** What the artifact was built with. */
function observedFields(
  { spec }: GitRepositoryObject,
  applied: Applied & { kind: "stored" },
): Record<string, unknown> {
  return {
    includedArtifacts: applied.included.length > 0 ? applied.included : undefined,
    observedIgnore: spec.ignore,
    observedInclude: spec.include,
    observedRecurseSubmodules: spec.recurseSubmodules === true ? true : undefined,
    observedSparseCheckout: spec.sparseCheckout,
  };
}
