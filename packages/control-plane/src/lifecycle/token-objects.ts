import type { BoundObject, TokenObjects } from "../authentication/service-account-tokens.js";
import type { ObjectStorage, StoredObject } from "../handler/object-storage.js";
import type { KindRegistry } from "../registry/kind-registry.js";

const RESOURCES: Readonly<Record<BoundObject["kind"], string>> = {
  Pod: "pods",
  Secret: "secrets",
  Node: "nodes",
};

/** Looks up in the stored objects what tokens are bound to and kept in; `secretUsed` is told which are used. */
export function tokenObjects(
  registry: KindRegistry,
  objects: ObjectStorage,
  secretUsed: TokenObjects["secretUsed"],
): TokenObjects {
  const stored = (resource: string, namespace: string, name: string): StoredObject | undefined => {
    const kind = registry.find("", "v1", resource);
    return kind && objects.get(kind, namespace, name);
  };
  const uidOf = (resource: string, namespace: string, name: string) =>
    stored(resource, namespace, name)?.object.metadata.uid;
  return {
    serviceAccountUid: (namespace, name) => uidOf("serviceaccounts", namespace, name),
    boundUid: (kind, namespace, name) => uidOf(RESOURCES[kind], namespace, name),
    secret: (namespace, name) => {
      const object = stored("secrets", namespace, name)?.object;
      if (object === undefined) return undefined;
      const { token = "" } = (object["data"] ?? {}) as { readonly token?: string };
      const { deletionTimestamp, labels = {} } = object.metadata;
      return {
        token: Buffer.from(token, "base64").toString(),
        deleting: deletionTimestamp !== undefined,
        labels,
      };
    },
    secretUsed,
  };
}
