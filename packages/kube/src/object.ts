/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What every serialised Kubernetes value starts with. */
export interface TypeMeta {
  apiVersion: string;
  kind: string;
}

/** A reference from a dependent to the object that owns it (`metadata.ownerReferences`). */
export interface OwnerReference extends TypeMeta {
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** One manager's set of fields (`metadata.managedFields`), FieldsV1 left as data. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: "Apply" | "Update";
  apiVersion?: string;
  time?: string;
  fieldsType?: "FieldsV1";
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

/** `metadata` of an object; times are RFC 3339 strings in UTC. */
export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string | null;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

/**
 * Any Kubernetes object. Fields beside the metadata stay untyped here; the kinds of Capstan's own
 * controllers give them types by extending this interface.
 *
 * Objects that come out of a client or a cache are shared: treat them as immutable, copy to change.
 */
export interface KubeObject extends TypeMeta {
  metadata: ObjectMeta;
  [field: string]: unknown;
}

/** A list as the API returns it. */
export interface ObjectList<T extends KubeObject = KubeObject> extends TypeMeta {
  metadata: { resourceVersion?: string; continue?: string; remainingItemCount?: number };
  items: T[];
}

/** Names one object; `namespace` is left out for cluster-scoped kinds. */
export interface ObjectRef extends TypeMeta {
  namespace?: string;
  name: string;
}

/** Namespace and name within one kind: what work queues hold. */
export interface ObjectKey {
  readonly namespace: string | undefined;
  readonly name: string;
}
