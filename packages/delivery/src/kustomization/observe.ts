import { formatKey, parseKey, type RunContext } from "@capstan/controller";
import { CelProblem } from "../health/cel.js";
import { evaluateReadyExpr, validateExpressions } from "../health/expressions.js";
import type { LiveRecord } from "../live/live-record.js";
import { subjectOf } from "../plan/object-id.js";
import { planPrune } from "../plan/prune.js";
import type { Rendered } from "../render/desired-object.js";
import type { DeliveryState } from "./delivery-state.js";
import { checkDependencies, dependencyKeys } from "./dependencies.js";
import { holdingContainers } from "./holding.js";
import { observeBuild } from "./observe-build.js";
import { observeLive, recordsOf } from "./observe-live.js";
import { takenByOthers } from "./ownership.js";
import type { Problem } from "./problem.js";
import { Kustomization } from "./resource.js";
import { deletesObjects, ownerOf } from "./run-plan.js";
import type { Seen } from "./seen.js";
import { artifactOf, type SourceArtifact, sourceRefOf } from "./source.js";
import { accountOf, targetOf } from "./target.js";

/** Reads everything that a run needs to know. Writes nothing. */
export async function observeRun(
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<Seen> {
  if (object.metadata.deletionTimestamp !== undefined) return observeDeletion(object, state, context);
  const found = findArtifact(object, state, context);
  if ("reason" in found) return { state: "blocked", problem: found };
  const blocked = await checkedDependencies(object, found, state, context);
  if (blocked !== undefined) return { state: "blocked", problem: blocked };
  const rendered = await observeBuild(object, found, state, context);
  if ("reason" in rendered) return { state: "blocked", problem: rendered };
  const encrypted = encryptedProblem(rendered, found);
  if (encrypted !== undefined) return { state: "blocked", problem: encrypted };
  const target = await targetOf(object, state, context);
  if ("reason" in target) return { state: "blocked", problem: target };
  const { sightings, stale } = await observeLive(
    object,
    rendered.objects,
    target,
    state,
    context.clock,
    context.signal,
  );
  const inventory = object.status?.inventory?.entries ?? [];
  const taken = takenByOthers(object, sightings, context.cache);
  const holding = await holdingContainers(doomedOf(object, stale), target.client, context.signal);
  return {
    state: "built",
    target,
    artifact: found,
    rendered,
    inventory,
    sightings,
    stale,
    taken,
    holding,
    startedAt: context.now,
  };
}

async function observeDeletion(
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): Promise<Seen> {
  const inventory = object.status?.inventory?.entries ?? [];
  const needed = deletesObjects(object) && inventory.length > 0;
  const target = needed ? await deletionTarget(object, state, context) : undefined;
  if (target === undefined || "reason" in target) {
    return { state: "deleting", target: undefined, inventory, records: new Map() };
  }
  const { stale } = await observeLive(object, [], target, state, context.clock, context.signal);
  const records = stale.size > 0 ? stale : await recordsOf(inventory, target, state, context.signal);
  return { state: "deleting", target, inventory, records };
}

/** Nobody can delete in the name of a service account that is gone. */
async function deletionTarget(object: Kustomization, state: DeliveryState, context: RunContext) {
  const name = accountOf(object, state);
  if (object.spec.kubeConfig === undefined && name !== undefined) {
    const ref = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      namespace: object.metadata.namespace ?? "",
      name,
    };
    if ((await context.reader.tryGet(ref, { signal: context.signal })) === undefined) return undefined;
  }
  return targetOf(object, state, context);
}

function doomedOf(object: Kustomization, stale: ReadonlyMap<string, LiveRecord>) {
  const entries = [...stale].map(([id]) => ({ id, v: "" }));
  return object.spec.prune ? planPrune(entries, ownerOf(object), (entry) => stale.get(entry.id)) : [];
}

function findArtifact(
  object: Kustomization,
  state: DeliveryState,
  context: RunContext,
): SourceArtifact | Problem {
  const invalid = validateExpressions(object);
  if (invalid !== undefined) return terminal("InvalidCELExpression", terminalMessage(invalid));
  const { settings } = state;
  const asAccount = object.spec.decryption?.serviceAccountName ?? "";
  if (asAccount !== "" && !settings.objectLevelWorkloadIdentity) {
    return terminal(
      "FeatureGateDisabled",
      "to use spec.decryption.serviceAccountName for decryption authentication please enable the ObjectLevelWorkloadIdentity feature gate in the controller",
    );
  }
  const ref = sourceRefOf(object);
  const named = `${ref.kind}/${ref.namespace}/${ref.name}`;
  if (settings.noCrossNamespaceRefs && ref.namespace !== object.metadata.namespace) {
    return terminal("AccessDenied", `can't access '${named}', cross-namespace references have been blocked`);
  }
  if (ref.kind === "ExternalArtifact" && !settings.allowExternalArtifact) {
    return terminal("AccessDenied", `can't access '${named}', ExternalArtifact feature gate is disabled`);
  }
  const source = context.cache.get(ref);
  if (source === undefined) {
    return { reason: "ArtifactFailed", message: `Source '${named}' not found`, wait: "watched" };
  }
  const message = `Source artifact not found, retrying in ${settings.dependencyRetryMs / 1000}s`;
  return artifactOf(source) ?? { reason: "ArtifactFailed", message, wait: "watched" };
}

async function checkedDependencies(
  object: Kustomization,
  artifact: SourceArtifact,
  state: DeliveryState,
  context: RunContext,
): Promise<Problem | undefined> {
  if ((object.spec.dependsOn ?? []).length === 0) return undefined;
  const find = await dependencyFinder(object, context);
  const { additiveDependencyCheck } = state.settings;
  try {
    const result = checkDependencies(
      object,
      artifact.revision,
      find,
      evaluateReadyExpr,
      additiveDependencyCheck,
    );
    if (result.state === "ready") return undefined;
    const { message } = result;
    const { revision } = artifact;
    if (result.state === "circular") {
      const event = { type: "Warning", message } as const;
      return { reason: "DependencyNotReady", message, wait: "stalled", event, revision };
    }
    const event = {
      type: "Normal",
      message: `Dependencies do not meet ready condition: ${message}`,
    } as const;
    return { reason: "DependencyNotReady", message, wait: "watched", event, revision };
  } catch (error) {
    if (!(error instanceof CelProblem)) throw error;
    return terminal("InvalidCELExpression", terminalMessage(error.message));
  }
}

/** Looks dependencies up in the cache, which holds this process's shard, and those of others in the API. */
async function dependencyFinder(object: Kustomization, { cache, reader, signal }: RunContext) {
  const informer = cache.informer<Kustomization>(Kustomization);
  const others = new Map<string, Kustomization>();
  for (const key of dependencyKeys(object)) {
    const { namespace = "", name } = parseKey(key);
    if (informer.get({ namespace, name }) !== undefined) continue;
    const { apiVersion, kind } = Kustomization;
    const found = await reader.tryGet<Kustomization>({ apiVersion, kind, namespace, name }, { signal });
    if (found !== undefined) others.set(key, found);
  }
  return (namespace: string, name: string) =>
    informer.get({ namespace, name }) ?? others.get(formatKey({ namespace, name }));
}

/** Applying what is encrypted would put the cipher text where programs look for passwords. */
function encryptedProblem(rendered: Rendered, artifact: SourceArtifact): Problem | undefined {
  const encrypted = rendered.objects.find((one) => one.encrypted);
  if (encrypted === undefined) return undefined;
  return retried(
    "ReconciliationFailed",
    `${subjectOf(encrypted)} is SOPS encrypted, configuring decryption is required for this secret to be reconciled`,
    artifact,
  );
}

function retried(reason: Problem["reason"], message: string, artifact: SourceArtifact): Problem {
  const { revision } = artifact;
  return { reason, message, wait: "retry", event: { type: "Warning", message }, revision, attempted: true };
}

function terminal(reason: Problem["reason"], message: string): Problem {
  return { reason, message, wait: "stalled", event: { type: "Warning", message } };
}

function terminalMessage(problem: string): string {
  return `Reconciliation failed terminally due to configuration error: ${problem}`;
}
