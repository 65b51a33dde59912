import type { KubeObject } from "@capstan/kube";

/** Which objects depend on which owners, by the owners' uids and the dependents' store keys. */
export class OwnerIndex {
  readonly #dependents = new Map<string, Set<string>>();
  readonly #owners = new Map<string, readonly string[]>();

  /** Takes in the newest state of the object at `key`; undefined when it is gone. */
  update(key: string, object: KubeObject | undefined): void {
    for (const uid of this.#owners.get(key) ?? []) this.#drop(uid, key);
    const uids = (object?.metadata.ownerReferences ?? []).map((reference) => reference.uid);
    if (uids.length === 0) {
      this.#owners.delete(key);
      return;
    }
    this.#owners.set(key, uids);
    for (const uid of uids) {
      const keys = this.#dependents.get(uid);
      if (keys === undefined) this.#dependents.set(uid, new Set([key]));
      else keys.add(key);
    }
  }

  dependentsOf(uid: string | undefined): readonly string[] {
    return uid === undefined ? [] : [...(this.#dependents.get(uid) ?? [])];
  }

  #drop(uid: string, key: string): void {
    const keys = this.#dependents.get(uid);
    keys?.delete(key);
    if (keys?.size === 0) this.#dependents.delete(uid);
  }
}
