import { type Artifact, type ArtifactOwner, artifactPath } from "@capstan/artifacts";
import type { RunContext } from "@capstan/controller";
import { deepEqual, formatTime, getCondition, type KubeObject } from "@capstan/kube";
import type { ArtifactGeneratorObject } from "../api/artifact-generator.js";
import { ExternalArtifact, type ExternalArtifactObject } from "../api/external-artifact.js";
import type { SourceDependencies } from "../source/reconcile.js";
import type { ArtifactRequest } from "./path-pattern.js";

/** An entry of a generator's inventory. */
export interface MadeArtifact {
  readonly digest: string;
  readonly filename: string;
  readonly name: string;
  readonly namespace: string;
}

const MANAGER = "source-watcher";
const MANAGED_BY = "app.kubernetes.io/managed-by";
const GENERATOR = "source.extensions.fluxcd.io/generator";

/** Whose files an artifact of a generator are. */
export function ownerOf(namespace: string, name: string): ArtifactOwner {
  return { kind: "externalartifact", namespace, name };
}

/** Applies the ExternalArtifact for what was made, and says in its status where it is. */
export async function publish(
  generator: ArtifactGeneratorObject,
  { output, labels }: ArtifactRequest,
  artifact: Artifact,
  context: RunContext,
): Promise<MadeArtifact> {
  const { namespace = "default", name: generatorName, uid = "" } = generator.metadata;
  const { commonMetadata } = generator.spec;
  const { apiVersion, kind } = ExternalArtifact;
  const { signal } = context;
  const annotations = commonMetadata?.annotations;
  const applied = await context.client.apply<ExternalArtifactObject>(
    {
      apiVersion,
      kind,
      metadata: {
        name: output.name,
        namespace,
        labels: { ...commonMetadata?.labels, ...labels, [MANAGED_BY]: MANAGER, [GENERATOR]: uid },
        ...(annotations === undefined ? {} : { annotations }),
      },
      spec: {
        sourceRef: { apiVersion: generator.apiVersion, kind: generator.kind, name: generatorName, namespace },
      },
    } as KubeObject,
    { fieldManager: MANAGER, force: true, signal },
  );
  const status = { artifact, conditions: [readyCondition(applied, context.now)] };
  if (!deepEqual(applied.status ?? {}, status)) {
    await context.client.apply(
      { apiVersion, kind, metadata: { name: output.name, namespace }, status } as KubeObject,
      { fieldManager: MANAGER, force: true, subresource: "status", signal },
    );
  }
  const filename = artifact.path.slice(artifact.path.lastIndexOf("/") + 1);
  return { digest: artifact.digest, filename, name: output.name, namespace };
}

function readyCondition({ metadata, status }: ExternalArtifactObject, now: number) {
  const before = getCondition(status?.conditions, "Ready");
  return {
    type: "Ready",
    status: "True",
    reason: "Succeeded",
    message: "Artifact is ready",
    observedGeneration: metadata.generation ?? 1,
    lastTransitionTime: (before?.status === "True" && before.lastTransitionTime) || formatTime(now),
  };
}

/**
 * Whether everything in an inventory is there as it was made: the files, and the objects that point at them.
 * What is corrupt is removed.
 */
export async function isIntact(
  generator: ArtifactGeneratorObject,
  context: RunContext,
  { storage }: SourceDependencies,
): Promise<boolean> {
  const inventory = generator.status?.inventory ?? [];
  for (const { digest, filename, name, namespace } of inventory) {
    const path = artifactPath(ownerOf(namespace, name), filename);
    if ((await storage.verify({ path, digest })) !== "present") return false;
  }
  const { namespace = "default", uid = "" } = generator.metadata;
  const labelSelector = `${GENERATOR}=${uid}`;
  const live = new Map<string, ExternalArtifactObject>();
  for await (const object of context.client.listAll<ExternalArtifactObject>(ExternalArtifact, {
    namespace,
    labelSelector,
    signal: context.signal,
  })) {
    live.set(object.metadata.name, object);
  }
  return (
    live.size === inventory.length &&
    inventory.every(({ name, digest }) => {
      const artifact = live.get(name)?.status?.artifact;
      return artifact?.digest === digest && artifact.url === storage.urlOf(artifact.path);
    })
  );
}

/** Removes artifacts with their files; one that cannot be removed is only told of. */
export async function withdraw(
  inventory: readonly MadeArtifact[],
  context: RunContext,
  { storage }: SourceDependencies,
): Promise<void> {
  const { apiVersion, kind } = ExternalArtifact;
  for (const { name, namespace } of inventory) {
    const ref = { apiVersion, kind, name, namespace };
    try {
      await storage.removeAll(ownerOf(namespace, name));
      if ((await context.client.tryGet(ref, { signal: context.signal })) === undefined) continue;
      await context.client.delete(ref, { signal: context.signal });
    } catch (error) {
      context.signal.throwIfAborted();
      // The generator must be able to go; what is left belongs to nobody and harms nobody.
      const message = error instanceof Error ? error.message : String(error);
      context.logger.error(`removing external artifact ${namespace}/${name} failed: ${message}`);
    }
  }
}
