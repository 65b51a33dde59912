import type { KubeObject } from "@capstan/kube";
import { STATUS_SHAPES } from "./empty-status.js";
import { KIND_RULES } from "./kind-rules.js";

/** What one built-in kind does beyond what its published type says. All functions are pure. */
export interface KindRules {
  /** The status of an object that was just created; left out for kinds without one of their own. */
  readonly emptyStatus?: () => unknown;
  readonly prepareForCreate?: (object: KubeObject) => KubeObject;
  readonly prepareForUpdate?: (
    next: KubeObject,
    previous: KubeObject,
    subresource: string | undefined,
  ) => KubeObject;
  /** For kinds whose generation does not follow the rule. */
  readonly bumpsGeneration?: (next: KubeObject, previous: KubeObject) => boolean;
}

/** The rules of a kind by its published type (`core.v1.Pod`). */
export function rulesOf(message: string): KindRules {
  const emptyStatus = STATUS_SHAPES[message];
  const rules = KIND_RULES[message] ?? {};
  return emptyStatus === undefined ? rules : { emptyStatus, ...rules };
}
