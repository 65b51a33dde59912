import type { Expr } from "../syntax/ast.js";
import { type CelType, sameType } from "../types.js";
import {
  addRanges,
  type CostRange,
  exactly,
  multiplyRanges,
  scaleRange,
  unbounded,
  unknownSize,
} from "./range.js";
import { regexFactor, traversalFactor } from "./size.js";

/** An argument of a call, as far as its cost depends on it. */
export interface CallNode {
  readonly expr: Expr;
  readonly type: CelType;
  readonly size: CostRange | undefined;
  /** The declared size of the elements of a list; undefined when nothing is declared. */
  readonly itemSize: () => CostRange | undefined;
}

/** What a call costs without its arguments, and the size of its result where it can be told. */
export interface CallSize {
  readonly cost: CostRange;
  readonly size?: CostRange;
}

type Estimate = (target: CallNode | undefined, args: readonly CallNode[]) => CallSize | undefined;

const one: CallSize = { cost: exactly(1) };

function sizeOf(node: CallNode | undefined): CostRange {
  return node?.size ?? unknownSize;
}

const traverse = (size: CostRange, factor = 1): CostRange => scaleRange(size, factor * traversalFactor);

const targetTraversal: Estimate = (target) =>
  target && { cost: traverse(sizeOf(target)), size: sizeOf(target) };

const firstTraversal: Estimate = (_target, [first]) => first && { cost: traverse(sizeOf(first)) };

const sizedFirstTraversal: Estimate = (_target, [first]) =>
  first && { cost: traverse(sizeOf(first)), size: sizeOf(first) };

const listWalk: Estimate = (target) => {
  if (target === undefined) return undefined;
  const element = target.type.params[0];
  if (element === undefined) return { cost: scaleRange(sizeOf(target), traversalFactor) };
  const isText = element.kind === "string" || element.kind === "bytes";
  const perItem = isText ? addRanges(exactly(1), traverse(target.itemSize() ?? unknownSize)) : exactly(1);
  return { cost: multiplyRanges(sizeOf(target), perItem) };
};

const replace: Estimate = (target, [from, to]) => {
  if (target === undefined || from === undefined || to === undefined) return undefined;
  const size = sizeOf(target);
  const old = sizeOf(from);
  const fresh = sizeOf(to);
  const bound = (text: number, oldSize: number, keeps: boolean) => {
    if (oldSize === 0) return { count: text < unbounded ? text + 1 : text, kept: text };
    return keeps ? { count: 0, kept: text } : { count: Math.ceil(text / oldSize), kept: 0 };
  };
  const most = bound(size.max, old.min, fresh.max <= old.min);
  const least = bound(size.min, old.max, old.max <= fresh.min);
  const count = { min: least.count, max: most.count };
  const result = addRanges(multiplyRanges(count, fresh), { min: least.kept, max: most.kept });
  return { cost: traverse(size, 2), size: result };
};

const split: Estimate = (target, args) => {
  if (target === undefined) return undefined;
  const limit = args[1]?.expr;
  const fixed = limit?.kind === "literal" && typeof limit.value === "number" ? limit.value : undefined;
  const most = fixed === undefined ? sizeOf(target).max : fixed < 0 ? unbounded : fixed;
  return { cost: traverse(sizeOf(target), 2), size: { min: 0, max: most } };
};

const join: Estimate = (target, [separator]) => {
  if (target === undefined) return undefined;
  const list = sizeOf(target);
  const items =
    target.type.params.length > 0 ? multiplyRanges(list, target.itemSize() ?? unknownSize) : exactly(0);
  const gaps = { min: Math.max(0, list.min - 1), max: Math.max(0, list.max - 1) };
  const size = separator === undefined ? items : addRanges(items, multiplyRanges(sizeOf(separator), gaps));
  return { cost: traverse(size), size };
};

function regexCost(text: CallNode, pattern: CallNode): CostRange {
  return multiplyRanges(
    traverse(addRanges(sizeOf(text), exactly(1))),
    scaleRange(sizeOf(pattern), regexFactor),
  );
}

const find: Estimate = (target, [pattern]) =>
  target && pattern && { cost: regexCost(target, pattern), size: { min: 0, max: sizeOf(target).max } };

const selector: Estimate = (_target, [text]) => {
  if (text === undefined) return undefined;
  const requirements = scaleRange(scaleRange(sizeOf(text), 0.5), 50);
  return { cost: addRanges(exactly(10), traverse(sizeOf(text)), requirements) };
};

const ipSize: CostRange = { min: 4, max: 16 };
const ipComparison = traverse(addRanges(ipSize, ipSize));
const cidrComparison = addRanges(ipComparison, traverse(ipSize), exactly(1));

const validate: Estimate = (_target, [text]) =>
  text && { cost: scaleRange(traverse(sizeOf(text)), 128 * regexFactor) };

const table: readonly (readonly [Estimate, string])[] = [
  [() => ({ cost: exactly(350_000) }), "check"],
  [() => one, "serviceAccount path group resource subresource namespace name allowed reason error errored"],
  [selector, "fieldSelector labelSelector"],
  [listWalk, "isSorted sum max min indexOf lastIndexOf includes"],
  [sizedFirstTraversal, "url jsonpatch.escapeKey"],
  [targetTraversal, "lowerAscii upperAscii substring trim"],
  [replace, "replace"],
  [split, "split"],
  [join, "join"],
  [find, "find findAll"],
  [firstTraversal, "cidr isIP isCIDR ip quantity isQuantity semver isSemver"],
  [(_target, [text]) => text && { cost: traverse(sizeOf(text), 2) }, "ip.isCanonical"],
  [
    () => one,
    "masked prefixLength family isUnspecified isLoopback isLinkLocalMulticast isLinkLocalUnicast isGlobalUnicast",
  ],
  [validate, "validate"],
  [
    () => one,
    "format.named sign asInteger isInteger asApproximateFloat isGreaterThan isLessThan compareTo add sub major minor patch",
  ],
  [() => one, "getScheme getHostname getHost getPort getEscapedPath getQuery"],
  [() => ({ cost: ipComparison }), "containsIP"],
  [() => ({ cost: cidrComparison }), "containsCIDR"],
];
const byFunction = new Map(
  table.flatMap(([estimate, names]) => names.split(" ").map((name) => [name, estimate] as const)),
);

const comparison: Estimate = (_target, [left, right]) => {
  const max = Math.min(sizeOf(left).max, sizeOf(right).max);
  return { cost: scaleRange({ min: max > 0 ? 1 : 0, max }, traversalFactor) };
};

const constantEquality = new Set([
  "net.IP",
  "net.CIDR",
  "kubernetes.Quantity",
  "kubernetes.Semver",
  "kubernetes.authorization.Authorizer",
  "kubernetes.authorization.PathCheck",
  "kubernetes.authorization.GroupCheck",
  "kubernetes.authorization.ResourceCheck",
  "kubernetes.authorization.Decision",
]);

const equality: Estimate = (target, [left, right]) => {
  if (left !== undefined && right !== undefined && sameType(left.type, right.type)) {
    if (constantEquality.has(left.type.name)) return one;
    if (left.type.name === "kubernetes.NamedFormat")
      return { cost: scaleRange({ min: 1, max: 64 }, traversalFactor) };
    if (left.type.name === "kubernetes.URL")
      return { cost: scaleRange({ min: 1, max: right.size?.max ?? 1 }, traversalFactor) };
  }
  return comparison(target, left === undefined || right === undefined ? [] : [left, right]);
};

const joined: Estimate = (_target, [left, right]) => {
  const size = addRanges(sizeOf(left), sizeOf(right));
  return { cost: traverse(size), size };
};

const byOverload = new Map<string, Estimate>([
  ["cidr_ip", () => one],
  [
    "cidr_contains_ip_string",
    (_target, [text]) => text && { cost: addRanges(ipComparison, traverse(sizeOf(text))) },
  ],
  [
    "cidr_contains_cidr_string",
    (_target, [text]) => text && { cost: addRanges(cidrComparison, traverse(sizeOf(text))) },
  ],
  ["string_format", (target) => target && { cost: traverse(sizeOf(target)) }],
  [
    "string_to_bytes",
    (_target, [text]) =>
      text && { cost: traverse(sizeOf(text)), size: { min: sizeOf(text).min, max: sizeOf(text).max * 4 } },
  ],
  [
    "bytes_to_string",
    (_target, [bytes]) =>
      bytes && {
        cost: traverse(sizeOf(bytes)),
        size: { min: Math.floor(sizeOf(bytes).min / 4), max: sizeOf(bytes).max },
      },
  ],
  [
    "strings_quote",
    (_target, [text]) =>
      text && {
        cost: traverse(sizeOf(text)),
        size: { min: sizeOf(text).min + 2, max: sizeOf(text).max * 2 + 2 },
      },
  ],
  ["starts_with_string", (_target, [part]) => part && { cost: traverse(sizeOf(part)) }],
  ["ends_with_string", (_target, [part]) => part && { cost: traverse(sizeOf(part)) }],
  ["in_list", (_target, [, list]) => list && { cost: sizeOf(list) }],
  ["matches_string", (target, [pattern]) => target && pattern && { cost: regexCost(target, pattern) }],
  [
    "contains_string",
    (target, [part]) =>
      target && part && { cost: multiplyRanges(traverse(sizeOf(target)), traverse(sizeOf(part))) },
  ],
  ["add_string", joined],
  ["add_bytes", joined],
  [
    "add_list",
    (_target, [left, right]) => ({ cost: exactly(1), size: addRanges(sizeOf(left), sizeOf(right)) }),
  ],
  ["equals", equality],
  ["not_equals", comparison],
]);
for (const verb of ["less", "less_equals", "greater", "greater_equals"]) {
  byOverload.set(`${verb}_string`, comparison);
  byOverload.set(`${verb}_bytes`, comparison);
}

/** Bounds the cost of one overload of a call and the size of its result. */
export function estimateCall(
  name: string,
  overloadId: string,
  target: CallNode | undefined,
  args: readonly CallNode[],
): CallSize {
  const special = overloadId.startsWith("cidr_") ? byOverload.get(overloadId) : undefined;
  const estimate = special ?? byFunction.get(name) ?? byOverload.get(overloadId);
  return estimate?.(target, args) ?? byOverload.get(overloadId)?.(target, args) ?? one;
}
