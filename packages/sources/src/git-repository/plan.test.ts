import type { Artifact } from "@capstan/artifacts";
import type { Condition } from "@capstan/kube";
import { describe, expect, it } from "vitest";
import type { GitRepositoryObject } from "../api/git-repository.js";
import type { Failure } from "../failure.js";
import type { Applied } from "./apply.js";
import { conclude } from "./conclude.js";
import { plan } from "./plan.js";
import type { Observation } from "./state.js";

const artifact: Artifact = {
  path: "gitrepository/default/demo/c1.tar.gz",
  url: "http://127.0.0.1:1/gitrepository/default/demo/c1.tar.gz",
  revision: "main@sha1:c1",
  digest: "sha256:d1",
  lastUpdateTime: "2026-01-02T03:04:05Z",
};

const failure: Failure = {
  condition: "FetchFailed",
  reason: "GitOperationFailed",
  message: "no",
  next: "retry",
};

function object(spec: object = {}, status: object = {}): GitRepositoryObject {
  return {
    apiVersion: "source.toolkit.fluxcd.io/v1",
    kind: "GitRepository",
    metadata: { name: "demo", namespace: "default", generation: 2 },
    spec: { url: "https://example.com/x", interval: "1m", timeout: "60s", ...spec },
    status: { artifact, ...status },
  } as GitRepositoryObject;
}

function seen(more: Partial<Observation> = {}): Observation {
  return {
    kind: "observed",
    artifact,
    lost: undefined,
    credentials: undefined,
    trusted: undefined,
    revision: artifact.revision,
    included: [],
    includeFailure: undefined,
    ...more,
  };
}

const include = [{ repository: { name: "base" } }];
const included = [{ artifact, fromPath: "", toPath: "base" }];
const verify = (mode: string) => ({ verify: { mode, secretRef: { name: "keys" } } });

describe("plan", () => {
  it.each([
    ["nothing moved", object(), seen(), "keep"],
    ["another revision", object(), seen({ revision: "main@sha1:c2" }), "fetch"],
    ["a revision that a listing cannot tell", object(), seen({ revision: undefined }), "fetch"],
    ["nothing stored", object(), seen({ artifact: undefined }), "fetch rebuild"],
    ["other ignore rules", object({ ignore: "x" }), seen(), "fetch rebuild"],
    ["the same ignore rules", object({ ignore: "x" }, { observedIgnore: "x" }), seen(), "keep"],
    ["submodules switched on", object({ recurseSubmodules: true }), seen(), "fetch rebuild"],
    ["submodules switched off", object({}, { observedRecurseSubmodules: true }), seen(), "fetch rebuild"],
    ["submodules off in another spelling", object({ recurseSubmodules: false }), seen(), "keep"],
    ["other sparse directories", object({ sparseCheckout: ["a"] }), seen(), "fetch rebuild"],
    ["no sparse directories in another spelling", object({ sparseCheckout: [] }), seen(), "keep"],
    ["an include more", object({ include }), seen({ included }), "fetch rebuild"],
    [
      "an include with another revision",
      object({ include }, { observedInclude: include, includedArtifacts: [{ ...artifact, revision: "x" }] }),
      seen({ included }),
      "fetch rebuild",
    ],
    [
      "the same include",
      object({ include }, { observedInclude: include, includedArtifacts: [artifact] }),
      seen({ included }),
      "keep",
    ],
    ["verification never done", object(verify("HEAD")), seen(), "fetch"],
    ["verification done", object(verify("HEAD"), { sourceVerificationMode: "HEAD" }), seen(), "keep"],
    [
      "verification done under its old name",
      object(verify("head"), { sourceVerificationMode: "HEAD" }),
      seen(),
      "keep",
    ],
    [
      "verification of another object",
      object(verify("Tag"), { sourceVerificationMode: "HEAD" }),
      seen(),
      "fetch",
    ],
    [
      "verification of both before",
      object(verify("Tag"), { sourceVerificationMode: "TagAndHEAD" }),
      seen(),
      "keep",
    ],
    [
      "verification of one before",
      object(verify("TagAndHEAD"), { sourceVerificationMode: "Tag" }),
      seen(),
      "fetch",
    ],
  ])("%s: %s", (_name, subject, observed, expected) => {
    const planned = plan(subject, observed);
    expect(planned.kind === "fetch" && planned.rebuild ? "fetch rebuild" : planned.kind).toBe(expected);
  });

  it("passes failures and deletion on", () => {
    expect(plan(object(), { kind: "failed", failure, lost: "missing" })).toEqual({
      kind: "fail",
      failure,
      lost: "missing",
    });
    expect(plan(object(), { kind: "deleted" })).toEqual({ kind: "remove" });
  });
});

describe("conclude", () => {
  const reasons = (applied: Applied, before: readonly Condition[] = [], spec: object = {}) => {
    const outcome = conclude(object(spec, { conditions: before }), applied);
    const conditions = outcome.status.conditions.map(
      ({ type, status, reason }) => `${type}=${status} ${reason}`,
    );
    return { kind: outcome.kind, conditions, fields: outcome.status.fields };
  };
  const trouble: Condition[] = [
    { type: "FetchFailed", status: "True", reason: "GitOperationFailed", message: "no" },
    { type: "ArtifactOutdated", status: "True", reason: "NewRevision", message: "new" },
    {
      type: "ArtifactInStorage",
      status: "True",
      reason: "Succeeded",
      message: "stored",
      observedGeneration: 1,
    },
    { type: "SourceVerified", status: "True", reason: "Succeeded", message: "verified" },
  ];

  it("clears all trouble when the artifact is stored", () => {
    const result = reasons({ kind: "kept", artifact, resyncAfterMs: 5 }, trouble);
    expect(result).toEqual({
      kind: "settled",
      conditions: ["Ready=True Succeeded", "ArtifactInStorage=True Succeeded"],
      fields: { artifact, sourceVerificationMode: undefined },
    });
  });

  it("keeps what was verified while it is asked for", () => {
    const result = reasons({ kind: "kept", artifact, resyncAfterMs: 5 }, trouble, verify("HEAD"));
    expect(result.conditions).toContain("SourceVerified=True Succeeded");
  });

  const failed = (more: object) =>
    ({
      kind: "failed",
      failure,
      retryAfterMs: 1,
      newRevision: undefined,
      lost: undefined,
      ...more,
    }) as Applied;

  it("keeps the artifact's condition through a failed fetch, and drops it with the file", () => {
    expect(reasons(failed({}), trouble.slice(2)).conditions).toEqual([
      "Ready=False GitOperationFailed",
      "ArtifactInStorage=True Succeeded",
      "FetchFailed=True GitOperationFailed",
    ]);
    const lost = reasons(failed({ lost: "missing" }), trouble.slice(2));
    expect(lost.conditions).not.toContain("ArtifactInStorage=True Succeeded");
    expect(lost.fields).toEqual({ artifact: undefined });
  });

  it("lets a storage failure speak before an outdated artifact", () => {
    const storage: Failure = {
      condition: "StorageOperationFailed",
      reason: "ArchiveOperationFailed",
      message: "full",
      next: "retry",
    };
    expect(reasons(failed({ failure: storage, newRevision: "main@sha1:c2" })).conditions).toEqual([
      "Ready=False ArchiveOperationFailed",
      "ArtifactOutdated=True NewRevision",
      "StorageOperationFailed=True ArchiveOperationFailed",
    ]);
  });

  it("is not ready with a signature that does not verify", () => {
    const bad: Failure = {
      condition: "SourceVerified",
      reason: "InvalidCommitSignature",
      message: "bad",
      next: "retry",
    };
    const result = reasons(failed({ failure: bad }), trouble.slice(2), verify("HEAD"));
    expect(result.conditions).toEqual([
      "Ready=False InvalidCommitSignature",
      "ArtifactInStorage=True Succeeded",
      "SourceVerified=False InvalidCommitSignature",
    ]);
  });

  it.each([
    ["retry", "waiting"],
    ["wait", "waiting"],
    ["stall", "stalled"],
  ])("turns %s into %s", (next, kind) => {
    expect(reasons(failed({ failure: { ...failure, next } })).kind).toBe(kind);
  });
});
