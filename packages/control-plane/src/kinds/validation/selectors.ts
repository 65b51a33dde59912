import { isLabelValue, isQualifiedName } from "@capstan/kube";
import { listAt, type Members, membersAt, textAt, textsAt } from "../members.js";
import { validateLabels } from "./object-meta.js";
import type { Problems } from "./problems.js";

/** A label selector object (`matchLabels`, `matchExpressions`). */
export function validateSelector(problems: Problems, field: string, selector: Members | undefined): void {
  if (selector === undefined) return;
  validateLabels(problems, `${field}.matchLabels`, membersAt(selector, "matchLabels"));
  listAt(selector, "matchExpressions").forEach((expression, index) => {
    const at = `${field}.matchExpressions[${index}]`;
    const operator = textAt(expression, "operator");
    const values = textsAt(expression, "values");
    if ((operator === "In" || operator === "NotIn") && values.length === 0) {
      problems.required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
    } else if ((operator === "Exists" || operator === "DoesNotExist") && values.length > 0) {
      problems.forbidden(
        `${at}.values`,
        "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
      );
    } else if (!["In", "NotIn", "Exists", "DoesNotExist"].includes(operator)) {
      problems.invalid(`${at}.operator`, operator, "not a valid selector operator");
    }
    problems.names(`${at}.key`, textAt(expression, "key"), isQualifiedName);
    values.forEach((value, at2) => {
      problems.names(`${at}.values[${at2}]`, value, isLabelValue);
    });
  });
}

/** Whether a selector object selects everything. */
export function isEmptySelector(selector: Members): boolean {
  return (
    Object.keys(membersAt(selector, "matchLabels") ?? {}).length === 0 &&
    listAt(selector, "matchExpressions").length === 0
  );
}

/** A node selector: terms of expressions over labels and over the node's name. */
export function validateNodeSelector(problems: Problems, field: string, selector: Members | undefined): void {
  if (selector === undefined) return;
  const terms = listAt(selector, "nodeSelectorTerms");
  if (terms.length === 0) {
    problems.required(`${field}.nodeSelectorTerms`, "must have at least one node selector term");
  }
  terms.forEach((term, index) => {
    validateNodeTerm(problems, `${field}.nodeSelectorTerms[${index}]`, term);
  });
}

export function validateNodeTerm(problems: Problems, field: string, term: Members): void {
  listAt(term, "matchExpressions").forEach((expression, index) => {
    const at = `${field}.matchExpressions[${index}]`;
    const operator = textAt(expression, "operator");
    const values = textsAt(expression, "values");
    switch (operator) {
      case "In":
      case "NotIn":
        if (values.length === 0) {
          problems.required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'");
        }
        break;
      case "Exists":
      case "DoesNotExist":
        if (values.length > 0) {
          problems.forbidden(
            `${at}.values`,
            "may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
          );
        }
        break;
      case "Gt":
      case "Lt":
        if (values.length !== 1) {
          problems.required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'");
        }
        break;
      default:
        problems.invalid(`${at}.operator`, operator, "not a valid selector operator");
    }
    problems.names(`${at}.key`, textAt(expression, "key"), isQualifiedName);
  });
}
