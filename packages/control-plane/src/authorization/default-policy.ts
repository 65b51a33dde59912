import type { KubeObject } from "@capstan/kube";
import { aggregatedRules } from "./aggregation.js";
import { DEFAULT_POLICY } from "./default-policy-facts.js";
import { type PolicyRule, RBAC_GROUP, RBAC_VERSION, type Role } from "./policy.js";

const ANNOTATIONS = { "rbac.authorization.kubernetes.io/autoupdate": "true" };
const LABELS = { "kubernetes.io/bootstrapping": "rbac-defaults" };

/** The roles and bindings that a cluster has from its start, aggregated roles with their rules filled in. */
export function defaultPolicy(): KubeObject[] {
  const objects: KubeObject[] = [];
  let rules: PolicyRule[] = [];
  for (const line of DEFAULT_POLICY.trim().split("\n")) {
    const [head = "", ...rest] = line.split(" ");
    if (head === "@") {
      rules = [];
      objects.push(readRole(rest, rules));
    } else if (head === "=") {
      objects.push(readBinding(rest));
    } else {
      rules.push(readRule(head, rest));
    }
  }
  return fillAggregated(objects);
}

/** From the most specific on, as `admin` aggregates `edit`, which aggregates `view`. */
function fillAggregated(objects: readonly KubeObject[]): KubeObject[] {
  const filled = [...objects];
  for (const name of ["view", "edit", "admin"]) {
    const index = filled.findIndex(
      (object) => object.kind === "ClusterRole" && object.metadata.name === name,
    );
    const role = filled[index] as Role | undefined;
    const roles = filled.filter((object): object is Role => object.kind === "ClusterRole");
    if (role) filled[index] = { ...role, rules: aggregatedRules(role, roles) ?? [] };
  }
  return filled;
}

function readRole([place = "", ...traits]: readonly string[], rules: readonly PolicyRule[]): Role {
  const { namespace, name } = readPlace(place);
  const to = traits.filter((trait) => trait.startsWith("+")).map((trait) => [aggregateLabel(trait), "true"]);
  const from = traits.filter((trait) => trait.startsWith("<"));
  const labels = { ...LABELS, ...Object.fromEntries(to) };
  const metadata = { name, ...(namespace ? { namespace } : {}), labels, annotations: ANNOTATIONS };
  const role: Role = { apiVersion: RBAC_VERSION, kind: namespace ? "Role" : "ClusterRole", metadata };
  if (from.length === 0) return { ...role, rules };
  const clusterRoleSelectors = from.map((trait) => ({ matchLabels: { [aggregateLabel(trait)]: "true" } }));
  return { ...role, aggregationRule: { clusterRoleSelectors }, rules };
}

function aggregateLabel(trait: string): string {
  return `${RBAC_GROUP}/aggregate-to-${trait.slice(1)}`;
}

function readRule(verbs: string, [first = "", resources, names]: readonly string[]): PolicyRule {
  if (resources === undefined) return { verbs: verbs.split(","), nonResourceURLs: first.split(",") };
  return {
    verbs: verbs.split(","),
    apiGroups: first.split(",").map((group) => (group === "-" ? "" : group)),
    resources: resources.split(","),
    ...(names === undefined ? {} : { resourceNames: names.split(",") }),
  };
}

function readBinding([place = "", ref = "", ...subjects]: readonly string[]): KubeObject {
  const { namespace, name } = readPlace(place);
  const [kind = "", role = ""] = ref.split("/");
  return {
    apiVersion: RBAC_VERSION,
    kind: namespace ? "RoleBinding" : "ClusterRoleBinding",
    metadata: { name, ...(namespace ? { namespace } : {}), labels: LABELS, annotations: ANNOTATIONS },
    roleRef: { apiGroup: RBAC_GROUP, kind, name: role },
    ...(subjects.length > 0 ? { subjects: subjects.map(readSubject) } : {}),
  };
}

function readSubject(text: string): Record<string, string> {
  const [kind = "", first = "", second] = text.split("/");
  return second === undefined
    ? { kind, apiGroup: RBAC_GROUP, name: first }
    : { kind, namespace: first, name: second };
}

function readPlace(place: string): { namespace: string | undefined; name: string } {
  const slash = place.indexOf("/");
  return slash < 0
    ? { namespace: undefined, name: place }
    : { namespace: place.slice(0, slash), name: place.slice(slash + 1) };
}
