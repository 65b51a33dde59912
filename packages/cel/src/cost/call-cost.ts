import { EvalFailure, Opaque } from "../value/value.js";
import { kubernetesCallCost } from "./kubernetes-call-cost.js";
import { actualSize, type CallCost, regexMatch, sizeOf, traversal, traversalFactor } from "./size.js";

const shorter: CallCost = ([a = null, b = null]) => {
  if (typeof a === "number" && typeof b === "number") return 1;
  if (a instanceof Opaque || a instanceof EvalFailure) return 1;
  return Math.ceil(Math.min(actualSize(a), actualSize(b)) * traversalFactor);
};

const joined: CallCost = (args) => Math.ceil((sizeOf(args, 0) + sizeOf(args, 1)) * traversalFactor);

const search: CallCost = (args) =>
  Math.ceil(sizeOf(args, 0) * traversalFactor) * Math.ceil(sizeOf(args, 1) * traversalFactor);

const byOverload = new Map<string, CallCost>([
  ["starts_with_string", traversal],
  ["ends_with_string", traversal],
  ["string_to_bytes", traversal],
  ["bytes_to_string", traversal],
  ["strings_quote", traversal],
  ["string_format", traversal],
  ["in_list", (args) => sizeOf(args, 1)],
  ["add_string", joined],
  ["add_bytes", joined],
  ["matches_string", regexMatch],
  ["contains_string", search],
  ["equals", shorter],
  ["not_equals", shorter],
]);
for (const verb of ["less", "less_equals", "greater", "greater_equals"]) {
  byOverload.set(`${verb}_string`, shorter);
  byOverload.set(`${verb}_bytes`, shorter);
}

/** The cost of a call as cel-go counts it at run time, with the costs of Kubernetes' libraries. */
export function callCost(name: string, overloadId: string): CallCost {
  return kubernetesCallCost(name, overloadId) ?? byOverload.get(overloadId) ?? 1;
}
