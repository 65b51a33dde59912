import { type Controller, defineController, type RunContext, type SetupContext } from "@capstan/controller";
import type { KubeObject } from "@capstan/kube";
import { GitRepository, type GitRepositoryObject } from "../api/git-repository.js";
import { SOURCE_FINALIZER } from "../api/shared.js";
import { type Applied, type ApplyDependencies, apply } from "./apply.js";
import { conclude } from "./conclude.js";
import { type ObserveDependencies, observe } from "./observe.js";
import { type Plan, plan, type Seen } from "./plan.js";

export interface GitRepositoryDependencies extends ApplyDependencies, ObserveDependencies {}

/** The GitRepository controller, and the door for whoever knows that a repository changed. */
export interface GitRepositoryController {
  readonly controller: Controller;
  /** Makes every GitRepository with this URL look at its remote now; gives how many there are. */
  pushed(url: string): number;
}

const BY_URL = "url";
const BY_INCLUDE = "include";

/** Defines the controller for GitRepository objects. */
export function gitRepositoryController(dependencies: GitRepositoryDependencies): GitRepositoryController {
  let setup: SetupContext | undefined;
  const controller = defineController<
    GitRepositoryObject["spec"],
    NonNullable<GitRepositoryObject["status"]>,
    Seen,
    Plan,
    Applied
  >({
    name: "gitrepository",
    component: "source-controller",
    for: GitRepository,
    finalizer: SOURCE_FINALIZER,
    concurrency: dependencies.concurrency ?? 6,
    failureReason: "GitOperationFailed",
    indexes: {
      [BY_URL]: (object) => [canonicalUrl(object.spec.url)],
      [BY_INCLUDE]: (object) =>
        (object.spec.include ?? []).map(
          ({ repository }) => `${object.metadata.namespace}/${repository.name}`,
        ),
    },
    watches: [
      {
        type: GitRepository,
        map: (object, cache) =>
          cache
            .byIndex(GitRepository, BY_INCLUDE, `${object.metadata.namespace}/${object.metadata.name}`)
            .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name })),
        predicate: (event) =>
          event.type !== "updated" || revisionOf(event.object) !== revisionOf(event.previous),
      },
    ],
    setup: (context) => {
      setup = context;
    },
    observe: (object, context) => observe(object, context, dependencies),
    plan: (object, seen) => plan(object, seen),
    apply: async (planned, context, object) => {
      if (planned.kind === "fetch") await reportProgress(object, context);
      if (
        "seen" in planned
          ? planned.seen.lost === "corrupt"
          : planned.kind === "fail" && planned.lost === "corrupt"
      ) {
        const message = "the stored artifact does not have its digest any more and was removed";
        context.events.warning(object, "ArtifactVerificationFailed", message);
      }
      const applied = await apply(planned, context, object, dependencies);
      noteOutcome(object, applied, context);
      return applied;
    },
    conclude: (object, applied) => conclude(object, applied),
  });
  return {
    controller,
    pushed: (url) => {
      const objects = setup?.cache.byIndex(GitRepository, BY_URL, canonicalUrl(url)) ?? [];
      for (const { metadata } of objects) {
        const key = { namespace: metadata.namespace, name: metadata.name };
        setup?.enqueue(key, { priority: "high" });
      }
      return objects.length;
    },
  };
}

/** Shows that a first build, or one after a change of the spec, is under way. */
async function reportProgress(object: GitRepositoryObject, context: RunContext): Promise<void> {
  const { generation } = object.metadata;
  const ready = object.status?.conditions?.find(({ type }) => type === "Ready");
  const drifted =
    ready === undefined || ready.status === "Unknown" || ready.observedGeneration !== generation;
  if (!drifted) return;
  const message = "building artifact";
  await context.report({
    conditions: [
      { type: "Reconciling", status: "True", reason: "Progressing", message },
      { type: "Ready", status: "Unknown", reason: "Progressing", message },
    ],
  });
}

function noteOutcome(object: GitRepositoryObject, applied: Applied, context: RunContext): void {
  if (applied.kind === "removed") return;
  if (applied.kind === "failed") {
    context.events.warning(object, applied.failure.reason, applied.failure.message);
    return;
  }
  const ready = object.status?.conditions?.find(({ type }) => type === "Ready");
  const { artifact } = applied;
  if (ready?.status !== "False" || object.status?.artifact?.digest !== artifact.digest) return;
  context.events.normal(object, "Succeeded", `stored artifact for revision '${artifact.revision}'`, {
    "source.toolkit.fluxcd.io/revision": artifact.revision,
    "source.toolkit.fluxcd.io/digest": artifact.digest,
  });
}

function revisionOf(object: KubeObject): string | undefined {
  return (object as GitRepositoryObject).status?.artifact?.revision;
}

/** A URL as two spellings of it have in common: no user, no `.git`, no trailing slash. */
function canonicalUrl(url: string): string {
  return url
    .replace(/^([a-z]+:\/\/)[^/@]*@/, "$1")
    .replace(/\/+$/, "")
    .replace(/\.git$/, "");
}
