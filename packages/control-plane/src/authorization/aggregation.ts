import { deepEqual, labelSelectorFromObject, matchesLabels } from "@capstan/kube";
import type { PolicyRule, Role } from "./policy.js";

/**
 * The rules that an aggregated ClusterRole shall have: those of all other ClusterRoles that one of its
 * selectors selects, in the order of their names, each once. Undefined for a role that does not aggregate.
 */
export function aggregatedRules(role: Role, all: readonly Role[]): readonly PolicyRule[] | undefined {
  const selectors = role.aggregationRule?.clusterRoleSelectors;
  if (!selectors || selectors.length === 0) return undefined;
  const rules: PolicyRule[] = [];
  for (const selector of selectors) {
    const parsed = labelSelectorFromObject(selector);
    const selected = all
      .filter(
        ({ metadata }) =>
          metadata.name !== role.metadata.name && matchesLabels(parsed, metadata.labels ?? {}),
      )
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const other of selected) {
      for (const rule of other.rules ?? [])
        if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
    }
  }
  return rules;
}
