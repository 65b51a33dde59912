import { compareQuantity, isQualifiedName, parseQuantity } from "@capstan/kube";
import { type Members, membersAt } from "../members.js";
import { NOT_NEGATIVE, type Problems } from "./problems.js";

const CONTAINER_RESOURCES = new Set(["cpu", "memory", "ephemeral-storage"]);
const STANDARD = new Set([
  ...CONTAINER_RESOURCES,
  "storage",
  "requests.storage",
  "requests.cpu",
  "requests.memory",
  "requests.ephemeral-storage",
  "limits.cpu",
  "limits.memory",
  "limits.ephemeral-storage",
  "pods",
  "services",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "persistentvolumeclaims",
  "configmaps",
  "services.nodeports",
  "services.loadbalancers",
]);

const ZERO = parseQuantity("0");

function isHugePages(name: string): boolean {
  return name.startsWith("hugepages-");
}

/** A resource that devices bring: a domain of its own, counted in whole numbers. */
function isExtended(name: string): boolean {
  if (!name.includes("/") || name.includes("kubernetes.io/") || name.startsWith("requests.")) return false;
  return isQualifiedName(`requests.${name}`).length === 0;
}

function validateName(problems: Problems, field: string, name: string): boolean {
  const before = problems.list.length;
  problems.names(field, name, isQualifiedName);
  if (problems.list.length > before) return false;
  if (!name.includes("/") && !STANDARD.has(name) && !isHugePages(name)) {
    problems.invalid(field, name, "must be a standard resource type or fully qualified");
  }
  if (!name.includes("/") && !CONTAINER_RESOURCES.has(name) && !isHugePages(name)) {
    problems.invalid(field, name, "must be a standard resource for containers");
  }
  return true;
}

function validateAmount(problems: Problems, field: string, name: string, amount: string): void {
  const quantity = parseQuantity(amount);
  if (compareQuantity(quantity, ZERO) < 0) problems.invalid(field, amount, NOT_NEGATIVE);
  const countable = isExtended(name) || ["pods", "services"].includes(name);
  if (countable && quantity.nano % 1_000_000_000n !== 0n)
    problems.invalid(field, amount, "must be an integer");
}

/** Requests and limits of a container. */
export function validateResources(problems: Problems, field: string, resources: Members | undefined): void {
  const limits = membersAt(resources, "limits") ?? {};
  const requests = membersAt(resources, "requests") ?? {};
  let hasBase = false;
  let hasHugePages = false;
  const note = (name: string) => {
    if (isHugePages(name)) hasHugePages = true;
    if (name === "cpu" || name === "memory") hasBase = true;
  };
  for (const [name, amount] of Object.entries(limits)) {
    const at = `${field}.limits[${name}]`;
    validateName(problems, at, name);
    validateAmount(problems, at, name, String(amount));
    note(name);
  }
  for (const [name, amount] of Object.entries(requests)) {
    const at = `${field}.requests[${name}]`;
    validateName(problems, at, name);
    validateAmount(problems, at, name, String(amount));
    note(name);
    compareWithLimit(problems, `${field}.requests`, name, String(amount), limits[name]);
  }
  if (hasHugePages && !hasBase) problems.forbidden(field, "HugePages require cpu or memory");
}

function compareWithLimit(
  problems: Problems,
  field: string,
  name: string,
  request: string,
  limit: unknown,
): void {
  const fixed = isExtended(name) || isHugePages(name);
  if (limit === undefined) {
    if (fixed)
      problems.required(
        field.replace(/requests$/, "limits"),
        "Limit must be set for non overcommitable resources",
      );
    return;
  }
  const order = compareQuantity(parseQuantity(request), parseQuantity(String(limit)));
  if (fixed && order !== 0) {
    problems.invalid(field, request, `must be equal to ${name} limit of ${String(limit)}`);
  } else if (!fixed && order > 0) {
    problems.invalid(field, request, `must be less than or equal to ${name} limit of ${String(limit)}`);
  }
}
