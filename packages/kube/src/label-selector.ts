import { isLabelValue, isQualifiedName } from "./names.js";

/** How one requirement of a label selector compares. */
export type LabelOperator = "=" | "==" | "!=" | "in" | "notin" | "exists" | "!" | "gt" | "lt";

/** One requirement on one label key. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: LabelOperator;
  /** In the order they were given. */
  readonly values: readonly string[];
}

/** Requirements that must all hold; without any, everything matches. `nothing` matches nothing. */
export interface LabelSelector {
  readonly requirements: readonly LabelRequirement[];
  readonly nothing?: true;
}

/** The selector in objects: `spec.selector` of a Deployment and its like (`metav1.LabelSelector`). */
export interface LabelSelectorObject {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?:
    | readonly {
        readonly key: string;
        readonly operator: string;
        readonly values?: readonly string[] | null;
      }[]
    | null;
}

/** Why a selector is refused. */
export class SelectorError extends Error {
  override readonly name = "SelectorError";
}

/** Matches every set of labels. */
export const everything: LabelSelector = { requirements: [] };

/** Matches no set of labels. */
export const nothing: LabelSelector = { requirements: [], nothing: true };

/** Whether `labels` meet every requirement of `selector`. */
export function matchesLabels(
  selector: LabelSelector,
  labels: Readonly<Record<string, string>> | null | undefined,
): boolean {
  if (selector.nothing === true) return false;
  for (const requirement of selector.requirements) if (!meets(requirement, labels)) return false;
  return true;
}

function meets(
  requirement: LabelRequirement,
  labels: Readonly<Record<string, string>> | null | undefined,
): boolean {
  const present = labels !== undefined && labels !== null && Object.hasOwn(labels, requirement.key);
  const value = present ? labels[requirement.key] : undefined;
  switch (requirement.operator) {
    case "=":
    case "==":
    case "in":
      return value !== undefined && requirement.values.includes(value);
    case "!=":
    case "notin":
      return value === undefined || !requirement.values.includes(value);
    case "exists":
      return present;
    case "!":
      return !present;
    case "gt":
    case "lt":
      return value !== undefined && compareIntegers(value, requirement);
  }
}

function compareIntegers(value: string, requirement: LabelRequirement): boolean {
  const bound = requirement.values[0] ?? "";
  if (!isInteger(value) || !isInteger(bound)) return false;
  return requirement.operator === "gt" ? BigInt(value) > BigInt(bound) : BigInt(value) < BigInt(bound);
}

function isInteger(text: string): boolean {
  return /^-?\d{1,19}$/.test(text);
}

const operators: Readonly<Record<string, LabelOperator>> = {
  In: "in",
  NotIn: "notin",
  Exists: "exists",
  DoesNotExist: "!",
};

/**
 * The selector that an object's field declares. As in Kubernetes, an absent one matches nothing and an
 * empty one matches everything.
 *
 * @throws {SelectorError} for an unknown operator, an invalid key or value, or wrong numbers of values
 */
export function labelSelectorFromObject(object: LabelSelectorObject | null | undefined): LabelSelector {
  if (object === null || object === undefined) return nothing;
  const labels = Object.entries(object.matchLabels ?? {}).map(([key, value]) =>
    newRequirement(key, "=", [value]),
  );
  const expressions = (object.matchExpressions ?? []).map(({ key, operator, values }) => {
    const known = Object.hasOwn(operators, operator) ? operators[operator] : undefined;
    if (known === undefined)
      throw new SelectorError(`${JSON.stringify(operator)} is not a valid label selector operator`);
    return newRequirement(key, known, values ?? []);
  });
  const requirements = labels.concat(expressions);
  return requirements.length === 0 ? everything : { requirements: sorted(requirements) };
}

/** Whether a selector object selects `labels`; see {@link labelSelectorFromObject}. */
export function selectsLabels(
  object: LabelSelectorObject | null | undefined,
  labels: Readonly<Record<string, string>> | null | undefined,
): boolean {
  return matchesLabels(labelSelectorFromObject(object), labels);
}

/**
 * A requirement whose key, operator and values fit together.
 *
 * @throws {SelectorError} in Kubernetes' words
 */
export function newRequirement(
  key: string,
  operator: LabelOperator,
  values: readonly string[],
): LabelRequirement {
  for (const fault of isQualifiedName(key))
    throw new SelectorError(`key: Invalid value: ${JSON.stringify(key)}: ${fault}`);
  checkCount(operator, values);
  values.forEach((value, at) => {
    if ((operator === "gt" || operator === "lt") && !isInteger(value)) {
      const text = "for 'Gt', 'Lt' operators, the value must be an integer";
      throw new SelectorError(`values[${at}]: Invalid value: ${JSON.stringify(value)}: ${text}`);
    }
    for (const fault of isLabelValue(value)) {
      throw new SelectorError(`values[${at}][${key}]: Invalid value: ${JSON.stringify(value)}: ${fault}`);
    }
  });
  return { key, operator, values };
}

function checkCount(operator: LabelOperator, values: readonly string[]): void {
  const shown = `[${values.map((value) => JSON.stringify(value)).join(",")}]`;
  const refuse = (text: string) => {
    throw new SelectorError(`values: Invalid value: ${shown}: ${text}`);
  };
  switch (operator) {
    case "in":
    case "notin":
      if (values.length === 0) refuse("for 'in', 'notin' operators, values set can't be empty");
      break;
    case "exists":
    case "!":
      if (values.length !== 0) refuse("values set must be empty for exists and does not exist");
      break;
    case "gt":
    case "lt":
      if (values.length !== 1) refuse("for 'Gt', 'Lt' operators, exactly one value is required");
      break;
    default:
      if (values.length !== 1) refuse("exact-match compatibility requires one single value");
  }
}

/** Requirements in the order Kubernetes keeps them: by key. */
function sorted(requirements: readonly LabelRequirement[]): readonly LabelRequirement[] {
  return [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
}

/** The text of a selector, as `kubectl` and `labelSelector` query parameters have it. */
export function formatLabelSelector(selector: LabelSelector): string {
  return sorted(selector.requirements).map(formatRequirement).join(",");
}

function formatRequirement({ key, operator, values }: LabelRequirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${[...values].sort().join(",")})`;
    case "gt":
      return `${key}>${values[0]}`;
    case "lt":
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}
