import { formatTime } from "@capstan/kube";
import type { Claim, PersistentVolume, StorageClass } from "../model/storage.js";
import { CLAIM, VOLUME } from "../model/workload.js";

/** Provisioners of this name provide nothing: volumes of the class are made by hand. */
export const NO_PROVISIONER = "kubernetes.io/no-provisioner";

/** The status of a volume in a phase, with the time at which it came to it. */
export function volumeStatus(volume: PersistentVolume, phase: string, now: number): { status: object } {
  const { status } = volume;
  if (status?.phase === phase) return { status };
  return { status: { ...status, phase, lastPhaseTransitionTime: formatTime(now) } };
}

/** The volume that a class provides for a claim. Its data is not kept anywhere. */
export function provisionedVolume(claim: Claim, storageClass: StorageClass): PersistentVolume {
  const { uid = "" } = claim.metadata;
  const { storage = "0" } = claim.spec.resources?.requests ?? {};
  return {
    ...VOLUME,
    metadata: {
      name: `pvc-${uid}`,
      annotations: { "pv.kubernetes.io/provisioned-by": storageClass.provisioner },
    },
    spec: {
      accessModes: claim.spec.accessModes ?? ["ReadWriteOnce"],
      capacity: { storage },
      storageClassName: storageClass.metadata.name,
      volumeMode: claim.spec.volumeMode ?? "Filesystem",
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
      ...(storageClass.mountOptions === undefined ? {} : { mountOptions: storageClass.mountOptions }),
      claimRef: claimReference(claim),
      hostPath: { path: `/var/lib/capstan/volumes/pvc-${uid}` },
    },
  };
}

/** The reference that binds a volume to a claim. */
export function claimReference(claim: Claim): Record<string, string> {
  const { namespace = "", name, uid = "", resourceVersion = "" } = claim.metadata;
  return { ...CLAIM, namespace, name, uid, resourceVersion };
}
