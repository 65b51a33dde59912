import type { ArtifactReader, ArtifactStore } from "@capstan/artifacts";
import type { Client, Manager } from "@capstan/controller";
import {
  type Delivery,
  type DeliveryOptions,
  HelmRelease,
  Kustomization,
  type Renderer,
  registerDelivery,
  registerHelmReleases,
} from "@capstan/delivery";
import type { GitClient } from "@capstan/git";
import { deepEqual, type KubeObject } from "@capstan/kube";
import {
  ArtifactGenerator,
  Bucket,
  cloudKeys,
  ExternalArtifact,
  gitRepositoryResource,
  HelmChart,
  HelmRepository,
  OCIRepository,
  registerSources,
  type Sources,
  type SourcesOptions,
  TokenCache,
} from "@capstan/sources";
import type { ProcessSettings } from "./feature-gates.js";

/** The name under which Capstan writes what belongs to itself: definitions, the objects of `capstan up`. */
export const OWN_MANAGER = "capstan";

/** Every CustomResourceDefinition that the reconcilers need. */
export function definitions(options: { readonly allowLocal: boolean }): readonly KubeObject[] {
  return [
    gitRepositoryResource({ allowLocal: options.allowLocal }),
    OCIRepository,
    HelmRepository,
    HelmChart,
    Bucket,
    ExternalArtifact,
    ArtifactGenerator,
    Kustomization,
    HelmRelease,
  ].map((resource) => resource.definition());
}

/** Applies the definitions that are not there as they should be, and waits until all are served. */
export async function installDefinitions(
  client: Client,
  wanted: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(
    wanted.map(async (definition) => {
      const live = await client.tryGet({ ...definition, name: definition.metadata.name }, { signal });
      const applied =
        live !== undefined && contains(live["spec"], definition["spec"])
          ? live
          : await client.apply(definition, { fieldManager: OWN_MANAGER, force: true, signal });
      if (!isEstablished(applied)) await untilEstablished(client, definition, signal);
    }),
  );
}

async function untilEstablished(client: Client, definition: KubeObject, signal: AbortSignal): Promise<void> {
  const stop = new AbortController();
  const events = client.watch(definition, {
    fieldSelector: `metadata.name=${definition.metadata.name}`,
    signal: AbortSignal.any([signal, stop.signal]),
  });
  for await (const event of events) {
    if (event.type !== "ERROR" && isEstablished(event.object)) break;
  }
  stop.abort();
  signal.throwIfAborted();
}

function isEstablished(definition: KubeObject): boolean {
  const status = definition["status"] as { conditions?: { type: string; status: string }[] } | undefined;
  return status?.conditions?.some((each) => each.type === "Established" && each.status === "True") ?? false;
}

/** Whether `live` has everything that `wanted` says; what the API added by default does not matter. */
export function contains(live: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    return (
      Array.isArray(live) &&
      live.length === wanted.length &&
      wanted.every((each, index) => contains(live[index], each))
    );
  }
  if (typeof wanted !== "object" || wanted === null) return deepEqual(live, wanted);
  if (typeof live !== "object" || live === null) return false;
  return Object.entries(wanted).every(
    ([key, value]) => Object.hasOwn(live, key) && contains((live as Record<string, unknown>)[key], value),
  );
}

export interface ReconcilerOptions {
  readonly git: GitClient;
  readonly storage: ArtifactStore;
  readonly reader: ArtifactReader;
  readonly renderer: Renderer;
  /** Whether sources may name directories of this machine. */
  readonly allowLocal: boolean;
  /** What the machine says of its identity at a cloud. */
  readonly cloud?: SourcesOptions["cloud"];
  readonly settings?: Partial<ProcessSettings>;
  /** Objects of a kind that are handled at a time; what suits each kind where left out. */
  readonly concurrency?: number;
  /** Fetches remote bases; left out: they are refused. */
  readonly remoteBases?: DeliveryOptions["remoteBases"];
}

/** Adds every reconciler that both homes run. */
export function registerReconcilers(
  manager: Manager,
  options: ReconcilerOptions,
): { readonly sources: Sources; readonly delivery: Delivery } {
  const { git, storage, reader, renderer, allowLocal, settings } = options;
  const concurrency = options.concurrency === undefined ? {} : { concurrency: options.concurrency };
  registerHelmReleases(manager, {
    artifacts: reader,
    renderer,
    ...concurrency,
    ...(settings === undefined ? {} : { settings }),
  });
  return {
    sources: registerSources(manager, {
      git,
      storage,
      reader,
      allowLocal,
      ...concurrency,
      noCrossNamespaceRefs: settings?.noCrossNamespaceRefs ?? false,
      ...(options.cloud === undefined ? {} : { cloud: options.cloud }),
    }),
    delivery: registerDelivery(manager, {
      artifacts: reader,
      renderer,
      ...concurrency,
      ...(settings === undefined ? {} : { settings }),
      ...(options.remoteBases === undefined ? {} : { remoteBases: options.remoteBases }),
      ...(options.cloud === undefined
        ? {}
        : {
            cloudKeys: cloudKeys({
              cloud: { ...options.cloud, clock: manager.clock },
              tokens: new TokenCache(),
            }),
          }),
    }),
  };
}
