import { listOf, type Members, membersOf, textOf } from "../admission/members.js";

const COPIED = ["shortNames", "categories"] as const;

/** The resources of an APIResourceList in the form of aggregated discovery, subresources below theirs. */
export function aggregatedResources(list: unknown): readonly Members[] {
  const { resources, groupVersion } = membersOf(list);
  const [group = "", version = ""] = textOf(groupVersion).split("/");
  const found = new Map<string, { readonly entry: Members; readonly subresources: Members[] }>();
  for (const resource of listOf(resources)) {
    const [name = "", ...rest] = textOf(resource["name"]).split("/");
    const kind = {
      group: textOf(resource["group"]) || group,
      version: textOf(resource["version"]) || version,
      kind: textOf(resource["kind"]),
    };
    const verbs = resource["verbs"] ?? [];
    if (rest.length > 0) {
      found.get(name)?.subresources.push({ subresource: rest.join("/"), responseKind: kind, verbs });
      continue;
    }
    const entry = {
      resource: name,
      responseKind: kind,
      scope: resource["namespaced"] === true ? "Namespaced" : "Cluster",
      singularResource: textOf(resource["singularName"]),
      verbs,
      ...Object.fromEntries(
        COPIED.filter((key) => resource[key] !== undefined).map((key) => [key, resource[key]]),
      ),
    };
    found.set(name, { entry, subresources: [] });
  }
  return [...found.values()].map(({ entry, subresources }) =>
    subresources.length === 0 ? entry : { ...entry, subresources },
  );
}
