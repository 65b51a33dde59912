import type { BoundObject, TokenObjects } from "../authentication/service-account-tokens.js";
import type { ObjectStorage } from "../handler/object-storage.js";
import type { KindRegistry } from "../registry/kind-registry.js";

const RESOURCES: Readonly<Record<BoundObject["kind"], string>> = {
  Pod: "pods",
  Secret: "secrets",
  Node: "nodes",
};

/** Looks up what tokens are bound to in the stored objects. */
export function tokenObjects(registry: KindRegistry, objects: ObjectStorage): TokenObjects {
  const uidOf = (resource: string, namespace: string, name: string): string | undefined => {
    const kind = registry.find("", "v1", resource);
    const stored = kind && objects.get(kind, namespace, name);
    return stored?.object.metadata.uid;
  };
  return {
    serviceAccountUid: (namespace, name) => uidOf("serviceaccounts", namespace, name),
    boundUid: (kind, namespace, name) => uidOf(RESOURCES[kind], namespace, name),
  };
}
