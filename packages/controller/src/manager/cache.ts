import type { KubeObject, ObjectRef, TypeMeta } from "@capstan/kube";
import type { Informer } from "../informer/informer.js";

/**
 * The objects that a controller watches, without asking the API. Reading a kind that the controller
 * does not watch throws: declare it under `owns` or `watches`.
 */
export interface Cache {
  get<T extends KubeObject = KubeObject>(ref: ObjectRef): T | undefined;
  list<T extends KubeObject = KubeObject>(type: TypeMeta, namespace?: string): readonly T[];
  /** Objects of a kind that name `owner` in their owner references. */
  owned<T extends KubeObject = KubeObject>(type: TypeMeta, owner: KubeObject): readonly T[];
  byIndex<T extends KubeObject = KubeObject>(type: TypeMeta, index: string, value: string): readonly T[];
  /** The informer itself. */
  informer<T extends KubeObject = KubeObject>(type: TypeMeta): Informer<T>;
}

/** A cache over the informers that a controller holds. */
export function createCache(find: (type: TypeMeta) => Informer | undefined): Cache {
  function informer<T extends KubeObject>(type: TypeMeta): Informer<T> {
    const found = find(type);
    if (found === undefined) throw new Error(`the controller does not watch ${type.apiVersion} ${type.kind}`);
    // The caller names the type that the API serves under `type`.
    return found as unknown as Informer<T>;
  }
  return {
    informer,
    get: <T extends KubeObject>(ref: ObjectRef) => informer<T>(ref).get(ref),
    list: <T extends KubeObject>(type: TypeMeta, namespace?: string) => informer<T>(type).list(namespace),
    owned: <T extends KubeObject>(type: TypeMeta, owner: KubeObject) =>
      owner.metadata.uid === undefined ? [] : informer<T>(type).byOwner(owner.metadata.uid),
    byIndex: <T extends KubeObject>(type: TypeMeta, index: string, value: string) =>
      informer<T>(type).byIndex(index, value),
  };
}
