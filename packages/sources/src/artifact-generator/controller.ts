import { ArtifactError } from "@capstan/artifacts";
import {
  type Controller,
  conditionsOf,
  defineController,
  jittered,
  type Outcome,
  type RunContext,
  type Watch,
} from "@capstan/controller";
import { type Condition, getCondition, isDns1123Subdomain, type KubeObject } from "@capstan/kube";
import {
  ArtifactGenerator,
  type ArtifactGeneratorObject,
  GENERATOR_FINALIZER,
} from "../api/artifact-generator.js";
import { SOURCE_API_VERSION } from "../api/shared.js";
import { buildArtifact, type GeneratorDependencies, openSources } from "./build.js";
import { BuildFailed, Invalid } from "./build-failed.js";
import { isIntact, type MadeArtifact, ownerOf, publish, withdraw } from "./external-artifacts.js";
import { digestOfSources, type ObservedSources, observeSources, SourceMissing } from "./observe.js";
import { requestsOf } from "./path-pattern.js";

const BY_SOURCE = "source";
const HOUR_MS = 60 * 60_000;
const DEPENDENCY_RETRY_MS = 5000;
const KINDS = ["GitRepository", "OCIRepository", "Bucket", "HelmChart", "ExternalArtifact"] as const;

/** Defines the controller for ArtifactGenerator objects. */
export function artifactGeneratorController(dependencies: GeneratorDependencies): Controller {
  return defineController<ArtifactGeneratorObject["spec"], NonNullable<ArtifactGeneratorObject["status"]>>({
    name: "artifactgenerator",
    component: "source-watcher",
    for: ArtifactGenerator,
    finalizer: GENERATOR_FINALIZER,
    concurrency: dependencies.concurrency ?? 6,
    indexes: {
      [BY_SOURCE]: ({ spec, metadata }) =>
        spec.sources.map(({ kind, name, namespace = metadata.namespace }) => `${kind}/${namespace}/${name}`),
    },
    watches: KINDS.map(sourceWatch),
    suspended: (object) =>
      isDisabled(object) && getCondition(object.status?.conditions, "Ready") !== undefined,
    reconcile: (object, context) =>
      isDisabled(object) ? initialized() : reconcile(object, context, dependencies),
    finalize: async (object, context) => {
      await withdraw(object.status?.inventory ?? [], context, dependencies);
      dependencies.retries.succeeded(context.key);
      return undefined;
    },
  });
}

function isDisabled({ metadata }: ArtifactGeneratorObject): boolean {
  return metadata.annotations?.["source.extensions.fluxcd.io/reconcile"]?.toLowerCase() === "disabled";
}

async function initialized(): Promise<Outcome> {
  const message = "Initialized with reconciliation suspended";
  return { kind: "settled", status: { conditions: [readyCondition("ReconciliationDisabled", message)] } };
}

/** Wakes the generators of a source that offers another revision. */
function sourceWatch(kind: string): Watch {
  return {
    type: { apiVersion: SOURCE_API_VERSION, kind },
    optional: true,
    predicate: (event) =>
      event.type !== "deleted" &&
      revisionOf(event.object) !== undefined &&
      (event.type === "added" || revisionOf(event.object) !== revisionOf(event.previous)),
    map: ({ metadata }, cache) =>
      cache
        .byIndex<ArtifactGeneratorObject>(
          ArtifactGenerator,
          BY_SOURCE,
          `${kind}/${metadata.namespace}/${metadata.name}`,
        )
        .map((generator) => ({ namespace: generator.metadata.namespace, name: generator.metadata.name })),
  };
}

function revisionOf(object: KubeObject): string | undefined {
  const status = object["status"] as { artifact?: { revision?: string } } | null | undefined;
  return status?.artifact?.revision;
}

async function reconcile(
  object: ArtifactGeneratorObject,
  context: RunContext,
  dependencies: GeneratorDependencies,
): Promise<Outcome> {
  try {
    validate(object, dependencies.noCrossNamespaceRefs);
    const sources = await observeSources(object, context);
    const digest = digestOfSources(sources);
    if (await isCurrent(object, digest, context, dependencies)) {
      dependencies.retries.succeeded(context.key);
      return { kind: "settled", status: { conditions: lasting(object) }, resyncAfterMs: HOUR_MS };
    }
    const inventory = await make(object, sources, context, dependencies);
    const before = object.status?.inventory ?? [];
    const names = new Set(inventory.map(({ name }) => name));
    await withdraw(
      before.filter(({ name }) => !names.has(name)),
      context,
      dependencies,
    );
    announce(object, before, inventory, context);
    dependencies.retries.succeeded(context.key);
    const message = `reconciliation succeeded, generated ${inventory.length} artifact(s)`;
    return {
      kind: "settled",
      status: {
        conditions: [readyCondition("Succeeded", message)],
        fields: { inventory, observedSourcesDigest: digest },
      },
      resyncAfterMs: jittered(HOUR_MS, dependencies.intervalJitter ?? 0.05, context.random),
    };
  } catch (error) {
    context.signal.throwIfAborted();
    return failure(object, error, context, dependencies);
  }
}

/** What the declaration says wrong in itself. Throws `Invalid`. */
function validate({ spec, metadata }: ArtifactGeneratorObject, noCrossNamespaceRefs: boolean): void {
  const aliases = new Set<string>();
  for (const { alias, kind, name, namespace } of spec.sources) {
    if (aliases.has(alias)) throw new Invalid("ValidationFailed", `duplicate source alias '${alias}' found`);
    aliases.add(alias);
    if (noCrossNamespaceRefs && namespace !== undefined && namespace !== metadata.namespace) {
      throw new Invalid(
        "AccessDenied",
        `cross-namespace reference to source ${kind}/${namespace}/${name} is not allowed`,
      );
    }
  }
  const names = new Set<string>();
  for (const { name, revision } of spec.artifacts) {
    if (names.has(name)) throw new Invalid("ValidationFailed", `duplicate artifact name '${name}' found`);
    names.add(name);
    const faults = (spec.pathPattern ?? "") === "" ? isDns1123Subdomain(name) : [];
    if (faults.length > 0) {
      const text = `artifact name ${JSON.stringify(name)} is not a valid Kubernetes object name`;
      throw new Invalid("ValidationFailed", `${text}: ${faults.join("; ")}`);
    }
    const alias = revision?.slice(1);
    if (alias !== undefined && !aliases.has(alias)) {
      throw new Invalid("ValidationFailed", `artifact ${name} revision source alias '${alias}' not found`);
    }
  }
}

async function isCurrent(
  object: ArtifactGeneratorObject,
  digest: string,
  context: RunContext,
  dependencies: GeneratorDependencies,
): Promise<boolean> {
  const { spec, status, metadata } = object;
  const condition = getCondition(status?.conditions, "Ready");
  const settled = condition?.status === "True" && condition.observedGeneration === metadata.generation;
  if (!settled || status?.observedSourcesDigest !== digest) return false;
  const fixed = (spec.pathPattern ?? "") === "";
  if (fixed && status.inventory?.length !== spec.artifacts.length) return false;
  return isIntact(object, context, dependencies);
}

async function make(
  object: ArtifactGeneratorObject,
  sources: ObservedSources,
  context: RunContext,
  dependencies: GeneratorDependencies,
): Promise<readonly MadeArtifact[]> {
  const opened = await fetch(sources, context, dependencies);
  try {
    const inventory: MadeArtifact[] = [];
    for (const request of requestsOf(object.spec, opened.trees)) {
      const artifact = await buildArtifact(
        object,
        request,
        sources,
        opened.trees,
        dependencies,
        context,
      ).catch((error: unknown) => {
        if (!(error instanceof BuildFailed) && !ArtifactError.is(error)) throw error;
        throw new BuildFailed(`${request.output.name} build failed: ${error.message}`, { cause: error });
      });
      const made = await publish(object, request, artifact, context);
      await dependencies.storage.collect(ownerOf(made.namespace, made.name), artifact);
      inventory.push(made);
    }
    return inventory;
  } finally {
    opened.close();
  }
}

async function fetch(sources: ObservedSources, context: RunContext, dependencies: GeneratorDependencies) {
  try {
    return await openSources(sources, dependencies, context.signal);
  } catch (error) {
    if (!ArtifactError.is(error)) throw error;
    throw new FetchFailed(`fetch sources failed: ${error.message}`, { cause: error });
  }
}

class FetchFailed extends Error {
  override readonly name = "FetchFailed";
}

function announce(
  object: ArtifactGeneratorObject,
  before: readonly MadeArtifact[],
  made: readonly MadeArtifact[],
  context: RunContext,
): void {
  const known = new Set(before.map(({ namespace, name, digest }) => `${namespace}/${name} (${digest})`));
  const changed = made
    .map(({ namespace, name, digest }) => `${namespace}/${name} (${digest})`)
    .filter((text) => !known.has(text));
  if (changed.length === 0) return;
  context.events.normal(object, "Ready", `external artifacts reconciled: ${changed.join("\n")}`);
}

function failure(
  object: ArtifactGeneratorObject,
  error: unknown,
  context: RunContext,
  dependencies: GeneratorDependencies,
): Outcome {
  const tell = (reason: string, message: string) => {
    context.events.warning(object, reason, message);
    return { conditions: [{ type: "Ready", status: "False" as const, reason, message }] };
  };
  if (error instanceof Invalid) {
    return { kind: "stalled", status: tell(error.reason, error.message) };
  }
  if (error instanceof SourceMissing || error instanceof FetchFailed) {
    const message = error instanceof SourceMissing ? `get sources failed: ${error.message}` : error.message;
    const retryAfterMs = dependencies.dependencyRetryMs ?? DEPENDENCY_RETRY_MS;
    return { kind: "waiting", status: tell("SourceFetchFailed", message), retryAfterMs };
  }
  const reason = error instanceof BuildFailed ? "BuildFailed" : "ReconciliationFailed";
  const message = error instanceof Error ? error.message : String(error);
  const retryAfterMs = dependencies.retries.failed(context.key);
  return { kind: "waiting", status: tell(reason, message), retryAfterMs };
}

function readyCondition(reason: string, message: string): Condition {
  return { type: "Ready", status: "True", reason, message };
}

function lasting(object: ArtifactGeneratorObject): Condition[] {
  return conditionsOf(object)
    .filter(({ type }) => type === "Ready")
    .map(({ type, status, reason, message }) => ({ type, status, reason, message }));
}
