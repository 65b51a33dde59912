import {
  type Health,
  type KubeObject,
  type ManagedFieldsEntry,
  objectHealth,
  sha256Hex,
} from "@capstan/kube";
import { OWNER_NAME, OWNER_NAMESPACE, type Policies, policiesOf } from "../plan/policies.js";

/**
 * What is remembered of a live object: enough to tell whether it drifted, whose it is and how it
 * fares, and nothing of its content.
 */
export interface LiveRecord extends KubeObject {
  readonly live: {
    /** Of the set of fields that we own; any change of their values by others changes it. */
    readonly owned: string;
    /** Managers whose fields are taken over at the next apply. */
    readonly rivals: readonly string[];
    /** Annotations of other tools that are removed at the next apply. */
    readonly leftovers: readonly string[];
    readonly policies: Policies;
    readonly health: Health;
  };
}

/** Who we are among the managers of an object's fields. */
export interface ManagerNames {
  /** Our own name in server-side applies. */
  readonly own: string;
  /** Managers that are undone beside kubectl, by prefix of their name. */
  readonly overridden: readonly string[];
}

/** Annotations of other tools, and of our own past, that an apply removes. */
export const LEFTOVERS: readonly string[] = [
  "kubectl.kubernetes.io/last-applied-configuration",
  "kustomize.toolkit.fluxcd.io/checksum",
  "fluxcd.io/sync-checksum",
];

/** The records of what is applied under a name; see `LiveObjects`. */
export function recordsUnder(names: ManagerNames): {
  readonly name: string;
  readonly of: (object: KubeObject) => LiveRecord;
} {
  return { name: `delivery:${names.own}`, of: (object) => toLiveRecord(object, names) };
}

/** The record of an object as the API returned it, `managedFields` included. */
export function toLiveRecord(object: KubeObject, names: ManagerNames): LiveRecord {
  const { name, namespace, uid, resourceVersion, generation, deletionTimestamp, labels, annotations } =
    object.metadata;
  const own = labels?.[OWNER_NAME];
  const ownNamespace = labels?.[OWNER_NAMESPACE];
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(generation === undefined ? {} : { generation }),
      ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
      ...(own === undefined || ownNamespace === undefined
        ? {}
        : { labels: { [OWNER_NAME]: own, [OWNER_NAMESPACE]: ownNamespace } }),
    },
    live: {
      owned: ownedFields(object.metadata.managedFields, names),
      rivals: rivalsOf(object.metadata.managedFields, names),
      leftovers:
        annotations === undefined ? NONE : LEFTOVERS.filter((key) => Object.hasOwn(annotations, key)),
      policies: policiesOf(object.metadata),
      health: objectHealth(object),
    },
  };
}

const NONE: readonly string[] = [];

function ownedFields(entries: readonly ManagedFieldsEntry[] | undefined, names: ManagerNames): string {
  const entry = entries?.find((candidate) => isOwnApply(candidate, names));
  return entry === undefined ? "" : sha256Hex(JSON.stringify(entry.fieldsV1 ?? {}));
}

/** Whether an entry holds the fields that we applied. */
export function isOwnApply(entry: ManagedFieldsEntry, names: ManagerNames): boolean {
  return entry.manager === names.own && entry.operation === "Apply" && isMain(entry);
}

/**
 * Whether an entry's fields are taken over: those of kubectl in all its forms, what was there before
 * the first apply, and our own of before server-side apply.
 */
export function isRival(entry: ManagedFieldsEntry, names: ManagerNames): boolean {
  if (!isMain(entry) || isOwnApply(entry, names)) return false;
  const manager = entry.manager ?? "";
  if (manager.startsWith("kubectl")) return true;
  if (names.overridden.some((prefix) => manager.startsWith(prefix))) return true;
  return (
    entry.operation === "Update" &&
    (manager.startsWith("before-first-apply") || manager.startsWith(names.own))
  );
}

function rivalsOf(
  entries: readonly ManagedFieldsEntry[] | undefined,
  names: ManagerNames,
): readonly string[] {
  const rivals = entries?.filter((entry) => isRival(entry, names)) ?? [];
  return rivals.length === 0 ? NONE : rivals.map((entry) => entry.manager ?? "");
}

function isMain(entry: ManagedFieldsEntry): boolean {
  return entry.subresource === undefined || entry.subresource === "";
}
