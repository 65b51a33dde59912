import { type ApiRequest, type ApiResponse, parseApiVersion, type TypeMeta } from "@capstan/kube";
import {
  AGGREGATED_ACCEPT,
  type DiscoveredVersion,
  isAggregated,
  readAggregated,
} from "./aggregated-discovery.js";
import { apiErrorOf } from "./api-error.js";
import type { ResourceInfo } from "./client.js";
import { fieldList, fieldOf, text } from "./document-fields.js";
import { groupVersionPath } from "./path.js";

type Send = (request: ApiRequest) => Promise<ApiResponse>;

interface GroupVersionEntry {
  readonly kinds: ReadonlyMap<string, ResourceInfo>;
}

type Root = "/api" | "/apis";

/** Discovery in one document, as it was answered last. */
interface WholeDocument {
  readonly etag: string | undefined;
  readonly versions: readonly DiscoveredVersion[];
}

/** Everything that is served, and the documents that say so. */
interface Listing {
  readonly documents: readonly WholeDocument[];
  readonly resources: readonly ResourceInfo[];
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
  readonly #documents = new Map<Root, WholeDocument>();
  #listing: Listing | undefined;

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

  /**
   * Everything that is served, in the server's order of preference. Asked for each time, of most servers as
   * what changed since the last time: the very list of before where nothing did.
   */
  async all(signal?: AbortSignal): Promise<readonly ResourceInfo[]> {
    const [core, groups] = await Promise.all([this.#root("/api", signal), this.#root("/apis", signal)]);
    if ("versions" in core && "versions" in groups) return this.#listed([core, groups]);
    const versions = [...versionsIn(core), ...versionsIn(groups)];
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

  /** What is served below a root: a whole document, or the plain one that only names versions. */
  async #root(
    path: Root,
    signal: AbortSignal | undefined,
  ): Promise<WholeDocument | { readonly plain: unknown }> {
    const known = this.#documents.get(path);
    const headers = {
      accept: AGGREGATED_ACCEPT,
      ...(known?.etag === undefined ? {} : { "if-none-match": known.etag }),
    };
    const { status, body, etag } = await this.#send({
      method: "GET",
      path,
      headers,
      ...(signal === undefined ? {} : { signal }),
    });
    if (status === 304 && known !== undefined) return known;
    if (status >= 400) throw apiErrorOf(status, body);
    if (!isAggregated(body)) return { plain: body };
    const document = { etag, versions: readAggregated(body) };
    this.#documents.set(path, document);
    for (const { apiVersion, kinds } of document.versions) this.#known.set(apiVersion, { kinds });
    return document;
  }

  #listed(documents: readonly WholeDocument[]): readonly ResourceInfo[] {
    const before = this.#listing;
    if (before !== undefined && documents.every((document, index) => document === before.documents[index])) {
      return before.resources;
    }
    const resources = documents.flatMap(({ versions }) =>
      versions.flatMap(({ kinds }) => [...kinds.values()]),
    );
    this.#listing = { documents, resources };
    return resources;
  }
}

/** The versions that a root names; plain documents name those of the core group apart from all others. */
function versionsIn(root: WholeDocument | { readonly plain: unknown }): readonly string[] {
  if (!("plain" in root)) return root.versions.map(({ apiVersion }) => apiVersion);
  const named = fieldList(root.plain, "groups").flatMap((group) =>
    fieldList(group, "versions").map((version) => text(version, "groupVersion")),
  );
  return [...fieldList(root.plain, "versions").map(String), ...named].filter((version) => version !== "");
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
