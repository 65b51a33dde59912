import type { ServedKind } from "../registry/kind.js";

/** What is done to objects, or to a part of them, under one method of one path. */
export interface Operation {
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** The verb, as `verbs` of a kind names it. */
  readonly verb: string;
  /** `x-kubernetes-action`. */
  readonly action: "list" | "get" | "post" | "put" | "patch" | "delete" | "deletecollection";
  /** Names of the parameters of the query. */
  readonly parameters: readonly string[];
  /** Statuses of success. */
  readonly statuses: readonly (200 | 201 | 202)[];
}

const WRITE_PARAMETERS = ["dryRun", "fieldManager", "fieldValidation"];
const DELETE_PARAMETERS = [
  "dryRun",
  "gracePeriodSeconds",
  "ignoreStoreReadErrorWithClusterBreakingPotential",
  "orphanDependents",
  "propagationPolicy",
];
const SELECT_PARAMETERS = [
  "continue",
  "fieldSelector",
  "labelSelector",
  "limit",
  "resourceVersion",
  "resourceVersionMatch",
  "sendInitialEvents",
  "timeoutSeconds",
];

/** What is done to all objects of a kind. */
export const COLLECTION: readonly Operation[] = [
  {
    method: "get",
    verb: "list",
    action: "list",
    parameters: ["allowWatchBookmarks", ...SELECT_PARAMETERS, "watch"],
    statuses: [200],
  },
  {
    method: "post",
    verb: "create",
    action: "post",
    parameters: WRITE_PARAMETERS,
    statuses: [200, 201, 202],
  },
  {
    method: "delete",
    verb: "deletecollection",
    action: "deletecollection",
    parameters: [...SELECT_PARAMETERS, ...DELETE_PARAMETERS].sort(),
    statuses: [200],
  },
];

/** What is done to one object; the first three to parts of one too. */
export const ITEM: readonly Operation[] = [
  { method: "get", verb: "get", action: "get", parameters: [], statuses: [200] },
  { method: "put", verb: "update", action: "put", parameters: WRITE_PARAMETERS, statuses: [200, 201] },
  {
    method: "patch",
    verb: "patch",
    action: "patch",
    parameters: [...WRITE_PARAMETERS, "force"],
    statuses: [200, 201],
  },
  { method: "delete", verb: "delete", action: "delete", parameters: DELETE_PARAMETERS, statuses: [200, 202] },
];

const WORDS: Readonly<Record<Operation["action"], readonly [id: string, text: string, partText: string]>> = {
  list: ["list", "list or watch objects of kind", ""],
  get: ["read", "read the specified", "read % of the specified"],
  post: ["create", "create a", "create % of a"],
  put: ["replace", "replace the specified", "replace % of the specified"],
  patch: ["patch", "partially update the specified", "partially update % of the specified"],
  delete: ["delete", "delete a", ""],
  deletecollection: ["delete", "delete collection of", ""],
};

/** As Kubernetes describes operations on custom resources: patches make none, and reads can ask for a version. */
export function ofCustom(operation: Operation): Operation {
  if (operation.action === "patch") return { ...operation, statuses: [200] };
  return operation.action === "get" ? { ...operation, parameters: ["resourceVersion"] } : operation;
}

/** Where an operation is: of objects in one namespace or of all, and of which part of them. */
export interface OperationPlace {
  readonly scoped: boolean;
  /** Name of the subresource; empty for whole objects. */
  readonly part: string;
}

/** What an operation does, in a few words. */
export function operationText(kind: ServedKind, { action }: Operation, { part }: OperationPlace): string {
  const [, text, partText] = WORDS[action];
  const isWatched = kind.verbs.includes("watch") && kind.protobufMessage !== undefined;
  if (action === "list" && !isWatched) return `list objects of kind ${kind.kind}`;
  const words = part === "" ? text : partText.replace("%", part);
  return `${words.replace(/ a$/, articleOf(kind.kind))} ${kind.kind}`;
}

/** Kinds that are plural have none. */
function articleOf(kind: string): string {
  if (kind.endsWith("s") && !kind.endsWith("ss")) return "";
  return /^[AEIOU]/.test(kind) ? " an" : " a";
}

/** The name of an operation, unique among all. */
export function operationId(kind: ServedKind, { action }: Operation, place: OperationPlace): string {
  const group = kind.group === "" ? "Core" : upperFirst(groupName(kind.group));
  const collection = action === "deletecollection" ? "Collection" : "";
  const everywhere = kind.namespaced && !place.scoped ? "ForAllNamespaces" : "";
  const scope = place.scoped ? "Namespaced" : "";
  const head = `${WORDS[action][0]}${group}${upperFirst(kind.version)}${collection}${scope}`;
  return `${head}${kind.kind}${upperFirst(place.part)}${everywhere}`;
}

/** What operations of a group version are filed under. */
export function tagOf(kind: ServedKind): string {
  return `${kind.group === "" ? "core" : groupName(kind.group)}_${kind.version}`;
}

function groupName(group: string): string {
  const [first = "", ...rest] = group.replace(/\.k8s\.io$/, "").split(/[.-]/);
  return first + rest.map(upperFirst).join("");
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
