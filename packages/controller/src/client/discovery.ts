import { type ApiRequest, type ApiResponse, parseApiVersion, type TypeMeta } from "@capstan/kube";
import { apiErrorOf } from "./api-error.js";
import type { ResourceInfo } from "./client.js";
import { groupVersionPath } from "./path.js";

type Send = (request: ApiRequest) => Promise<ApiResponse>;

interface GroupVersionEntry {
  readonly kinds: ReadonlyMap<string, ResourceInfo>;
}

/**
 * Kind → resource, read from discovery one group and version at a time and kept.
 *
 * A kind that is not known makes its group and version be read again, so that a new
 * CustomResourceDefinition is seen at once; what is missing is never remembered.
 */
export class Discovery {
  readonly #send: Send;
  readonly #known = new Map<string, GroupVersionEntry>();
  readonly #reading = new Map<string, Promise<GroupVersionEntry | undefined>>();

  constructor(send: Send) {
    this.#send = send;
  }

  /** How a kind is served; `undefined` where the API does not serve it. */
  async find(type: TypeMeta, signal?: AbortSignal): Promise<ResourceInfo | undefined> {
    const known = this.#known.get(type.apiVersion)?.kinds.get(type.kind);
    if (known !== undefined) return known;
    const read = await this.#read(type.apiVersion);
    signal?.throwIfAborted();
    return read?.kinds.get(type.kind);
  }

  /** Everything that is served, in the server's order of preference. */
  async all(signal?: AbortSignal): Promise<readonly ResourceInfo[]> {
    const versions = await this.#groupVersions(signal);
    const read = await Promise.all(versions.map((version) => this.#read(version)));
    return read.flatMap((entry) => [...(entry?.kinds.values() ?? [])]);
  }

  /** Forgets what is known of one API group (all of it, where none is named). */
  invalidate(group?: string): void {
    for (const apiVersion of [...this.#known.keys()]) {
      if (group === undefined || parseApiVersion(apiVersion).group === group) this.#known.delete(apiVersion);
    }
  }

  #read(apiVersion: string): Promise<GroupVersionEntry | undefined> {
    const running = this.#reading.get(apiVersion);
    if (running !== undefined) return running;
    const reading = this.#fetch(apiVersion).finally(() => this.#reading.delete(apiVersion));
    this.#reading.set(apiVersion, reading);
    return reading;
  }

  async #fetch(apiVersion: string): Promise<GroupVersionEntry | undefined> {
    const { group, version } = parseApiVersion(apiVersion);
    const response = await this.#send({ method: "GET", path: groupVersionPath(group, version) });
    if (response.status === 404) {
      this.#known.delete(apiVersion);
      return undefined;
    }
    if (response.status >= 400) throw apiErrorOf(response.status, response.body);
    const entry = { kinds: readResourceList(group, version, response.body) };
    this.#known.set(apiVersion, entry);
    return entry;
  }

  async #groupVersions(signal: AbortSignal | undefined): Promise<readonly string[]> {
    const options = signal === undefined ? {} : { signal };
    const [core, groups] = await Promise.all([
      this.#send({ method: "GET", path: "/api", ...options }),
      this.#send({ method: "GET", path: "/apis", ...options }),
    ]);
    if (core.status >= 400) throw apiErrorOf(core.status, core.body);
    if (groups.status >= 400) throw apiErrorOf(groups.status, groups.body);
    const named = fieldList(groups.body, "groups").flatMap((group) =>
      fieldList(group, "versions").map((version) => text(version, "groupVersion")),
    );
    return [...fieldList(core.body, "versions").map(String), ...named].filter((version) => version !== "");
  }
}

function readResourceList(group: string, version: string, body: unknown): Map<string, ResourceInfo> {
  const entries = fieldList(body, "resources");
  const subresources = new Map<string, string[]>();
  for (const entry of entries) {
    const [resource = "", ...rest] = text(entry, "name").split("/");
    if (rest.length > 0) subresources.set(resource, [...(subresources.get(resource) ?? []), rest.join("/")]);
  }
  const kinds = new Map<string, ResourceInfo>();
  for (const entry of entries) {
    const resource = text(entry, "name");
    const kind = text(entry, "kind");
    if (resource.includes("/") || kinds.has(kind)) continue;
    kinds.set(kind, {
      group,
      version,
      kind,
      resource,
      namespaced: fieldOf(entry, "namespaced") === true,
      verbs: fieldList(entry, "verbs").map(String),
      shortNames: fieldList(entry, "shortNames").map(String),
      categories: fieldList(entry, "categories").map(String),
      subresources: subresources.get(resource) ?? [],
    });
  }
  return kinds;
}

function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, field)
    ? (value as Record<string, unknown>)[field]
    : undefined;
}

function fieldList(value: unknown, field: string): readonly unknown[] {
  const list = fieldOf(value, field);
  return Array.isArray(list) ? list : [];
}

function text(value: unknown, field: string): string {
  const found = fieldOf(value, field);
  return typeof found === "string" ? found : "";
}
