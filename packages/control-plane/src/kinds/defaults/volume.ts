import {
  defaultEmptyTo,
  defaultTo,
  ensureMembers,
  listAt,
  type Members,
  membersAt,
  textAt,
} from "../members.js";
import { pullPolicyOf } from "./pod-spec.js";

const FILE_MODE = 0o644;

/** Defaults of one volume of a pod. Changes `volume`. */
export function defaultVolume(volume: Members): void {
  const hasSource = Object.entries(volume).some(
    ([name, value]) => name !== "name" && value !== undefined && value !== null,
  );
  if (!hasSource) volume["emptyDir"] = {};
  for (const name of ["secret", "configMap", "downwardAPI", "projected"]) {
    const source = membersAt(volume, name);
    if (source !== undefined) defaultTo(source, "defaultMode", FILE_MODE);
  }
  defaultFieldRefs(membersAt(volume, "downwardAPI"));
  for (const source of listAt(membersAt(volume, "projected"), "sources")) {
    defaultFieldRefs(membersAt(source, "downwardAPI"));
    const token = membersAt(source, "serviceAccountToken");
    if (token !== undefined) defaultTo(token, "expirationSeconds", 3600);
  }
  const image = membersAt(volume, "image");
  if (image !== undefined) defaultEmptyTo(image, "pullPolicy", pullPolicyOf(textAt(image, "reference")));
  const template = membersAt(membersAt(volume, "ephemeral"), "volumeClaimTemplate");
  if (template !== undefined) defaultTo(ensureMembers(template, "spec"), "volumeMode", "Filesystem");
  defaultVolumeSource(volume);
}

/** Defaults of the sources that pods and persistent volumes share. Changes `holder`. */
export function defaultVolumeSource(holder: Members): void {
  const hostPath = membersAt(holder, "hostPath");
  if (hostPath !== undefined) defaultTo(hostPath, "type", "");
  const iscsi = membersAt(holder, "iscsi");
  if (iscsi !== undefined) defaultEmptyTo(iscsi, "iscsiInterface", "default");
  const rbd = membersAt(holder, "rbd");
  if (rbd !== undefined) {
    defaultEmptyTo(rbd, "pool", "rbd");
    defaultEmptyTo(rbd, "user", "admin");
    defaultEmptyTo(rbd, "keyring", "/etc/ceph/keyring");
  }
  const azureDisk = membersAt(holder, "azureDisk");
  if (azureDisk !== undefined) {
    defaultTo(azureDisk, "cachingMode", "ReadWrite");
    defaultTo(azureDisk, "fsType", "ext4");
    defaultTo(azureDisk, "readOnly", false);
    defaultTo(azureDisk, "kind", "Shared");
  }
  const scaleIO = membersAt(holder, "scaleIO");
  if (scaleIO !== undefined) {
    defaultEmptyTo(scaleIO, "storageMode", "ThinProvisioned");
    defaultEmptyTo(scaleIO, "fsType", "xfs");
  }
}

function defaultFieldRefs(source: Members | undefined): void {
  for (const item of listAt(source, "items")) {
    const fieldRef = membersAt(item, "fieldRef");
    if (fieldRef !== undefined) defaultEmptyTo(fieldRef, "apiVersion", "v1");
  }
}
