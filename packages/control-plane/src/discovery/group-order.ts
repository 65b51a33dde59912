import type { ServedKind } from "../registry/kind.js";

/** Groups in the order of their priority; groups of custom resources follow, by name. */
const BUILT_IN_ORDER = [
  "apiregistration.k8s.io",
  "apps",
  "events.k8s.io",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
  "resource.k8s.io",
  "flowcontrol.apiserver.k8s.io",
];

/** One API group with the kinds of each of its versions, preferred version first. */
export interface DiscoveredGroup {
  readonly name: string;
  readonly versions: readonly DiscoveredVersion[];
}

interface DiscoveredVersion {
  readonly version: string;
  readonly kinds: readonly ServedKind[];
  /** Set where another server serves it. */
  readonly remote?: RemoteVersion;
}

/** A version of a group that another server serves. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** Whether its server was there when it was asked last. */
  readonly available: boolean;
  /** Its APIResourceList, as it was answered last. */
  readonly resources: unknown;
}

/** Sorts kinds into groups and versions as discovery shows them; the core group is named `""` and comes first. */
export function groupsOf(
  kinds: readonly ServedKind[],
  remotes: readonly RemoteVersion[] = [],
): readonly DiscoveredGroup[] {
  const groups = new Map(localGroups(kinds).map((group) => [group.name, group]));
  const priorities = new Map<string, number>();
  for (const remote of remotes) {
    const { versions = [] } = groups.get(remote.group) ?? {};
    const others = versions.filter(({ version }) => version !== remote.version);
    const added = [...others, { version: remote.version, kinds: [], remote }].sort(compareVersions);
    groups.set(remote.group, { name: remote.group, versions: added });
    priorities.set(remote.group, Math.max(priorities.get(remote.group) ?? 0, remote.groupPriority));
  }
  if (remotes.length === 0) return [...groups.values()];
  const place = (name: string): number => Math.max(priorities.get(name) ?? 0, priorityOf(name));
  return [...groups.values()].sort(
    (a, b) => place(b.name) - place(a.name) || rank(a.name) - rank(b.name) || (a.name < b.name ? -1 : 1),
  );
}

/** By the priority of APIServices, then as versions of APIs are. */
function compareVersions(a: DiscoveredVersion, b: DiscoveredVersion): number {
  const priority = ({ remote }: DiscoveredVersion): number => remote?.versionPriority ?? CUSTOM_VERSION;
  return priority(b) - priority(a) || compareApiVersions(a.version, b.version);
}

const CUSTOM_VERSION = 100;
const CUSTOM_GROUP = 1_000;
const MOST = 20_000;

/** Built-in groups come before all others whose priority is not above theirs. */
function priorityOf(group: string): number {
  return rank(group) < BUILT_IN_ORDER.length ? MOST : CUSTOM_GROUP;
}

function localGroups(kinds: readonly ServedKind[]): readonly DiscoveredGroup[] {
  const groups = new Map<string, Map<string, ServedKind[]>>();
  for (const kind of kinds) {
    const versions = groups.get(kind.group) ?? new Map<string, ServedKind[]>();
    groups.set(kind.group, versions);
    const list = versions.get(kind.version) ?? [];
    versions.set(kind.version, list);
    list.push(kind);
  }
  return [...groups]
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
    .map(([name, versions]) => ({
      name,
      versions: [...versions]
        .sort(([a], [b]) => compareApiVersions(a, b))
        .map(([version, list]) => ({
          version,
          kinds: list.sort((a, b) => (a.resource < b.resource ? -1 : 1)),
        })),
    }));
}

function rank(group: string): number {
  if (group === "") return -1;
  const index = BUILT_IN_ORDER.indexOf(group);
  return index < 0 ? BUILT_IN_ORDER.length : index;
}

const VERSION = /^v(\d+)(?:(alpha|beta)(\d+))?$/;

/**
 * Orders API versions from most to least preferred: stable before beta before alpha, higher numbers
 * first, names that are no versions last and by name.
 */
export function compareApiVersions(a: string, b: string): number {
  const [x, y] = [VERSION.exec(a), VERSION.exec(b)];
  if (x === null || y === null) return x === y ? (a < b ? -1 : a > b ? 1 : 0) : x === null ? 1 : -1;
  const stage = (match: RegExpExecArray) => (match[2] === undefined ? 2 : match[2] === "beta" ? 1 : 0);
  return stage(y) - stage(x) || Number(y[1]) - Number(x[1]) || Number(y[3] ?? 0) - Number(x[3] ?? 0);
}
