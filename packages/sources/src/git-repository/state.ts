import type { Artifact } from "@capstan/artifacts";
import type { GitCredentials } from "@capstan/git";
import { deepEqual } from "@capstan/kube";
import type { GitRepositoryObject, GitRepositorySpec, GitRepositoryStatus } from "../api/git-repository.js";
import type { Failure } from "../failure.js";

export type VerificationMode = "HEAD" | "Tag" | "TagAndHEAD";

/** The artifact of another GitRepository that is to be included. */
export interface Included {
  readonly artifact: Artifact;
  readonly fromPath: string;
  readonly toPath: string;
}

/** What is known before anything is fetched. */
export interface Observation {
  readonly kind: "observed";
  /** The artifact that status names, as long as its file is there and whole. */
  readonly artifact: Artifact | undefined;
  /** Why the artifact of status is gone, where it is. */
  readonly lost: "missing" | "corrupt" | undefined;
  readonly credentials: GitCredentials | undefined;
  readonly trusted: TrustedKeys | undefined;
  /** The revision at the remote, where a listing could say. */
  readonly revision: string | undefined;
  readonly included: readonly Included[];
  /** Why an include cannot be had; fetching goes on, as it may reveal more. */
  readonly includeFailure: Failure | undefined;
}

/** Public keys, by format. */
export interface TrustedKeys {
  readonly ssh: readonly string[];
  readonly openpgp: readonly string[];
}

/** The mode to verify in, `head` read as `HEAD`; `undefined` where nothing is verified. */
export function verificationMode(spec: GitRepositorySpec): VerificationMode | undefined {
  const mode = spec.verify?.mode;
  return mode === "head" ? "HEAD" : mode;
}

/** Whether what was verified for `status` does not cover what `spec` asks for. */
export function needsVerification(spec: GitRepositorySpec, status: GitRepositoryStatus | undefined): boolean {
  const wanted = verificationMode(spec);
  if (wanted === undefined) return false;
  const done = status?.sourceVerificationMode;
  return done !== wanted && done !== "TagAndHEAD";
}

/** Whether the stored artifact was built with another configuration than `spec` asks for. */
export function configurationChanged(object: GitRepositoryObject): boolean {
  const { spec, status } = object;
  return !(
    (spec.ignore ?? undefined) === (status?.observedIgnore ?? undefined) &&
    (spec.recurseSubmodules ?? false) === (status?.observedRecurseSubmodules ?? false) &&
    deepEqual(spec.include ?? [], status?.observedInclude ?? []) &&
    deepEqual(spec.sparseCheckout ?? [], status?.observedSparseCheckout ?? [])
  );
}

/** Whether the includes have other content than the stored artifact was built with. */
export function includesChanged(object: GitRepositoryObject, included: readonly Included[]): boolean {
  const before = object.status?.includedArtifacts ?? [];
  return (
    before.length !== included.length ||
    included.some(({ artifact }, index) => {
      const old = before[index];
      return old?.revision !== artifact.revision || old.digest !== artifact.digest;
    })
  );
}
