import { formatApiVersion } from "@capstan/kube";
import type { ResourceInfo } from "./client.js";
import { fieldList, fieldOf, text } from "./document-fields.js";

/** Asks for discovery in one document, and for the plain one of servers that have no such thing. */
export const AGGREGATED_ACCEPT =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

/** A group and version of a document, with what is served of it by kind. */
export interface DiscoveredVersion {
  readonly apiVersion: string;
  readonly kinds: ReadonlyMap<string, ResourceInfo>;
}

/** Whether an answer is discovery in one document, as `AGGREGATED_ACCEPT` asks for it. */
export function isAggregated(body: unknown): boolean {
  return text(body, "kind") === "APIGroupDiscoveryList";
}

/**
 * What discovery in one document lists, in its order. Versions whose server does not answer are left out, as
 * client-go leaves them out.
 */
export function readAggregated(body: unknown): readonly DiscoveredVersion[] {
  return fieldList(body, "items").flatMap((item) => {
    const group = text(fieldOf(item, "metadata"), "name");
    return fieldList(item, "versions")
      .filter((served) => text(served, "freshness") !== "Stale")
      .map((served) => {
        const version = text(served, "version");
        return {
          apiVersion: formatApiVersion(group, version),
          kinds: kindsOf(group, version, fieldList(served, "resources")),
        };
      });
  });
}

function kindsOf(group: string, version: string, resources: readonly unknown[]): Map<string, ResourceInfo> {
  const kinds = new Map<string, ResourceInfo>();
  for (const entry of resources) {
    const kind = text(fieldOf(entry, "responseKind"), "kind");
    // A resource without a kind is there for its subresources alone.
    if (kind === "" || kinds.has(kind)) continue;
    kinds.set(kind, {
      group,
      version,
      kind,
      resource: text(entry, "resource"),
      namespaced: text(entry, "scope") === "Namespaced",
      verbs: fieldList(entry, "verbs").map(String),
      shortNames: fieldList(entry, "shortNames").map(String),
      categories: fieldList(entry, "categories").map(String),
      subresources: fieldList(entry, "subresources").map((one) => text(one, "subresource")),
    });
  }
  return kinds;
}
