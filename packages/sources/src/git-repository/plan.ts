import type { Artifact } from "@capstan/artifacts";
import type { GitRepositoryObject } from "../api/git-repository.js";
import type { Failure } from "../failure.js";
import { configurationChanged, includesChanged, needsVerification, type Observation } from "./state.js";

/** What was seen: an object on its way out, an observation, or why there is none. */
export type Seen =
  | { readonly kind: "deleted" }
  | { readonly kind: "failed"; readonly failure: Failure; readonly lost: Observation["lost"] }
  | Observation;

/** What to do. */
export type Plan =
  | { readonly kind: "remove" }
  | { readonly kind: "fail"; readonly failure: Failure; readonly lost: Observation["lost"] }
  /** The stored artifact is what is asked for. */
  | { readonly kind: "keep"; readonly artifact: Artifact }
  /** Fetch; build anew unless the revision turns out to be the stored one and `rebuild` is off. */
  | { readonly kind: "fetch"; readonly seen: Observation; readonly rebuild: boolean };

/**
 * Decides what to do: nothing while the remote's revision, the configuration and the includes are those
 * the stored artifact was built from.
 */
export function plan(object: GitRepositoryObject, seen: Seen): Plan {
  if (seen.kind === "deleted") return { kind: "remove" };
  if (seen.kind === "failed") return { kind: "fail", failure: seen.failure, lost: seen.lost };
  const { artifact, includeFailure } = seen;
  const changed = configurationChanged(object) || includesChanged(object, seen.included);
  const unverified = needsVerification(object.spec, object.status);
  if (artifact === undefined || changed || unverified || seen.revision !== artifact.revision) {
    return { kind: "fetch", seen, rebuild: artifact === undefined || changed };
  }
  if (includeFailure !== undefined) return { kind: "fail", failure: includeFailure, lost: undefined };
  return { kind: "keep", artifact };
}
