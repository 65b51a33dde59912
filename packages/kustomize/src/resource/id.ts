/** The pseudo namespace of all cluster-scoped objects. */
export const CLUSTER_SCOPE = "_non_namespaceable_";

/** A kind with its group and version. */
export interface Gvk {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** A kind as selectors name it: an empty or absent part matches anything. */
export interface GvkSelector {
  readonly group?: string | undefined;
  readonly version?: string | undefined;
  readonly kind?: string | undefined;
}

/** What an object is known by during a build. */
export interface ResId extends Gvk {
  readonly name: string;
  readonly namespace: string;
  /** Whether the kind is certainly cluster-scoped. */
  readonly clusterScoped: boolean;
}

/** Splits at the first slash, as kustomize does. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf("/");
  if (slash < 0) return { group: "", version: apiVersion };
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Whether a kind is selected; empty parts of the selector match anything. */
export function gvkSelected(gvk: Gvk, selector: GvkSelector): boolean {
  return (
    (!selector.group || selector.group === gvk.group) &&
    (!selector.version || selector.version === gvk.version) &&
    (!selector.kind || selector.kind === gvk.kind)
  );
}

/** No namespace is `default`; cluster-scoped objects share one that no object can have. */
export function effectiveNamespace(id: ResId): string {
  if (id.clusterScoped) return CLUSTER_SCOPE;
  return id.namespace === "" ? "default" : id.namespace;
}

/** Equal for ids that are the same object to kustomize, and only for those. */
export function idKey(id: ResId): string {
  return `${id.group}\n${id.version}\n${id.kind}\n${id.name}\n${effectiveNamespace(id)}`;
}

/** The same but for the namespace. */
export function sameGvkAndName(a: ResId, b: ResId): boolean {
  return a.name === b.name && a.kind === b.kind && a.version === b.version && a.group === b.group;
}

/** The same object: `default` is no namespace, cluster-scoped objects have none. */
export function sameId(a: ResId, b: ResId): boolean {
  return sameGvkAndName(a, b) && effectiveNamespace(a) === effectiveNamespace(b);
}

/** How a selector by exact text matches: empty parts match anything. */
export function idSelected(id: ResId, selector: ResIdSelector): boolean {
  if (selector.name && selector.name !== id.name) return false;
  if (selector.namespace) {
    const wanted = selector.namespace;
    if (wanted !== effectiveNamespace(id)) return false;
  }
  return gvkSelected(id, selector);
}

/** Selects ids by exact text. */
export interface ResIdSelector extends GvkSelector {
  readonly name?: string | undefined;
  readonly namespace?: string | undefined;
}

/** `Deployment.v1.apps` with `[noKind]` and the like for what is empty. */
export function formatGvk(gvk: GvkSelector): string {
  return `${gvk.kind || "[noKind]"}.${gvk.version || "[noVer]"}.${gvk.group || "[noGrp]"}`;
}

/** `Deployment.v1.apps/web.prod` with `[noNs]` and the like for what is empty. */
export function formatId(id: ResIdSelector): string {
  return `${formatGvk(id)}/${id.name || "[noName]"}.${id.namespace || "[noNs]"}`;
}

const FIRST = [
  "Namespace",
  "ResourceQuota",
  "StorageClass",
  "CustomResourceDefinition",
  "ServiceAccount",
  "PodSecurityPolicy",
  "Role",
  "ClusterRole",
  "RoleBinding",
  "ClusterRoleBinding",
  "ConfigMap",
  "Secret",
  "Endpoints",
  "Service",
  "LimitRange",
  "PriorityClass",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
];
const LAST = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/** Ranks kinds: those of `first` are negative, those of `last` positive, all others 0. */
export function kindRanks(
  first: readonly string[] = FIRST,
  last: readonly string[] = LAST,
): Map<string, number> {
  const ranks = new Map<string, number>();
  for (const [index, kind] of first.entries()) ranks.set(kind, index - first.length);
  for (const [index, kind] of last.entries()) ranks.set(kind, index + 1);
  return ranks;
}

/** `group_version_kind` with `~G`, `~V`, `~K` for what is empty, which sort behind all names. */
export function sortableGvk(gvk: GvkSelector): string {
  return `${gvk.group || "~G"}_${gvk.version || "~V"}_${gvk.kind || "~K"}`;
}
