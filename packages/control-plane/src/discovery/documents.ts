import { createHash } from "node:crypto";
import { formatApiVersion } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import { type DiscoveredGroup, groupsOf, type RemoteVersion } from "./group-order.js";
import { aggregatedResources } from "./remote-resources.js";
import { subresourcesOf } from "./subresources.js";

type Document = Record<string, unknown>;

/** `/api`: the versions of the core group. `serverAddress` is the `host:port` that clients reach. */
export function apiVersionsDocument(serverAddress: string): Document {
  return {
    kind: "APIVersions",
    versions: ["v1"],
    serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
  };
}

/** `/apis`: all groups but the core group. */
export function apiGroupListDocument(
  kinds: readonly ServedKind[],
  remotes: readonly RemoteVersion[],
): Document {
  const groups = groupsOf(kinds, remotes).filter((group) => group.name !== "");
  return { kind: "APIGroupList", apiVersion: "v1", groups: groups.map(describeGroup) };
}

/** `/apis/<group>`; `undefined` where nothing serves that group. */
export function apiGroupDocument(
  kinds: readonly ServedKind[],
  remotes: readonly RemoteVersion[],
  name: string,
): Document | undefined {
  const group = groupsOf(kinds, remotes).find((candidate) => candidate.name === name && name !== "");
  return group === undefined ? undefined : { kind: "APIGroup", apiVersion: "v1", ...describeGroup(group) };
}

function describeGroup(group: DiscoveredGroup): Document {
  const versions = group.versions.map(({ version }) => ({
    groupVersion: formatApiVersion(group.name, version),
    version,
  }));
  return { name: group.name, versions, preferredVersion: versions[0] };
}

/** `/api/v1` or `/apis/<group>/<version>`; `undefined` where nothing serves it. */
export function apiResourceListDocument(
  kinds: readonly ServedKind[],
  group: string,
  version: string,
): Document | undefined {
  const served = groupsOf(kinds)
    .find((candidate) => candidate.name === group)
    ?.versions.find((candidate) => candidate.version === version);
  if (served === undefined) return undefined;
  return {
    kind: "APIResourceList",
    ...(group === "" ? {} : { apiVersion: "v1" }),
    groupVersion: formatApiVersion(group, version),
    resources: served.kinds.flatMap(describeResource),
  };
}

function describeResource(kind: ServedKind): Document[] {
  const resource = {
    name: kind.resource,
    singularName: kind.singular,
    namespaced: kind.namespaced,
    kind: kind.kind,
    verbs: kind.verbs,
    ...namesOf(kind),
    ...(kind.verbs.includes("watch") ? { storageVersionHash: storageVersionHash(kind) } : {}),
  };
  const subresources = subresourcesOf(kind).map((sub) => ({
    name: `${kind.resource}/${sub.name}`,
    singularName: "",
    namespaced: kind.namespaced,
    ...(sub.group === undefined ? {} : { group: sub.group, version: sub.version }),
    kind: sub.kind,
    verbs: sub.verbs,
  }));
  return [resource, ...subresources];
}

function namesOf(kind: ServedKind): Document {
  return {
    ...(kind.shortNames.length > 0 ? { shortNames: kind.shortNames } : {}),
    ...(kind.categories.length > 0 ? { categories: kind.categories } : {}),
  };
}

/** Kinds that the real server keeps in a version that it no longer serves, which clients see in the hash. */
const STORED_VERSIONS: Readonly<Record<string, string>> = {
  CustomResourceDefinition: "apiextensions.k8s.io/v1beta1",
  VolumeAttributesClass: "storage.k8s.io/v1beta1",
};

/** Eight bytes that change when the version that objects are stored in does. */
function storageVersionHash(kind: ServedKind): string {
  const past = kind.protobufMessage === undefined ? undefined : STORED_VERSIONS[kind.kind];
  const apiVersion = past ?? kind.storage.apiVersion;
  const stored = apiVersion.includes("/") ? apiVersion : `/${apiVersion}`;
  return createHash("sha256").update(`${stored}/${kind.kind}`).digest().subarray(0, 8).toString("base64");
}

/** `/api` or `/apis` in the one-document form (`apidiscovery.k8s.io`). */
export function aggregatedDocument(
  kinds: readonly ServedKind[],
  remotes: readonly RemoteVersion[],
  root: "api" | "apis",
  version: "v2" | "v2beta1",
): Document {
  const groups = groupsOf(kinds, remotes).filter((group) => (group.name === "") === (root === "api"));
  return {
    kind: "APIGroupDiscoveryList",
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map((group) => ({
      metadata: group.name === "" ? {} : { name: group.name },
      versions: group.versions.map((served) => ({
        version: served.version,
        ...(served.remote === undefined
          ? { resources: served.kinds.map(describeAggregated), freshness: "Current" }
          : describeRemote(served.remote)),
      })),
    })),
  };
}

/** What is known of a version that another server serves; `Stale` where that does not answer. */
function describeRemote({ available, resources }: RemoteVersion): Document {
  const known = aggregatedResources(resources);
  return {
    ...(known.length === 0 ? {} : { resources: known }),
    freshness: available ? "Current" : "Stale",
  };
}

function describeAggregated(kind: ServedKind): Document {
  // Built-in kinds leave group and version of the kind to the document around them.
  const own =
    kind.protobufMessage === undefined
      ? { group: kind.group, version: kind.version }
      : { group: "", version: "" };
  const subresources = subresourcesOf(kind).map((sub) => ({
    subresource: sub.name,
    responseKind: { group: sub.group ?? own.group, version: sub.version ?? own.version, kind: sub.kind },
    verbs: sub.verbs,
  }));
  return {
    resource: kind.resource,
    responseKind: { ...own, kind: kind.kind },
    scope: kind.namespaced ? "Namespaced" : "Cluster",
    singularResource: kind.singular,
    verbs: kind.verbs,
    ...namesOf(kind),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}
