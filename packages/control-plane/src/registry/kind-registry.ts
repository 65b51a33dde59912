import { formatApiVersion } from "@capstan/kube";
import type { ServedKind } from "./kind.js";

/** Which kinds the API serves right now. Built-in kinds stay; custom ones come and go. */
export class KindRegistry {
  readonly #byResource = new Map<string, ServedKind>();
  /** By group, version and resource: found without joining them, as every request asks many times. */
  readonly #tree = new Map<string, Map<string, Map<string, ServedKind>>>();
  readonly #byKind = new Map<string, ServedKind>();
  readonly #byPrefix = new Map<string, ServedKind>();
  readonly #listeners = new Set<() => void>();
  #version = 0;

  constructor(kinds: readonly ServedKind[] = []) {
    for (const kind of kinds) this.#put(kind);
  }

  /** Grows with every change, so that what is derived from the registry can be cached. */
  get version(): number {
    return this.#version;
  }

  /** Serves `added` and stops serving `removed`, as one change. */
  change(added: readonly ServedKind[], removed: readonly ServedKind[] = []): void {
    for (const kind of removed) this.#remove(kind);
    for (const kind of added) this.#put(kind);
    this.#version++;
    for (const listener of [...this.#listeners]) listener();
  }

  all(): readonly ServedKind[] {
    return [...this.#byResource.values()];
  }

  /** The kind served at `/apis/<group>/<version>/<resource>` (`/api/v1/…` for the empty group). */
  find(group: string, version: string, resource: string): ServedKind | undefined {
    return this.#tree.get(group)?.get(version)?.get(resource);
  }

  findKind(apiVersion: string, kind: string): ServedKind | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** The other versions at which the objects of a kind are served. */
  versionsOf({ group, version, resource, storage }: ServedKind): readonly ServedKind[] {
    const versions = this.#tree.get(group);
    if (versions === undefined || versions.size < 2) return [];
    return [...versions].flatMap(([name, resources]) => {
      const other = name === version ? undefined : resources.get(resource);
      return other?.storage.prefix === storage.prefix ? [other] : [];
    });
  }

  /** The kind that a store key belongs to. Prefixes have one or more segments. */
  kindOfKey(key: string): ServedKind | undefined {
    for (let slash = key.indexOf("/"); slash >= 0; slash = key.indexOf("/", slash + 1)) {
      const kind = this.#byPrefix.get(key.slice(0, slash));
      if (kind !== undefined) return kind;
    }
    return undefined;
  }

  hasGroupVersion(group: string, version: string): boolean {
    for (const kind of this.#byResource.values()) {
      if (kind.group === group && kind.version === version) return true;
    }
    return false;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(kind: ServedKind): void {
    this.#byResource.set(`${kind.group}/${kind.version}/${kind.resource}`, kind);
    const versions = this.#tree.get(kind.group) ?? new Map<string, Map<string, ServedKind>>();
    this.#tree.set(kind.group, versions);
    const resources = versions.get(kind.version) ?? new Map<string, ServedKind>();
    versions.set(kind.version, resources);
    resources.set(kind.resource, kind);
    const apiVersion = formatApiVersion(kind.group, kind.version);
    this.#byKind.set(`${apiVersion}/${kind.kind}`, kind);
    const prefix = kind.storage.prefix;
    if (apiVersion === kind.storage.apiVersion || !this.#byPrefix.has(prefix)) {
      this.#byPrefix.set(prefix, kind);
    }
  }

  #remove(kind: ServedKind): void {
    this.#byResource.delete(`${kind.group}/${kind.version}/${kind.resource}`);
    this.#tree.get(kind.group)?.get(kind.version)?.delete(kind.resource);
    this.#byKind.delete(`${formatApiVersion(kind.group, kind.version)}/${kind.kind}`);
    const prefix = kind.storage.prefix;
    this.#byPrefix.delete(prefix);
    for (const other of this.#byResource.values()) {
      if (other.storage.prefix === prefix) this.#byPrefix.set(prefix, other);
    }
  }
}
