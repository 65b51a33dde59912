import { KustomizeError, type Place } from "../errors.js";
import { isNullOrEmpty } from "../yaml/node.js";
import { formatId, idKey, type ResId, sameId } from "./id.js";
import type { Resource } from "./resource.js";

/** The resources of a build so far, in order; no two may have the same id when they are added. */
export class ResMap {
  #list: Resource[] = [];
  /** Ids in use; undefined once anything may have changed one. */
  #keys: Set<string> | undefined = new Set();

  get resources(): readonly Resource[] {
    return this.#list;
  }

  /** Says that resources have been changed: whatever was known about their ids is void. */
  changed(): void {
    this.#keys = undefined;
    for (const resource of this.#list) resource.changed();
  }

  append(resource: Resource): void {
    const keys = this.#currentKeys();
    const key = idKey(resource.id);
    if (keys.has(key)) {
      throw new KustomizeError(
        "duplicate",
        `may not add resource with an already registered id: ${formatId(resource.id)}`,
        { ...placeOf(resource), rival: this.#placeOfFirst(key) },
      );
    }
    keys.add(key);
    this.#list.push(resource);
  }

  #placeOfFirst(key: string): Place | undefined {
    const first = this.#list.find((resource) => idKey(resource.id) === key);
    return first === undefined || first.file === "" ? undefined : placeOf(first);
  }

  appendAll(resources: Iterable<Resource>): void {
    for (const resource of resources) this.append(resource);
  }

  #currentKeys(): Set<string> {
    if (this.#keys === undefined) {
      this.#keys = new Set();
      for (const resource of this.#list) this.#keys.add(idKey(resource.id));
    }
    return this.#keys;
  }

  has(id: ResId): boolean {
    return this.#currentKeys().has(idKey(id));
  }

  /** Puts `resources` in the place of all there were. */
  reset(resources: readonly Resource[]): void {
    this.#list = resources.slice();
    this.#keys = undefined;
  }

  replace(old: Resource, resource: Resource): void {
    this.#list[this.#list.indexOf(old)] = resource;
    this.#keys = undefined;
  }

  /** Drops resources that a patch has left empty. */
  dropEmpty(): void {
    if (!this.#list.some((resource) => isNullOrEmpty(resource.node))) return;
    this.reset(this.#list.filter((resource) => !isNullOrEmpty(resource.node)));
  }

  /** Those of which any id, former or present, matches. */
  matchingAnyId(matches: (id: ResId) => boolean): Resource[] {
    return this.#list.filter((resource) => !isNullOrEmpty(resource.node) && resource.matchesAnyId(matches));
  }

  /** The one resource that has, or had, this id. */
  getById(id: ResId): Resource {
    const found = this.matchingAnyId((other) => sameId(id, other));
    const only = found[0];
    if (found.length === 1 && only !== undefined) return only;
    const text = formatId(id);
    const problem = found.length > 1 ? "multiple matches" : "no matches";
    throw new KustomizeError(
      "patch",
      `${problem} for Id ${text}; failed to find unique target for patch ${text}`,
    );
  }

  copy(): ResMap {
    const copy = new ResMap();
    copy.reset(this.#list.map((resource) => resource.copy()));
    return copy;
  }
}

function placeOf({ file, line }: Resource): Place {
  return { file, line: line > 0 ? line : undefined };
}
