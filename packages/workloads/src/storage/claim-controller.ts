import { type Controller, defineController, type RunContext, refOf, waiting } from "@capstan/controller";
import { ApiError, type KubeObject, type ObjectKey } from "@capstan/kube";
import type { Pod } from "../model/pod.js";
import type { Claim, PersistentVolume, StorageClass } from "../model/storage.js";
import { CLAIM, POD, STORAGE_CLASS, VOLUME } from "../model/workload.js";
import { claimNames } from "../runtime/scheduling.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { done } from "../shared/outcome.js";
import { isTerminal } from "../shared/pod-state.js";
import { declarationChanged } from "../shared/predicates.js";
import { writeStatus } from "../shared/status-write.js";
import { FIELD_MANAGER, writing } from "../shared/write-options.js";
import { defaultClass, findVolume } from "./matching.js";
import { claimReference, NO_PROVISIONER, provisionedVolume, volumeStatus } from "./volume.js";

const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";

/** The class that is there where nobody made one. */
const standardClass: StorageClass = {
  ...STORAGE_CLASS,
  metadata: { name: "standard", annotations: { "storageclass.kubernetes.io/is-default-class": "true" } },
  provisioner: "capstan.dev/simulated",
  reclaimPolicy: "Delete",
  volumeBindingMode: "Immediate",
};

/** Binds PersistentVolumeClaims, to volumes that are there or that it provides, and protects them in use. */
export function claimController(): Controller {
  return defineController<Claim>({
    name: "persistentvolume-binder",
    for: CLAIM,
    watches: [
      { type: VOLUME, map: claimsOfVolume },
      { type: POD, map: claimsOfPod },
      { type: STORAGE_CLASS, map: pendingClaims },
    ],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    finalizer: "kubernetes.io/pvc-protection",
    setup: async ({ client, cache, signal }) => {
      if (cache.list(STORAGE_CLASS).length > 0) return;
      try {
        await client.create(standardClass, { signal, fieldManager: FIELD_MANAGER });
      } catch (error) {
        // Somebody made one meanwhile.
        if (!ApiError.is(error, "AlreadyExists")) throw error;
      }
    },
    reconcile: async (claim, context) => {
      if (claim.status?.phase === "Bound") return done();
      const withClass = await chooseClass(claim, context);
      const volume = findVolume(withClass, context.cache.list<PersistentVolume>(VOLUME));
      if (volume !== undefined) await bind(withClass, volume, context);
      else await provide(withClass, context);
      return done();
    },
    finalize: async (claim, context) => {
      const users = podsOf(claim, context).filter((pod) => !isTerminal(pod));
      if (users.length === 0) return done();
      return waiting("InUse", "pods use the claim", { retryAfterMs: 60_000 });
    },
  });
}

function* claimsOfVolume(volume: KubeObject, cache: RunContext["cache"]): Iterable<ObjectKey> {
  const { claimRef } = (volume as PersistentVolume).spec;
  if (claimRef?.name !== undefined) yield { namespace: claimRef.namespace, name: claimRef.name };
  else yield* pendingClaims(volume, cache);
}

function* claimsOfPod(pod: KubeObject): Iterable<ObjectKey> {
  const { namespace } = pod.metadata;
  for (const name of claimNames(pod as Pod)) yield { namespace, name };
}

function* pendingClaims(_object: unknown, cache: RunContext["cache"]): Iterable<ObjectKey> {
  for (const { metadata, status } of cache.list<Claim>(CLAIM)) {
    if (status?.phase !== "Bound") yield { namespace: metadata.namespace, name: metadata.name };
  }
}

function podsOf(claim: Claim, context: RunContext): readonly Pod[] {
  const { namespace, name } = claim.metadata;
  return context.cache.list<Pod>(POD, namespace).filter((pod) => claimNames(pod).includes(name));
}

/** Gives a claim that names no class the default one, where there is one. */
async function chooseClass(claim: Claim, context: RunContext): Promise<Claim> {
  if (claim.spec.storageClassName !== undefined) return claim;
  const chosen = defaultClass(context.cache.list<StorageClass>(STORAGE_CLASS));
  if (chosen === undefined) return claim;
  return change(claim, { spec: { storageClassName: chosen.metadata.name } }, context);
}

async function change<T extends KubeObject>(object: T, body: object, context: RunContext): Promise<T> {
  const written = await context.client.patch<T>(
    refOf(object),
    { type: "merge", body },
    { ...writing(context) },
  );
  context.cache.informer<T>(object).observe(written);
  return written;
}

/** Ties a claim and a volume together, the volume first, so that no two claims get one volume. */
async function bind(claim: Claim, volume: PersistentVolume, context: RunContext): Promise<void> {
  const byHand = volume.spec.claimRef !== undefined;
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) {
    const annotations = byHand ? {} : { [BOUND_BY_CONTROLLER]: "yes" };
    const { resourceVersion } = volume.metadata;
    const body = { metadata: { resourceVersion, annotations }, spec: { claimRef: claimReference(claim) } };
    await change(volume, body, context);
  }
  const known = context.cache.get<PersistentVolume>(refOf(volume)) ?? volume;
  await writeStatus(context, known, volumeStatus(known, "Bound", context.clock.now()));
  const chosen = (claim.spec.volumeName ?? "") === "";
  const annotations = { [BIND_COMPLETED]: "yes", ...(chosen ? { [BOUND_BY_CONTROLLER]: "yes" } : {}) };
  const bound = await change(
    claim,
    { metadata: { annotations }, ...(chosen ? { spec: { volumeName: volume.metadata.name } } : {}) },
    context,
  );
  const { accessModes, capacity } = volume.spec;
  await writeStatus(context, bound, {
    status: {
      phase: "Bound",
      ...(accessModes === undefined ? {} : { accessModes }),
      ...(capacity === undefined ? {} : { capacity }),
    },
  });
}

/** Makes a volume for a claim, or says why none is made. */
async function provide(claim: Claim, context: RunContext): Promise<void> {
  await writeStatus(context, claim, { status: { ...claim.status, phase: "Pending" } });
  const name = claim.spec.storageClassName ?? "";
  if ((claim.spec.volumeName ?? "") !== "") return;
  if (name === "") {
    const message = "no persistent volumes available for this claim and no storage class is set";
    context.events.normal(claim, "FailedBinding", message);
    return;
  }
  const storageClass = context.cache.get<StorageClass>({ ...STORAGE_CLASS, name });
  if (storageClass === undefined) {
    context.events.warning(claim, "ProvisioningFailed", `storageclass.storage.k8s.io "${name}" not found`);
    return;
  }
  if (storageClass.provisioner === NO_PROVISIONER) return;
  const waits =
    storageClass.volumeBindingMode === "WaitForFirstConsumer" && podsOf(claim, context).length === 0;
  if (waits) {
    const message = "waiting for first consumer to be created before binding";
    context.events.normal(claim, "WaitForFirstConsumer", message);
    return;
  }
  await provision(claim, storageClass, context);
}

async function provision(claim: Claim, storageClass: StorageClass, context: RunContext): Promise<void> {
  const volume = provisionedVolume(claim, storageClass);
  try {
    const created = await context.client.create(volume, { ...writing(context) });
    const message = `Successfully provisioned volume ${volume.metadata.name}`;
    context.events.normal(claim, "ProvisioningSucceeded", message);
    await bind(claim, created, context);
  } catch (error) {
    // Made by the run before; its appearance in the cache wakes the claim.
    if (!ApiError.is(error, "AlreadyExists")) throw error;
  }
}
