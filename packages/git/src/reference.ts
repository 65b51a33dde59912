import { compareVersions, parseConstraint, satisfies, tryParseVersion } from "@capstan/kube";
import { GitError } from "./error.js";
import type { GitRef } from "./remote.js";

/** What to take from a repository. The first that is set decides: commit, name, tag, semver, branch. */
export interface GitReference {
  readonly branch?: string | undefined;
  readonly tag?: string | undefined;
  readonly semver?: string | undefined;
  /** A full name: `refs/heads/x`, `refs/pull/1/head`. */
  readonly name?: string | undefined;
  readonly commit?: string | undefined;
}

/** Which field of a reference decides, and with what. */
export type GitTarget =
  | { readonly kind: "commit"; readonly commit: string; readonly branch: string | undefined }
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "tag"; readonly tag: string }
  | { readonly kind: "semver"; readonly range: string }
  | { readonly kind: "branch"; readonly branch: string };

/** A target found among a remote's references. */
export interface GitResolution {
  /** The reference to fetch. */
  readonly ref: string;
  readonly commit: string;
  /** The tag object, where the reference is an annotated tag. */
  readonly tagObject?: string;
  /** `main@sha1:…`, `v1@sha1:…`, `refs/pull/1/head@sha1:…`. */
  readonly revision: string;
}

const OID = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

/** The field of `reference` that decides; an empty reference means branch `master`, as in Flux. */
export function targetOf(reference: GitReference | undefined): GitTarget {
  const { commit, name, tag, semver, branch } = reference ?? {};
  if (commit) return { kind: "commit", commit, branch: branch || undefined };
  if (name) return { kind: "name", name };
  if (tag) return { kind: "tag", tag };
  if (semver) return { kind: "semver", range: semver };
  return { kind: "branch", branch: branch || "master" };
}

/** The `ls-remote` patterns that are enough to resolve a target. */
export function patternsOf(target: GitTarget): string[] {
  switch (target.kind) {
    case "commit":
      return target.branch === undefined ? [] : [`refs/heads/${target.branch}`];
    case "name":
      return [target.name, `${target.name}^{}`];
    case "tag":
      return [`refs/tags/${target.tag}`, `refs/tags/${target.tag}^{}`];
    case "semver":
      return ["refs/tags/*"];
    case "branch":
      return [`refs/heads/${target.branch}`];
  }
}

/**
 * Finds a branch, tag or name among a remote's references. A range needs `selectVersionTags`; a commit is
 * not found by name. Throws `GitError`: `ref-not-found`, or `empty` where the remote has none at all and
 * `complete` says that all were listed.
 */
export function resolveTarget(
  target: GitTarget & { kind: "name" | "tag" | "branch" },
  refs: readonly GitRef[],
): GitResolution {
  const full = {
    name: () => (target.kind === "name" ? target.name : ""),
    tag: () => (target.kind === "tag" ? `refs/tags/${target.tag}` : ""),
    branch: () => (target.kind === "branch" ? `refs/heads/${target.branch}` : ""),
  }[target.kind]();
  const ref = refs.find(({ name }) => name === full);
  if (ref === undefined) throw new GitError("ref-not-found", `${describeTarget(target)} was not found`);
  return resolution(ref, target.kind === "name" ? full : full.replace(/^refs\/(heads|tags)\//, ""));
}

/** A resolution of `ref` shown as `label` in the revision. */
export function resolution(ref: GitRef, label: string): GitResolution {
  const commit = ref.peeled ?? ref.oid;
  return {
    ref: ref.name,
    commit,
    ...(ref.peeled === undefined ? {} : { tagObject: ref.oid }),
    revision: formatRevision(label, commit),
  };
}

/**
 * The tags with the highest version in `range`, short name and reference: more than one where they differ
 * in build metadata only; their tagger's or commit's time decides between them. Throws `GitError`
 * `ref-not-found` where none matches, `failed` for a malformed range.
 */
export function selectVersionTags(range: string, refs: readonly GitRef[]): { tag: string; ref: GitRef }[] {
  const constraint = parseRange(range);
  const candidates = refs
    .filter(({ name }) => name.startsWith("refs/tags/"))
    .map((ref) => ({ tag: ref.name.slice("refs/tags/".length), ref }))
    .flatMap(({ tag, ref }) => {
      const version = tryParseVersion(tag);
      return version !== undefined && satisfies(version, constraint) ? [{ tag, ref, version }] : [];
    })
    .sort((a, b) => compareVersions(b.version, a.version));
  const best = candidates[0];
  if (best === undefined) {
    const there = describeOthers({ kind: "semver", range }, refs);
    throw new GitError("ref-not-found", `no match found for semver: ${range}; ${there}`);
  }
  return candidates
    .filter(({ version }) => compareVersions(version, best.version) === 0)
    .map(({ tag, ref }) => ({ tag, ref }));
}

function parseRange(range: string): ReturnType<typeof parseConstraint> {
  try {
    return parseConstraint(range);
  } catch (error) {
    throw new GitError("failed", `semver parse error: "${range}" is not a version range`, { cause: error });
  }
}

/** `<label>@sha1:<commit>`, or `sha1:<commit>` without a label. */
export function formatRevision(label: string | undefined, commit: string): string {
  const algorithm = commit.length === 64 ? "sha256" : "sha1";
  return label === undefined ? `${algorithm}:${commit}` : `${label}@${algorithm}:${commit}`;
}

/** Whether `text` is a full object id. */
export function isObjectId(text: string): boolean {
  return OID.test(text);
}

/** A target in words: `branch "main"`. */
export function describeTarget(target: GitTarget): string {
  switch (target.kind) {
    case "commit":
      return `commit "${target.commit}"`;
    case "name":
      return `reference "${target.name}"`;
    case "tag":
      return `tag "${target.tag}"`;
    case "semver":
      return `semver "${target.range}"`;
    case "branch":
      return `branch "${target.branch}"`;
  }
}

const MAX_NAMED = 5;

/** The branches, or for a tag the tags, that a repository has instead of a target, in words. */
export function describeOthers(
  target: GitTarget & { kind: "tag" | "semver" },
  refs: readonly GitRef[],
): string;
export function describeOthers(target: GitTarget, refs: readonly GitRef[]): string | undefined;
export function describeOthers(target: GitTarget, refs: readonly GitRef[]): string | undefined {
  if (target.kind === "name" || target.kind === "commit") return undefined;
  const tags = target.kind !== "branch";
  const prefix = tags ? "refs/tags/" : "refs/heads/";
  const [one, many] = tags ? ["tag", "tags"] : ["branch", "branches"];
  const names = refs.flatMap(({ name }) =>
    name.startsWith(prefix) ? [`"${name.slice(prefix.length)}"`] : [],
  );
  if (names.length === 0) return `the repository has no ${one}`;
  // The last tags of a listing are mostly the newest.
  const shown = tags ? names.slice(-MAX_NAMED) : names.slice(0, MAX_NAMED);
  const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
  return `the repository has the ${names.length === 1 ? one : many} ${shown.join(", ")}${more}`;
}
