import { defaultTo, ensureMembers, listAt, type Members, membersAt } from "../members.js";

export function defaultAutoscaler(object: Members): void {
  const spec = ensureMembers(object, "spec");
  defaultTo(spec, "minReplicas", 1);
  if (listAt(spec, "metrics").length === 0) {
    const target = { type: "Utilization", averageUtilization: 80 };
    spec["metrics"] = [{ type: "Resource", resource: { name: "cpu", target } }];
  }
  const behavior = membersAt(spec, "behavior");
  if (behavior === undefined) return;
  const up = membersAt(behavior, "scaleUp");
  const down = membersAt(behavior, "scaleDown");
  const policy = (type: string, value: number) => ({ type, value, periodSeconds: 15 });
  behavior["scaleUp"] = {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [policy("Pods", 4), policy("Percent", 100)],
    ...withoutEmpty(up),
  };
  behavior["scaleDown"] = { selectPolicy: "Max", policies: [policy("Percent", 100)], ...withoutEmpty(down) };
}

function withoutEmpty(rules: Members | undefined): Members {
  return Object.fromEntries(
    Object.entries(rules ?? {}).filter(
      ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
    ),
  );
}

export function defaultAutoscalerV1(object: Members): void {
  defaultTo(ensureMembers(object, "spec"), "minReplicas", 1);
}
