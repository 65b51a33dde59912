import { listOf, type Members, membersOf, textOf } from "./members.js";
import { containersOf } from "./pod-request.js";

/** Whether a quota is for this object: all its scopes must match, and scopes are about pods. */
export function inScope(spec: Members, pod: Members | undefined): boolean {
  const scopes = Array.isArray(spec["scopes"]) ? spec["scopes"].map(String) : [];
  const expressions = listOf(membersOf(spec["scopeSelector"])["matchExpressions"]);
  if (scopes.length === 0 && expressions.length === 0) return true;
  if (!pod) return false;
  return (
    scopes.every((scope) => hasScope(pod, scope)) &&
    expressions.every((expression) => matchesScope(pod, expression))
  );
}

function hasScope(pod: Members, scope: string): boolean {
  switch (scope) {
    case "Terminating":
      return typeof pod["activeDeadlineSeconds"] === "number";
    case "NotTerminating":
      return typeof pod["activeDeadlineSeconds"] !== "number";
    case "BestEffort":
      return isBestEffort(pod);
    case "NotBestEffort":
      return !isBestEffort(pod);
    case "PriorityClass":
      return textOf(pod["priorityClassName"]) !== "";
    case "CrossNamespacePodAffinity":
      return JSON.stringify(pod["affinity"] ?? null).includes('"namespace');
    default:
      return false;
  }
}

function isBestEffort(pod: Members): boolean {
  return containersOf(pod).every(({ container }) => {
    const { requests, limits } = membersOf(container["resources"]);
    return Object.keys(membersOf(requests)).length + Object.keys(membersOf(limits)).length === 0;
  });
}

function matchesScope(pod: Members, { scopeName, operator, values }: Members): boolean {
  const scope = textOf(scopeName);
  if (scope !== "PriorityClass") return hasScope(pod, scope);
  const name = textOf(pod["priorityClassName"]);
  const listed = Array.isArray(values) && values.includes(name);
  if (operator === "In") return listed;
  if (operator === "NotIn") return !listed;
  return operator === "Exists" ? name !== "" : name === "";
}
