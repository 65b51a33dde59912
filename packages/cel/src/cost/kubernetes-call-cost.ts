import { CelList, CelMap } from "../value/container.js";
import type { Value } from "../value/value.js";
import { actualSize, type CallCost, regexMatch, sizeOf, traversal, traversalFactor } from "./size.js";

/** Units of an authorization check. */
const checkCost = 350_000;

const doubleTraversal: CallCost = (args) => Math.ceil(sizeOf(args, 0) * 2 * traversalFactor);

/** Parsing a selector: its text, and a list entry per requirement it may hold. */
const selector: CallCost = (args) => {
  const length = sizeOf(args, 1);
  return 10 + Math.ceil(length * traversalFactor) + Math.ceil(Math.ceil(length * 0.5) * 50);
};

function walk(value: Value): number {
  if (typeof value === "string") return Math.floor(Buffer.byteLength(value) * traversalFactor);
  if (value instanceof Uint8Array) return Math.floor(value.length * traversalFactor);
  if (value instanceof CelList) {
    let cost = 0;
    for (const item of value) cost += walk(item);
    return cost;
  }
  if (value instanceof CelMap) {
    let cost = 0;
    for (const key of value.keys()) cost += walk(key) + walk(value.find(key) ?? null);
    return cost;
  }
  return 1;
}

const wholeList: CallCost = ([list = null]) => walk(list);

const containsIp: CallCost = (args) => Math.ceil(2 * sizeOf(args, 0) * traversalFactor);
const containsIpText: CallCost = (args) =>
  Math.ceil(2 * sizeOf(args, 0) * traversalFactor) + Math.ceil(sizeOf(args, 1) * traversalFactor);
const containsCidr: CallCost = (args) =>
  Math.ceil(2 * sizeOf(args, 0) * traversalFactor) + Math.ceil(sizeOf(args, 0) * traversalFactor) + 1;
const containsCidrText: CallCost = (args) =>
  Math.ceil(2 * sizeOf(args, 0) * traversalFactor) +
  Math.ceil(sizeOf(args, 0) * traversalFactor) +
  1 +
  Math.ceil(sizeOf(args, 1) * traversalFactor);

const validate: CallCost = ([format = null, text = null]) => {
  const size =
    typeof format === "object" && format !== null && "maxRegexSize" in format
      ? Number(format.maxRegexSize)
      : 0;
  return Math.ceil((1 + actualSize(text)) * traversalFactor) * Math.ceil(size * 0.25);
};

const joinCost: CallCost = (_args, result) => Math.ceil(actualSize(result) * 2 * traversalFactor);

const table: readonly (readonly [CallCost, string])[] = [
  [checkCost, "check"],
  [1, "serviceAccount path group resource subresource namespace name allowed reason error errored"],
  [selector, "fieldSelector labelSelector"],
  [wholeList, "isSorted sum max min indexOf lastIndexOf includes"],
  [traversal, "url lowerAscii upperAscii substring trim jsonpatch.escapeKey"],
  [doubleTraversal, "replace split ip.isCanonical"],
  [joinCost, "join"],
  [regexMatch, "find findAll"],
  [traversal, "cidr isIP isCIDR ip quantity isQuantity semver isSemver"],
  [
    1,
    "masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast",
  ],
  [containsIp, "containsIP"],
  [containsCidr, "containsCIDR"],
  [validate, "validate"],
  [
    1,
    "format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch",
  ],
  [1, "getScheme getHostname getHost getPort getEscapedPath getQuery"],
];

const byFunction = new Map(
  table.flatMap(([cost, names]) => names.split(" ").map((name) => [name, cost] as const)),
);
const byOverload = new Map<string, CallCost>([
  ["cidr_ip", 1],
  ["cidr_contains_ip_string", containsIpText],
  ["cidr_contains_cidr_string", containsCidrText],
]);

/** The cost of a function of Kubernetes' libraries; undefined for others. */
export function kubernetesCallCost(name: string, overloadId: string): CallCost | undefined {
  return byOverload.get(overloadId) ?? byFunction.get(name);
}
