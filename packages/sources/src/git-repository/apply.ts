import {
  type Artifact,
  ArtifactError,
  type ArtifactReader,
  cleanPath,
  composeTree,
  DEFAULT_TREE_LIMITS,
  type IgnoreRules,
  loadIgnoreRules,
  type OpenArtifact,
  readDirectoryTree,
  resolveInside,
  type TreeEntry,
  type TreeLimits,
} from "@capstan/artifacts";
import { jittered, type RunContext } from "@capstan/controller";
import { type GitCheckout, type GitClient, GitError } from "@capstan/git";
import { formatTime, parseDuration } from "@capstan/kube";
import type { GitRepositoryObject } from "../api/git-repository.js";
import { type Failure, failureOf, SourceFailed } from "../failure.js";
import type { Outdated } from "../source/conclude.js";
import {
  collect,
  pauseAfter,
  type SourceDependencies,
  storageFailure,
  tellRemoved,
  tellUpToDate,
} from "../source/reconcile.js";
import { gitFailure } from "./credentials.js";
import { ownerOf, timeoutOf } from "./observe.js";
import type { Plan } from "./plan.js";
import { type Included, includesChanged, type Observation, type VerificationMode } from "./state.js";
import { refuseEscapingLinks } from "./symlinks.js";
import { verifyCheckout } from "./verification.js";

export interface ApplyDependencies extends SourceDependencies {
  readonly git: GitClient;
  /** Opens included artifacts. */
  readonly reader: ArtifactReader;
}

/** What was done. */
export type Applied =
  | { readonly kind: "removed" }
  | {
      readonly kind: "kept";
      readonly artifact: Artifact;
      readonly resyncAfterMs: number;
      readonly verified?: Verified;
    }
  | {
      readonly kind: "stored";
      readonly artifact: Artifact;
      readonly included: readonly Artifact[];
      readonly verified?: Verified;
      readonly resyncAfterMs: number;
    }
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      readonly retryAfterMs: number;
      /** The revision at the remote that is not stored. */
      readonly newRevision: string | undefined;
      /** Why what is stored is outdated, where that is not the revision. */
      readonly outdated?: Outdated;
      readonly lost: Observation["lost"];
      readonly verified?: Verified;
    };

export interface Verified {
  readonly mode: VerificationMode;
  readonly message: string;
}

/** Names the cache of an object's repository. */
function cacheKeyOf(object: GitRepositoryObject): string {
  const { namespace = "", name, uid = "" } = object.metadata;
  return `gitrepository/${namespace}/${name}/${uid}`;
}

/** Carries a plan out: fetches, verifies, packs, stores, collects. Safe to repeat. */
export async function apply(
  plan: Plan,
  context: RunContext,
  object: GitRepositoryObject,
  dependencies: ApplyDependencies,
): Promise<Applied> {
  const { storage, git, retries } = dependencies;
  switch (plan.kind) {
    case "remove":
      await storage.removeAll(ownerOf(object));
      await git.forget(cacheKeyOf(object));
      tellRemoved(object, context);
      retries.succeeded(context.key);
      return { kind: "removed" };
    case "fail":
      return failed(plan.failure, plan.lost, undefined, context, dependencies);
    case "keep":
      return kept(plan.artifact, undefined, context, object, dependencies);
    case "fetch":
      return fetch(plan, context, object, dependencies);
  }
}

async function kept(
  artifact: Artifact,
  verified: Verified | undefined,
  context: RunContext,
  object: GitRepositoryObject,
  dependencies: ApplyDependencies,
): Promise<Applied> {
  tellUpToDate(object, artifact, context);
  await collect(object, ownerOf(object), artifact, context, dependencies.storage);
  dependencies.retries.succeeded(context.key);
  const resyncAfterMs = nextLook(object, context, dependencies);
  return { kind: "kept", artifact, resyncAfterMs, ...(verified === undefined ? {} : { verified }) };
}

async function fetch(
  plan: Plan & { kind: "fetch" },
  context: RunContext,
  object: GitRepositoryObject,
  dependencies: ApplyDependencies,
): Promise<Applied> {
  const { seen } = plan;
  let newRevision: string | undefined;
  let verified: Verified | undefined;
  let checkout: GitCheckout | undefined;
  try {
    checkout = await openCheckout(object, seen, context, dependencies.git);
    const { revision } = checkout;
    verified = await verifyCheckout(object, checkout, seen.trusted, context.now);
    if (revision !== seen.artifact?.revision) newRevision = revision;
    if (seen.includeFailure !== undefined) throw new SourceFailed(seen.includeFailure);
    if (newRevision === undefined && !plan.rebuild && seen.artifact !== undefined) {
      return await kept(seen.artifact, verified, context, object, dependencies);
    }
    const artifact = await store(object, checkout, seen, context, dependencies);
    announce(object, checkout, artifact, context);
    await collect(object, ownerOf(object), artifact, context, dependencies.storage);
    dependencies.retries.succeeded(context.key);
    const resyncAfterMs = nextLook(object, context, dependencies);
    const included = seen.included.map((include) => include.artifact);
    return {
      kind: "stored",
      artifact,
      included,
      resyncAfterMs,
      ...(verified === undefined ? {} : { verified }),
    };
  } catch (error) {
    context.signal.throwIfAborted();
    const result = {
      ...failed(failureOf(error), seen.lost, newRevision, context, dependencies),
      ...(newRevision === undefined ? includeChange(object, seen) : {}),
    };
    return verified === undefined ? result : { ...result, verified };
  } finally {
    checkout?.close();
  }
}

/** What is stored was built from other included artifacts than there are now. */
function includeChange(
  object: GitRepositoryObject,
  { artifact, included, includeFailure }: Observation,
): { newRevision?: string; outdated?: Outdated } {
  if (artifact === undefined || includeFailure !== undefined || !includesChanged(object, included)) return {};
  const message = "included artifacts differ from last observed includes";
  return { newRevision: artifact.revision, outdated: { reason: "IncludeChange", message } };
}

async function openCheckout(
  object: GitRepositoryObject,
  seen: Observation,
  context: RunContext,
  git: GitClient,
): Promise<GitCheckout> {
  const { spec } = object;
  try {
    return await git.checkout({
      url: spec.url,
      key: cacheKeyOf(object),
      ...(spec.ref === undefined ? {} : { reference: spec.ref }),
      ...(seen.credentials === undefined ? {} : { credentials: seen.credentials }),
      recurseSubmodules: spec.recurseSubmodules ?? false,
      sparse: spec.sparseCheckout ?? [],
      signal: context.signal,
      timeoutMs: timeoutOf(spec),
    });
  } catch (error) {
    context.signal.throwIfAborted();
    throw gitFailure(error, spec, seen.credentials);
  }
}

async function store(
  object: GitRepositoryObject,
  checkout: GitCheckout,
  { included, credentials }: Observation,
  context: RunContext,
  dependencies: ApplyDependencies,
): Promise<Artifact> {
  const opened: OpenArtifact[] = [];
  try {
    const layers: (readonly TreeEntry[])[] = [checkout.entries];
    for (const include of included) {
      const source = await dependencies.reader.open(include.artifact, context.signal);
      opened.push(source);
      layers.push(await includedEntries(include, source.directory, dependencies.limits));
    }
    const tree = composeTree(layers, dependencies.limits ?? DEFAULT_TREE_LIMITS);
    const ignore = await ignoreRulesOf(tree, object.spec.ignore);
    await refuseEscapingLinks(checkout.symlinks, ignore);
    return await dependencies.storage.putTree(
      {
        owner: ownerOf(object),
        file: `${checkout.commit.oid}.tar.gz`,
        revision: checkout.revision,
        metadata: provenance(checkout),
      },
      tree,
      { ignore, signal: context.signal },
    );
  } catch (error) {
    context.signal.throwIfAborted();
    // Reading the commit's files is part of storing them.
    throw GitError.is(error) ? gitFailure(error, object.spec, credentials) : storageFailure(error);
  } finally {
    for (const source of opened) source.close();
  }
}

async function includedEntries(
  include: Included,
  directory: string,
  limits: TreeLimits = DEFAULT_TREE_LIMITS,
): Promise<TreeEntry[]> {
  const { fromPath, toPath } = include;
  const failing = (reason: "IllegalPath" | "CopyFailure", error: unknown) =>
    new SourceFailed(
      {
        condition: "StorageOperationFailed",
        reason,
        message: `failed to include content from '${fromPath}' to '${toPath}': ${messageOf(error)}`,
        next: "retry",
      },
      { cause: error },
    );
  try {
    const target = cleanPath(toPath.replace(/^\/+/, ""));
    const source = await resolveInside(directory, cleanPath(fromPath.replace(/^\/+/, "")));
    const entries = await readDirectoryTree(source, limits);
    const prefix = target === "" ? "" : `${target}/`;
    return entries.map((entry) => ({ ...entry, path: `${prefix}${entry.path}` }));
  } catch (error) {
    throw failing(ArtifactError.is(error, "unsafe-path") ? "IllegalPath" : "CopyFailure", error);
  }
}

async function ignoreRulesOf(tree: readonly TreeEntry[], extra: string | undefined): Promise<IgnoreRules> {
  try {
    return await loadIgnoreRules(tree, extra);
  } catch (error) {
    if (!ArtifactError.is(error)) throw error;
    const message = `failed to load source ignore patterns from repository: ${error.message}`;
    throw new SourceFailed({
      condition: "StorageOperationFailed",
      reason: "SourceIgnoreError",
      message,
      next: "retry",
    });
  }
}

/** What `trace` shows of the commit behind an artifact. */
function provenance({ commit }: GitCheckout): Record<string, string> {
  const { author, committer, message } = commit;
  return {
    "capstan.dev/author": `${author.name} <${author.email}>`,
    "capstan.dev/committed-at": formatTime(committer.time),
    "capstan.dev/subject": shorten(firstLine(message), 200),
  };
}

function announce(
  object: GitRepositoryObject,
  checkout: GitCheckout,
  artifact: Artifact,
  context: RunContext,
): void {
  if (object.status?.artifact?.digest === artifact.digest) return;
  const subject = shorten(firstLine(checkout.commit.message), 50);
  context.events.normal(object, "NewArtifact", `stored artifact for commit '${subject}'`, {
    "source.toolkit.fluxcd.io/revision": artifact.revision,
    "source.toolkit.fluxcd.io/digest": artifact.digest,
  });
}

function failed(
  failure: Failure,
  lost: Observation["lost"],
  newRevision: string | undefined,
  context: RunContext,
  dependencies: ApplyDependencies,
): Applied & { kind: "failed" } {
  const retryAfterMs = pauseAfter(failure, context, dependencies);
  return { kind: "failed", failure, retryAfterMs, newRevision, lost };
}

function nextLook(object: GitRepositoryObject, context: RunContext, dependencies: ApplyDependencies): number {
  return jittered(parseDuration(object.spec.interval), dependencies.intervalJitter ?? 0.05, context.random);
}

function firstLine(text: string): string {
  return text.trimStart().split("\n", 1)[0] ?? "";
}

function shorten(text: string, length: number): string {
  const characters = Array.from(text);
  return characters.length <= length ? text : `${characters.slice(0, length - 3).join("")}...`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
