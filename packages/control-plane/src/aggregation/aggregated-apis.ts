import type { ApiService } from "./api-service.js";

/** A version of a group that another server serves, as it was found last. */
export interface AggregatedVersion {
  readonly service: ApiService;
  readonly group: string;
  readonly version: string;
  readonly available: boolean;
  /** Its APIResourceList; undefined where it never answered. */
  readonly resources: unknown;
  /** Where its OpenAPI v3 document is, as a path; undefined where it has none. */
  readonly openApi: string | undefined;
}

/** Which versions of groups other servers serve right now. */
export class AggregatedApis {
  readonly #versions = new Map<string, AggregatedVersion>();
  readonly #listeners = new Set<() => void>();
  #changes = 0;

  /** Grows with every change. */
  get version(): number {
    return this.#changes;
  }

  all(): readonly AggregatedVersion[] {
    return [...this.#versions.values()];
  }

  /** Where OpenAPI v3 documents are, by name. */
  openApiPaths(): ReadonlyMap<string, string> {
    const paths = new Map<string, string>();
    for (const { group, version, openApi } of this.all()) {
      if (openApi !== undefined) paths.set(`apis/${group}/${version}`, openApi);
    }
    return paths;
  }

  find(group: string, version: string): AggregatedVersion | undefined {
    return this.#versions.size === 0 ? undefined : this.#versions.get(`${version}.${group}`);
  }

  put(entry: AggregatedVersion): void {
    const key = `${entry.version}.${entry.group}`;
    const former = this.#versions.get(key);
    this.#versions.set(key, entry);
    const same =
      former?.available === entry.available &&
      JSON.stringify([former.resources, former.openApi, former.service.spec]) ===
        JSON.stringify([entry.resources, entry.openApi, entry.service.spec]);
    if (!same) this.#changed();
  }

  /** Forgets what the APIService of this name registered. */
  remove(name: string): void {
    if (this.#versions.delete(name)) this.#changed();
  }

  /** Calls `listener` after every change; the returned function ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #changed(): void {
    this.#changes += 1;
    for (const listener of [...this.#listeners]) listener();
  }
}
