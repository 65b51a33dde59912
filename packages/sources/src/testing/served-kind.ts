import type { ServedKind } from "@capstan/control-plane";
import type { KubeObject } from "@capstan/kube";
import { SOURCE_API_VERSION, SOURCE_GROUP } from "../api/shared.js";

/** A source kind served without validation, with `status` as a subresource. */
export function servedKind(kind: string, resource: string): ServedKind {
  return {
    group: SOURCE_GROUP,
    version: "v1",
    kind,
    listKind: `${kind}List`,
    resource,
    singular: kind.toLowerCase(),
    shortNames: [],
    categories: [],
    namespaced: true,
    verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
    statusSubresource: true,
    generation: true,
    schema: { type: "object", preserveUnknownFields: true },
    columns: [],
    selectableFields: {},
    strategy: {
      setDefaults: (object) => object,
      prepareForCreate: (object) => ({ ...object, status: { observedGeneration: -1 } }),
      prepareForUpdate: (next, previous, subresource) =>
        subresource === "status" ? writeStatus(previous, next) : { ...next, status: previous["status"] },
      validate: () => [],
      validateUpdate: () => [],
    },
    storage: { prefix: `${SOURCE_GROUP}/${resource}`, apiVersion: SOURCE_API_VERSION },
  };
}

function writeStatus(previous: KubeObject, next: KubeObject): KubeObject {
  const { managedFields } = next.metadata;
  const metadata = { ...previous.metadata, ...(managedFields === undefined ? {} : { managedFields }) };
  return { ...previous, metadata, status: next["status"] };
}
