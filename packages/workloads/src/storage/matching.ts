import { compareQuantity, parseQuantity, type Quantity, selectsLabels } from "@capstan/kube";
import type { Claim, PersistentVolume, StorageClass } from "../model/storage.js";
import { createdAt } from "../shared/pod-state.js";

const DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class";
const BETA_DEFAULT_CLASS = "storageclass.beta.kubernetes.io/is-default-class";

/** The class that claims without one get: the newest of those marked so. */
export function defaultClass(classes: readonly StorageClass[]): StorageClass | undefined {
  return classes
    .filter(({ metadata }) =>
      [DEFAULT_CLASS, BETA_DEFAULT_CLASS].some((name) => metadata.annotations?.[name] === "true"),
    )
    .sort((a, b) => createdAt(b) - createdAt(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0];
}

/** The volume that a claim is bound to or asks for by name, or else the smallest free one that suits it. */
export function findVolume(claim: Claim, volumes: readonly PersistentVolume[]): PersistentVolume | undefined {
  const { volumeName } = claim.spec;
  if (volumeName !== undefined && volumeName !== "") {
    const named = volumes.find(({ metadata }) => metadata.name === volumeName);
    return named !== undefined && (isFree(named) || isReservedFor(named, claim)) ? named : undefined;
  }
  const reserved = volumes.find((volume) => isReservedFor(volume, claim));
  if (reserved !== undefined) return reserved;
  return volumes
    .filter((volume) => isFree(volume) && suits(volume, claim))
    .sort((a, b) => compareQuantity(capacityOf(a), capacityOf(b)))[0];
}

/** Whether a volume names a claim as the one that it is for. */
function isReservedFor({ spec, metadata }: PersistentVolume, claim: Claim): boolean {
  const reference = spec.claimRef;
  if (reference === undefined || metadata.deletionTimestamp !== undefined) return false;
  const { namespace, name, uid } = claim.metadata;
  const sameName = reference.namespace === namespace && reference.name === name;
  return sameName && (reference.uid === undefined || reference.uid === "" || reference.uid === uid);
}

function isFree({ spec, metadata }: PersistentVolume): boolean {
  return spec.claimRef === undefined && metadata.deletionTimestamp === undefined;
}

function suits(volume: PersistentVolume, claim: Claim): boolean {
  const { spec } = volume;
  const modes = spec.accessModes ?? [];
  return (
    (spec.storageClassName ?? "") === (claim.spec.storageClassName ?? "") &&
    (spec.volumeMode ?? "Filesystem") === (claim.spec.volumeMode ?? "Filesystem") &&
    (claim.spec.accessModes ?? []).every((mode) => modes.includes(mode)) &&
    (claim.spec.selector === undefined || selectsLabels(claim.spec.selector, volume.metadata.labels)) &&
    compareQuantity(capacityOf(volume), requestOf(claim)) >= 0
  );
}

function capacityOf({ spec }: PersistentVolume): Quantity {
  return parseQuantity(spec.capacity?.["storage"] ?? "0");
}

function requestOf({ spec }: Claim): Quantity {
  return parseQuantity(spec.resources?.requests?.storage ?? "0");
}
