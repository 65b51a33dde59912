import { defaultEmptyTo, defaultTo, ensureMembers, type Members, membersAt } from "../members.js";
import { defaultVolumeSource } from "./volume.js";

export function defaultPersistentVolume(object: Members): void {
  defaultEmptyTo(ensureMembers(object, "status"), "phase", "Pending");
  const spec = ensureMembers(object, "spec");
  defaultEmptyTo(spec, "persistentVolumeReclaimPolicy", "Retain");
  defaultTo(spec, "volumeMode", "Filesystem");
  defaultVolumeSource(spec);
}

/** Defaults of a claim, on its own or in a workload's templates. Changes `claim`. */
export function defaultClaim(claim: Members): void {
  defaultEmptyTo(ensureMembers(claim, "status"), "phase", "Pending");
  const spec = ensureMembers(claim, "spec");
  defaultTo(spec, "volumeMode", "Filesystem");
  const source = membersAt(spec, "dataSource");
  const reference = membersAt(spec, "dataSourceRef");
  if (source !== undefined && reference === undefined) spec["dataSourceRef"] = { ...source };
  if (source === undefined && reference !== undefined && reference["namespace"] === undefined) {
    spec["dataSource"] = { ...reference };
  }
}

export function defaultStorageClass(object: Members): void {
  defaultTo(object, "reclaimPolicy", "Delete");
  defaultTo(object, "volumeBindingMode", "Immediate");
}

export function defaultCsiDriver(object: Members): void {
  const spec = ensureMembers(object, "spec");
  defaultTo(spec, "attachRequired", true);
  defaultTo(spec, "podInfoOnMount", false);
  defaultTo(spec, "storageCapacity", false);
  defaultTo(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
  if (!Array.isArray(spec["volumeLifecycleModes"]) || spec["volumeLifecycleModes"].length === 0) {
    spec["volumeLifecycleModes"] = ["Persistent"];
  }
  defaultTo(spec, "requiresRepublish", false);
  defaultTo(spec, "seLinuxMount", false);
}
