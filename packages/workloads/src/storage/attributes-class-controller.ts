import { type Controller, defineController, type RunContext, waiting } from "@capstan/controller";
import type { KubeObject, ObjectKey } from "@capstan/kube";
import type { Claim, PersistentVolume } from "../model/storage.js";
import { CLAIM, VOLUME, VOLUME_ATTRIBUTES_CLASS } from "../model/workload.js";
import { WORKLOAD_BACKOFF } from "../shared/backoff.js";
import { done } from "../shared/outcome.js";
import { declarationChanged } from "../shared/predicates.js";

/** Keeps VolumeAttributesClasses for as long as a claim or a volume uses them. */
export function attributesClassController(): Controller {
  return defineController({
    name: "volumeattributesclass-protection-controller",
    for: VOLUME_ATTRIBUTES_CLASS,
    watches: [
      { type: CLAIM, map: classesThatWait },
      { type: VOLUME, map: classesThatWait },
    ],
    predicate: declarationChanged,
    suspended: () => false,
    status: false,
    backoff: WORKLOAD_BACKOFF,
    finalizer: "kubernetes.io/vac-protection",
    reconcile: async () => done(),
    finalize: async ({ metadata }, context) => {
      if (!isUsed(metadata.name, context)) return done();
      return waiting("InUse", "claims or volumes use the class", { retryAfterMs: 60_000 });
    },
  });
}

function isUsed(name: string, { cache }: RunContext): boolean {
  const users = [...cache.list<Claim>(CLAIM), ...cache.list<PersistentVolume>(VOLUME)];
  return users.some((user) => namesIn(user).includes(name));
}

/** What is written may have let go of any of them. */
function* classesThatWait(_user: KubeObject, cache: RunContext["cache"]): Iterable<ObjectKey> {
  for (const { metadata } of cache.list(VOLUME_ATTRIBUTES_CLASS)) {
    if (metadata.deletionTimestamp !== undefined) yield { namespace: undefined, name: metadata.name };
  }
}

function namesIn({ spec, status }: Claim | PersistentVolume): readonly string[] {
  const { currentVolumeAttributesClassName, modifyVolumeStatus } = (status ?? {}) as NonNullable<
    Claim["status"]
  >;
  return [
    spec.volumeAttributesClassName,
    currentVolumeAttributesClassName,
    modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name): name is string => name !== undefined && name !== "");
}
