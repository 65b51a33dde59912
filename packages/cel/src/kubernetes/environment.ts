import type { Environment } from "../check/environment.js";
import { extend, type Library, standardEnvironment } from "../environment.js";
import { authorizerLibrary } from "../library/authorizer.js";
import { declare, overload } from "../library/declare.js";
import { kubernetesListsLibrary } from "../library/kubernetes-lists.js";
import { kubernetesRegexLibrary } from "../library/kubernetes-regex.js";
import { listsLibrary } from "../library/lists.js";
import { namedFormatsLibrary } from "../library/named-formats.js";
import { networkLibrary } from "../library/network.js";
import { optionalLibrary } from "../library/optional.js";
import { quantityLibrary } from "../library/quantity.js";
import { semverLibrary } from "../library/semver.js";
import { setsLibrary } from "../library/sets.js";
import { mixedComparisonLibrary } from "../library/standard.js";
import { kubernetesStringsLibrary } from "../library/strings.js";
import { twoVariableLibrary } from "../library/two-variable.js";
import { urlsLibrary } from "../library/urls.js";
import { stringType } from "../types.js";
import { noSuchOverload } from "../value/value.js";

/** Kubernetes' limits on the cost of expressions, in units. */
export const kubernetesCostLimits = {
  /** Static estimate of one rule of a CustomResourceDefinition. */
  estimatedPerRule: 10_000_000,
  /** Static estimate of all rules of a CustomResourceDefinition. */
  estimatedPerDefinition: 100_000_000,
  /** One evaluation. */
  perCall: 1_000_000,
  /** All evaluations for one object, or of one policy binding. */
  perObject: 10_000_000,
  /** All match conditions for one request. */
  matchConditions: 2_500_000,
} as const;

/** What Kubernetes 1.35 offers to every expression. */
const kubernetesLibraries: readonly Library[] = [
  mixedComparisonLibrary,
  optionalLibrary,
  kubernetesStringsLibrary,
  listsLibrary,
  kubernetesListsLibrary,
  kubernetesRegexLibrary,
  setsLibrary,
  urlsLibrary,
  quantityLibrary,
  networkLibrary,
  namedFormatsLibrary,
  semverLibrary,
  authorizerLibrary,
  twoVariableLibrary,
];

/**
 * CEL as Kubernetes 1.35 configures it: its libraries, literals of one type, comparisons across numeric
 * types, `has()` free of cost. Add variables with `extend`.
 */
export const kubernetesEnvironment: Environment = extend(standardEnvironment, {
  libraries: kubernetesLibraries,
  homogeneousLiterals: true,
  presenceTestHasCost: false,
});

/** `jsonpatch.escapeKey`, which expressions of mutating policies have. */
export const jsonPatchLibrary: Library = {
  functions: [
    declare(
      "jsonpatch.escapeKey",
      overload("string_jsonpatch_escapeKey_string", [stringType], stringType, (key = null) =>
        typeof key === "string" ? key.replaceAll("~", "~0").replaceAll("/", "~1") : noSuchOverload(),
      ),
    ),
  ],
};
