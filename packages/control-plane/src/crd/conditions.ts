import type { KubeObject } from "@capstan/kube";
import type {
  CustomResourceDefinition,
  DefinitionCondition,
  DefinitionNames,
  DefinitionStatus,
} from "./definition.js";

export function isEstablished(crd: CustomResourceDefinition): boolean {
  return conditionOf(crd, "Established")?.status === "True";
}

/** Whether a definition shows already that its objects are being deleted. */
export function isEmptying(crd: CustomResourceDefinition): boolean {
  const found = conditionOf(crd, "Terminating");
  return found?.status === "True" && found.reason !== "InstanceDeletionPending";
}

function conditionOf(crd: CustomResourceDefinition, type: string): DefinitionCondition | undefined {
  return crd.status?.conditions?.find((condition) => condition.type === type);
}

/** The finalizer that keeps a definition until the objects of its kind are gone. */
export const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";

/** The status with the storage version recorded among the stored ones. */
function recordStoredVersion(crd: CustomResourceDefinition): DefinitionStatus {
  const stored = crd.spec.versions.find(({ storage }) => storage)?.name;
  const known = crd.status?.storedVersions ?? [];
  const storedVersions = stored === undefined || known.includes(stored) ? known : [...known, stored];
  return { ...crd.status, storedVersions };
}

/**
 * The status that a definition deserves beside the `others` that exist: which of its names are accepted
 * (names that another definition of its group already holds are not), whether it is established, and
 * whether its group may be served. Returns the present status where nothing changes.
 */
export function nextStatus(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
  now: string,
): DefinitionStatus {
  const { accepted, conflict } = acceptNames(crd, others);
  let conditions = crd.status?.conditions ?? [];
  conditions = setCondition(conditions, namesCondition(conflict), now);
  const established = conditions.some(({ type, status }) => type === "Established" && status === "True");
  if (!established) {
    const condition: DefinitionCondition = conflict
      ? { type: "Established", status: "False", reason: "NotAccepted", message: "not all names are accepted" }
      : {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
        };
    conditions = setCondition(conditions, condition, now);
  }
  const approval = approvalCondition(crd);
  if (approval) conditions = setCondition(conditions, approval, now);
  const { storedVersions } = recordStoredVersion(crd);
  const same =
    conditions === crd.status?.conditions &&
    storedVersions === crd.status?.storedVersions &&
    JSON.stringify(accepted) === JSON.stringify(crd.status?.acceptedNames);
  if (same && crd.status) return crd.status;
  return { conditions, acceptedNames: accepted, storedVersions: storedVersions ?? [] };
}

/** What a definition shows while its objects are being deleted. */
export function terminatingCondition(
  reason:
    | "InstanceDeletionPending"
    | "InstanceDeletionInProgress"
    | "InstanceDeletionCheck"
    | "InstanceDeletionFailed",
  message: string,
): DefinitionCondition {
  return { type: "Terminating", status: "True", reason, message };
}

/** A definition as its deletion leaves it, with what it shows until its objects are deleted. */
export function withPendingDeletion(object: KubeObject, now: string): KubeObject {
  const { status } = object as CustomResourceDefinition;
  const conditions = status?.conditions ?? [];
  if (conditions.some(({ type, status: value }) => type === "Terminating" && value === "True")) return object;
  const pending = terminatingCondition(
    "InstanceDeletionPending",
    "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  );
  return { ...object, status: { ...status, conditions: setCondition(conditions, pending, now) } };
}

/** Sets one condition in its place; the time moves only with the status. Returns the list itself where nothing changes. */
export function setCondition(
  conditions: readonly DefinitionCondition[],
  condition: DefinitionCondition,
  now: string,
): readonly DefinitionCondition[] {
  const index = conditions.findIndex(({ type }) => type === condition.type);
  const former = conditions[index];
  if (!former) return [...conditions, { ...condition, lastTransitionTime: now }];
  const { status, reason, message } = condition;
  if (former.status === status && former.reason === reason && former.message === message) return conditions;
  const lastTransitionTime = former.status === status ? (former.lastTransitionTime ?? now) : now;
  return conditions.with(index, { ...condition, lastTransitionTime });
}

interface NameConflict {
  readonly reason: string;
  readonly message: string;
}

function namesCondition(conflict: NameConflict | undefined): DefinitionCondition {
  return conflict
    ? { type: "NamesAccepted", status: "False", ...conflict }
    : { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" };
}

/** Takes each name that is free; a name that is not keeps its former accepted form. */
function acceptNames(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): { accepted: DefinitionNames; conflict: NameConflict | undefined } {
  const { resources, kinds } = takenNames(crd, others);
  const wanted = crd.spec.names;
  const former = crd.status?.acceptedNames ?? {};
  let conflict: NameConflict | undefined;
  const free = (name: string, taken: ReadonlySet<string>, reason: string): boolean => {
    if (!taken.has(name)) return true;
    conflict = { reason, message: `${JSON.stringify(name)} is already in use` };
    return false;
  };
  const plural = free(wanted.plural, resources, "PluralConflict") ? wanted.plural : (former.plural ?? "");
  const wantedSingular = wanted.singular ?? wanted.kind.toLowerCase();
  const singular = free(wantedSingular, resources, "SingularConflict")
    ? wantedSingular
    : (former.singular ?? "");
  const shortNames = wanted.shortNames ?? [];
  const shortAllowed = shortNames.every((name) => free(name, resources, "ShortNamesConflict"));
  const kind = free(wanted.kind, kinds, "KindConflict") ? wanted.kind : (former.kind ?? "");
  const wantedList = wanted.listKind ?? `${wanted.kind}List`;
  const listKind = free(wantedList, kinds, "ListKindConflict") ? wantedList : (former.listKind ?? "");
  const acceptedShort = shortAllowed ? shortNames : (former.shortNames ?? []);
  const accepted: DefinitionNames = {
    plural,
    singular,
    ...(acceptedShort.length > 0 ? { shortNames: acceptedShort } : {}),
    kind,
    listKind,
    ...(wanted.categories ? { categories: wanted.categories } : {}),
  };
  return { accepted, conflict };
}

function takenNames(
  crd: CustomResourceDefinition,
  others: readonly CustomResourceDefinition[],
): { resources: ReadonlySet<string>; kinds: ReadonlySet<string> } {
  const resources = new Set<string>();
  const kinds = new Set<string>();
  for (const { metadata, spec, status } of others) {
    if (spec.group !== crd.spec.group || metadata.name === crd.metadata.name) continue;
    const { plural, singular, shortNames = [], kind, listKind } = status?.acceptedNames ?? {};
    for (const name of [plural, singular, ...shortNames]) if (name) resources.add(name);
    for (const name of [kind, listKind]) if (name) kinds.add(name);
  }
  return { resources, kinds };
}

const APPROVAL = "api-approved.kubernetes.io";

/** Whether a group belongs to the Kubernetes community and so needs an approved API. */
export function isProtectedGroup(group: string): boolean {
  return ["k8s.io", "kubernetes.io"].some((domain) => group === domain || group.endsWith(`.${domain}`));
}

function approvalCondition({ metadata, spec }: CustomResourceDefinition): DefinitionCondition | undefined {
  if (!isProtectedGroup(spec.group)) return undefined;
  const type = "KubernetesAPIApprovalPolicyConformant";
  const approval = metadata.annotations?.[APPROVAL] ?? "";
  const see = "see https://github.com/kubernetes/enhancements/pull/1111";
  if (approval === "") {
    return {
      type,
      status: "False",
      reason: "MissingAnnotation",
      message: `protected groups must have approval annotation ${JSON.stringify(APPROVAL)}, ${see}`,
    };
  }
  if (approval.startsWith("unapproved")) {
    return {
      type,
      status: "False",
      reason: "UnapprovedAnnotation",
      message: `not approved: ${JSON.stringify(approval)}`,
    };
  }
  if (!/^https?:\/\/[^/]/.test(approval)) {
    return {
      type,
      status: "False",
      reason: "InvalidAnnotation",
      message: `protected groups must have approval annotation ${JSON.stringify(APPROVAL)} with either a URL or a reason starting with "unapproved", ${see}`,
    };
  }
  return { type, status: "True", reason: "ApprovedAnnotation", message: `approved in ${approval}` };
}
