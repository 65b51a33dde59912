import { listOf, membersOf, textOf } from "../admission/members.js";
import type { ServedKind } from "../registry/kind.js";
import { groupsOf, type RemoteVersion } from "./group-order.js";

/** A resource of namespaces that can be deleted, at the version that is preferred. */
export interface NamespacedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly verbs: readonly string[];
  /** What it is served as; absent where another server serves it. */
  readonly kind?: ServedKind;
}

export interface NamespacedResources {
  readonly resources: readonly NamespacedResource[];
  /** `group/version` of what another server serves that is not there to say what it has, by name. */
  readonly stale: readonly string[];
}

/**
 * What there can be in a namespace: each resource once, at the first version of its group that has it, as
 * client-go's `ServerPreferredNamespacedResources` finds it.
 */
export function namespacedResources(
  kinds: readonly ServedKind[],
  remotes: readonly RemoteVersion[],
): NamespacedResources {
  const resources: NamespacedResource[] = [];
  const stale: string[] = [];
  for (const { name: group, versions } of groupsOf(kinds, remotes)) {
    const seen = new Set<string>();
    for (const { version, kinds: served, remote } of versions) {
      if (remote !== undefined && !remote.available) {
        stale.push(`${group}/${version}`);
        continue;
      }
      const found = remote === undefined ? served.map(ofKind) : ofRemote(remote);
      for (const { namespaced, ...resource } of found) {
        if (seen.has(resource.resource)) continue;
        seen.add(resource.resource);
        if (namespaced && resource.verbs.includes("delete")) resources.push(resource);
      }
    }
  }
  return { resources, stale: stale.sort() };
}

type Found = NamespacedResource & { readonly namespaced: boolean };

function ofKind(kind: ServedKind): Found {
  const { group, version, resource, verbs, namespaced } = kind;
  return { group, version, resource, verbs, namespaced, kind };
}

function ofRemote({ group, version, resources }: RemoteVersion): readonly Found[] {
  const listed = membersOf(resources)["resources"];
  return listOf(listed).flatMap((each) => {
    const resource = textOf(each["name"]);
    if (resource === "" || resource.includes("/")) return [];
    const verbs = Array.isArray(each["verbs"]) ? each["verbs"].map(textOf) : [];
    return [{ group, version, resource, verbs, namespaced: each["namespaced"] === true }];
  });
}
