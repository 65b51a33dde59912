import type { KubeObject } from "@capstan/kube";
import { formatApiVersion } from "@capstan/kube";
import type { ServedKind, Strategy } from "./kind.js";

const ALL_VERBS = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
] as const;

/** What a plain kind needs to say of itself. */
export interface GenericKindOptions {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  readonly statusSubresource?: boolean;
  readonly strategy?: Partial<Strategy>;
  readonly extra?: Partial<ServedKind>;
}

/** A kind without defaults or validation of its own, whose schema lets everything pass. */
export function genericKind(options: GenericKindOptions): ServedKind {
  const { group, version, kind, resource, namespaced } = options;
  const statusSubresource = options.statusSubresource ?? false;
  return {
    group,
    version,
    kind,
    listKind: `${kind}List`,
    resource,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced,
    verbs: ALL_VERBS,
    statusSubresource,
    generation: statusSubresource,
    schema: { type: "object", preserveUnknownFields: true },
    columns: [],
    selectableFields: {},
    strategy: { ...plainStrategy(statusSubresource), ...options.strategy },
    storage: {
      prefix: `${group === "" ? "core" : group}/${resource}`,
      apiVersion: formatApiVersion(group, version),
    },
    ...options.extra,
  };
}

/** The strategy of a kind that has nothing special: status apart from the rest, where it is a subresource. */
function plainStrategy(statusSubresource: boolean): Strategy {
  return {
    setDefaults: (object) => object,
    prepareForCreate: (object) => (statusSubresource ? withoutStatus(object) : object),
    prepareForUpdate: (next, previous, subresource) => {
      if (!statusSubresource) return next;
      return subresource === "status" ? withStatusOf(previous, next) : keepStatus(next, previous);
    },
    validate: () => [],
    validateUpdate: () => [],
  };
}

function withoutStatus(object: KubeObject): KubeObject {
  const { status: _status, ...rest } = object;
  return rest as KubeObject;
}

function keepStatus(next: KubeObject, previous: KubeObject): KubeObject {
  const { status } = previous;
  return status === undefined ? withoutStatus(next) : { ...next, status };
}

/** The stored object with the status, and the ownership of it, that was written. */
function withStatusOf(previous: KubeObject, next: KubeObject): KubeObject {
  const { managedFields: _old, ...metadata } = previous.metadata;
  const { managedFields } = next.metadata;
  return {
    ...withoutStatus(previous),
    metadata: managedFields === undefined ? metadata : { ...metadata, managedFields },
    ...(next["status"] === undefined ? {} : { status: next["status"] }),
  };
}
