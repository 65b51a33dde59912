import {
  type Artifact,
  ArtifactError,
  type ArtifactOwner,
  type ArtifactStore,
  type TreeLimits,
} from "@capstan/artifacts";
import {
  type Controller,
  defineController,
  hasFinalizer,
  jittered,
  type Outcome,
  RECONCILE_REQUEST,
  type Resource,
  type ResourceObject,
  type RunContext,
  removeFinalizer,
  type Watch,
} from "@capstan/controller";
import { type KubeObject, parseDuration } from "@capstan/kube";
import { SOURCE_FINALIZER } from "../api/shared.js";
import { type Failure, failureOf, SourceFailed } from "../failure.js";
import type { Retries } from "../retries.js";
import { concludeFailure, concludeSuccess, type Outdated, type Verification } from "./conclude.js";

/** What every source controller works with. */
export interface SourceDependencies {
  readonly storage: ArtifactStore;
  readonly retries: Retries;
  readonly limits?: TreeLimits;
  /** Share of the interval by which it is spread; 0.05 where left out. */
  readonly intervalJitter?: number;
  /** Pause before something that is waited for is looked at again; 30 s where left out. */
  readonly dependencyRetryMs?: number;
  /** Objects of a kind that are worked on at a time; 6 where left out, as runs mostly wait. */
  readonly concurrency?: number;
}

/** One run over one object, as a driver sees it. */
export interface SourceRun<T extends KubeObject> {
  readonly object: T;
  /** The artifact that status names, as long as its file is there and whole. */
  readonly artifact: Artifact | undefined;
  readonly owner: ArtifactOwner;
  readonly context: RunContext;
  /** Aborts with the run, and when `spec.timeout` has passed. */
  readonly signal: AbortSignal;
  /** To be set once the origin's revision is known, so that a failure after it can name it. */
  revision: string | undefined;
  /** To be set to what was verified, in words. */
  verified: string | undefined;
  /** Fields of status to write however the run ends; `undefined` removes one. */
  readonly fields: Record<string, unknown>;
  /** What to say of `revision` while it is not stored; where left out, that it is a new upstream one. */
  outdated: Outdated | undefined;
}

/** What a driver did. */
export type Fetched = {
  readonly artifact: Artifact;
  /** What `Ready` says, where the driver's `readyMessage` does not know. */
  readonly message?: string;
  /** The reason of `Ready` and of events, where it is no common one. */
  readonly reason?: string;
} & (
  | {
      /** The stored artifact is what the origin has. */
      readonly kind: "current";
    }
  | {
      readonly kind: "stored";
      /** What the event of a new artifact says. */
      readonly event: string;
      readonly fields?: Readonly<Record<string, unknown>>;
    }
);

/** What one kind of source does beyond what all of them do. Expected failures are `SourceFailed`. */
export interface SourceDriver<Spec, Status> {
  readonly resource: Resource<Spec, Status>;
  /** Name of the link to the newest file. */
  readonly latest: string;
  readonly fetch: (run: SourceRun<ResourceObject<Spec, Status>>) => Promise<Fetched>;
  readonly readyMessage: (artifact: Artifact) => string;
  /** Objects that there is nothing to look at for: what an earlier form of them stored is removed. */
  readonly isStatic?: (object: ResourceObject<Spec, Status>) => boolean;
  readonly asksVerification?: (object: ResourceObject<Spec, Status>) => boolean;
  /** Bound on a run; `spec.timeout`, or 60s, where left out. */
  readonly timeout?: (object: ResourceObject<Spec, Status>) => string;
  /** What a deadline that passed is called. */
  readonly timeoutFailure: (timeout: string) => Failure;
  /** Other kinds whose changes concern objects of this one, and the indexes to find those. */
  readonly watches?: readonly Watch[];
  readonly indexes?: Readonly<Record<string, (object: ResourceObject<Spec, Status>) => readonly string[]>>;
}

interface CommonSpec {
  readonly suspend?: boolean | undefined;
  readonly interval?: string | undefined;
  readonly timeout?: string | undefined;
}

/** A controller for a kind of source. */
export function sourceController<Spec extends CommonSpec, Status>(
  driver: SourceDriver<Spec, Status>,
  dependencies: SourceDependencies,
): Controller {
  return defineController<Spec, Status>({
    name: driver.resource.kind.toLowerCase(),
    component: "source-controller",
    for: driver.resource,
    finalizer: SOURCE_FINALIZER,
    ...(driver.watches === undefined ? {} : { watches: driver.watches }),
    ...(driver.indexes === undefined ? {} : { indexes: driver.indexes }),
    concurrency: dependencies.concurrency ?? 6,
    suspended: (object) => object.spec.suspend === true || isLeftAlone(driver, object),
    reconcile: (object, context) =>
      driver.isStatic?.(object) === true
        ? clear(driver, object, context, dependencies)
        : reconcile(driver, object, context, dependencies),
    finalize: async (object, context) => {
      await dependencies.storage.removeAll(ownerOf(driver, object));
      tellRemoved(object, context);
      dependencies.retries.succeeded(context.key);
      return undefined;
    },
  });
}

function isLeftAlone<Spec, Status>(
  driver: SourceDriver<Spec, Status>,
  object: ResourceObject<Spec, Status>,
): boolean {
  return driver.isStatic?.(object) === true && !hasFinalizer(object, SOURCE_FINALIZER);
}

/** Takes back what an object got while it was not static: storage, status, finalizer. */
async function clear<Spec, Status>(
  driver: SourceDriver<Spec, Status>,
  object: ResourceObject<Spec, Status>,
  context: RunContext,
  dependencies: SourceDependencies,
): Promise<Outcome> {
  await dependencies.storage.removeAll(ownerOf(driver, object));
  const options = { fieldManager: "source-controller", signal: context.signal };
  await removeFinalizer(context.client, object, SOURCE_FINALIZER, options);
  return { kind: "settled", status: { conditions: [], fields: { artifact: undefined, url: undefined } } };
}

async function reconcile<Spec extends CommonSpec, Status>(
  driver: SourceDriver<Spec, Status>,
  object: ResourceObject<Spec, Status>,
  context: RunContext,
  dependencies: SourceDependencies,
): Promise<Outcome> {
  const owner = ownerOf(driver, object);
  const { artifact, lost } = await storedArtifact(object, dependencies.storage);
  if (lost === "corrupt") {
    const message = "the stored artifact does not have its digest any more and was removed";
    context.events.warning(object, "ArtifactVerificationFailed", message);
  }
  const timeout = deadline(
    driver.timeout?.(object) ?? object.spec.timeout ?? "60s",
    context,
    driver.timeoutFailure,
  );
  const run: SourceRun<ResourceObject<Spec, Status>> = {
    object,
    artifact,
    owner,
    context,
    signal: timeout.signal,
    revision: undefined,
    verified: undefined,
    fields: {},
    outdated: undefined,
  };
  const verification = (): Verification => ({
    asked: driver.asksVerification?.(object) ?? false,
    message: run.verified,
  });
  try {
    const fetched = await driver.fetch(run);
    const message = fetched.message ?? driver.readyMessage(fetched.artifact);
    announce(object, fetched, context, message);
    if (fetched.kind === "current") tellUpToDate(object, fetched.artifact, context);
    await collect(object, owner, fetched.artifact, context, dependencies.storage);
    dependencies.retries.succeeded(context.key);
    const { interval = "1m" } = object.spec;
    return concludeSuccess(object, {
      artifact: fetched.artifact,
      message,
      reason: fetched.reason,
      fields: {
        ...run.fields,
        url: dependencies.storage.urlOf(`${owner.kind}/${owner.namespace}/${owner.name}/${driver.latest}`),
        ...(fetched.kind === "stored" ? fetched.fields : {}),
      },
      resyncAfterMs: jittered(parseDuration(interval), dependencies.intervalJitter ?? 0.05, context.random),
      verification: verification(),
    });
  } catch (error) {
    context.signal.throwIfAborted();
    const failure = failureOf(timeout.signal.aborted ? timeout.signal.reason : error);
    if (failure.next !== "wait") context.events.warning(object, failure.reason, failure.message);
    const retryAfterMs = pauseAfter(failure, context, dependencies);
    return concludeFailure(object, {
      failure,
      retryAfterMs,
      newRevision: run.revision === artifact?.revision ? undefined : run.revision,
      outdated: run.outdated,
      lost,
      fields: run.fields,
      verification: verification(),
    });
  } finally {
    timeout.cancel();
  }
}

function ownerOf<Spec, Status>(driver: SourceDriver<Spec, Status>, object: KubeObject): ArtifactOwner {
  const { namespace = "default", name } = object.metadata;
  return { kind: driver.resource.kind.toLowerCase(), namespace, name };
}

/** The artifact of status while its file is whole, with its address as it is now; or why it is lost. */
export async function storedArtifact(
  object: KubeObject,
  storage: ArtifactStore,
): Promise<{ artifact: Artifact | undefined; lost: "missing" | "corrupt" | undefined }> {
  const status = object["status"] as { artifact?: Artifact } | null | undefined;
  const artifact = status?.artifact;
  if (artifact === undefined) return { artifact: undefined, lost: undefined };
  const found = await storage.verify(artifact);
  if (found !== "present") return { artifact: undefined, lost: found };
  return { artifact: { ...artifact, url: storage.urlOf(artifact.path) }, lost: undefined };
}

/** The failure of storing a tree or a file; what is no failure of the storage is thrown on. */
export function storageFailure(error: unknown): SourceFailed {
  if (error instanceof SourceFailed) return error;
  if (!ArtifactError.is(error)) throw error;
  return new SourceFailed(
    {
      condition: "StorageOperationFailed",
      reason: "ArchiveOperationFailed",
      message: `unable to archive artifact to storage: ${error.message}`,
      next: "retry",
    },
    { cause: error },
  );
}

/** Removes old files of an owner; what goes wrong with that is an event, as the artifact is stored. */
export async function collect(
  object: KubeObject,
  owner: ArtifactOwner,
  artifact: Artifact,
  context: RunContext,
  storage: ArtifactStore,
): Promise<void> {
  try {
    const removed = await storage.collect(owner, artifact);
    if (removed > 0) {
      context.events.trace(object, "GarbageCollectionSucceeded", `garbage collected ${removed} artifacts`);
    }
  } catch (error) {
    if (!ArtifactError.is(error)) throw error;
    context.events.warning(object, "GarbageCollectionFailed", error.message);
  }
}

/** Tells that nothing is stored any more of an object on its way out. */
export function tellRemoved(object: KubeObject, context: RunContext): void {
  const message = "garbage collected artifacts for deleted resource";
  context.events.trace(object, "GarbageCollectionSucceeded", message);
}

/**
 * Tells that a look at the origin found what is stored: to who asked for that look. One at every interval
 * would be a write each.
 */
export function tellUpToDate(object: KubeObject, artifact: Artifact, context: RunContext): void {
  const asked = object.metadata.annotations?.[RECONCILE_REQUEST];
  const status = object["status"] as { lastHandledReconcileAt?: string } | null | undefined;
  if (asked === undefined || asked === status?.lastHandledReconcileAt) return;
  const message = `artifact up-to-date with remote revision: '${artifact.revision}'`;
  context.events.trace(object, "ArtifactUpToDate", message);
}

/** How long to wait after a failure, in milliseconds. */
export function pauseAfter(failure: Failure, context: RunContext, dependencies: SourceDependencies): number {
  if (failure.next === "wait") return dependencies.dependencyRetryMs ?? 30_000;
  return failure.next === "retry" ? dependencies.retries.failed(context.key) : 0;
}

function announce(object: KubeObject, fetched: Fetched, context: RunContext, message: string): void {
  const status = object["status"] as
    | { artifact?: Artifact; conditions?: { type: string; status: string }[] }
    | null
    | undefined;
  const { artifact } = fetched;
  const metadata = {
    "source.toolkit.fluxcd.io/revision": artifact.revision,
    "source.toolkit.fluxcd.io/digest": artifact.digest,
  };
  const recovered = status?.conditions?.some(
    ({ type, status: value }) => type === "Ready" && value === "False",
  );
  if (status?.artifact?.digest !== artifact.digest && fetched.kind === "stored") {
    context.events.normal(object, fetched.reason ?? "NewArtifact", fetched.event, metadata);
  } else if (recovered === true) {
    context.events.normal(object, fetched.reason ?? "Succeeded", message, metadata);
  }
}

function deadline(
  timeout: string,
  context: RunContext,
  failure: (timeout: string) => Failure,
): { signal: AbortSignal; cancel: () => void } {
  const controller = new AbortController();
  const cancel = context.clock.after(parseDuration(timeout), () =>
    controller.abort(new SourceFailed(failure(timeout))),
  );
  return { signal: AbortSignal.any([context.signal, controller.signal]), cancel };
}
