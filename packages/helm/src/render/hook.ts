import type { Head } from "./manifest.js";

/** When a hook runs. */
export type HookEvent =
  | "pre-install"
  | "post-install"
  | "pre-delete"
  | "post-delete"
  | "pre-upgrade"
  | "post-upgrade"
  | "pre-rollback"
  | "post-rollback"
  | "test";

/** A document that runs at certain moments of a release. */
export interface Hook {
  readonly path: string;
  readonly kind: string;
  readonly name: string;
  readonly text: string;
  readonly events: readonly HookEvent[];
  readonly weight: number;
  readonly deletePolicies: readonly string[];
  readonly outputLogPolicies: readonly string[];
}

const events = new Map<string, HookEvent>([
  ["pre-install", "pre-install"],
  ["post-install", "post-install"],
  ["pre-delete", "pre-delete"],
  ["post-delete", "post-delete"],
  ["pre-upgrade", "pre-upgrade"],
  ["post-upgrade", "post-upgrade"],
  ["pre-rollback", "pre-rollback"],
  ["post-rollback", "post-rollback"],
  ["test", "test"],
  ["test-success", "test"],
]);

const words = (text: string | undefined): string[] =>
  text === undefined ? [] : text.split(",").map((word) => word.trim().toLowerCase());

/** The hook that a document is; undefined for none, "dropped" for one with an event Helm does not know. */
export function hookOf(path: string, head: Head, text: string): Hook | "dropped" | undefined {
  const marked = head.annotations?.get("helm.sh/hook");
  if (marked === undefined) return undefined;
  const found: HookEvent[] = [];
  for (const word of words(marked)) {
    const event = events.get(word);
    if (event === undefined) return "dropped";
    found.push(event);
  }
  const weight = head.annotations?.get("helm.sh/hook-weight") ?? "";
  return {
    path,
    kind: head.kind,
    name: head.name,
    text,
    events: found,
    weight: /^[+-]?\d+$/.test(weight) ? Number(weight) : 0,
    deletePolicies: words(head.annotations?.get("helm.sh/hook-delete-policy")),
    outputLogPolicies: words(head.annotations?.get("helm.sh/hook-output-log-policy")),
  };
}
