/** What is left of one resource in a namespace that is being deleted. */
export interface Remaining {
  /** `deployments.apps`, `pods.` */
  readonly resource: string;
  readonly count: number;
  /** Every finalizer of every object left, repeated as often as it occurs. */
  readonly finalizers: readonly string[];
}

/** What one round of deleting the content of a namespace found. */
export interface DeletionFindings {
  /** `group/version` of what nobody could be asked about. */
  readonly stale: readonly string[];
  /** Why resources could not be deleted. */
  readonly failures: readonly string[];
  readonly remaining: readonly Remaining[];
}

export interface NamespaceCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

type Finding = Pick<NamespaceCondition, "type" | "status" | "reason" | "message">;

/**
 * The conditions of a namespace with the five of its deletion, in the words of Kubernetes' namespace
 * controller; an unchanged status keeps its transition time, and conditions of others stay.
 */
export function namespaceConditions(
  previous: readonly NamespaceCondition[],
  found: DeletionFindings,
  now: string,
): readonly NamespaceCondition[] {
  const conditions = [...previous];
  const all = [discovery(found), PARSING, content(found), ...left(found.remaining)];
  for (const finding of all) {
    const index = conditions.findIndex(({ type }) => type === finding.type);
    const before = conditions[index];
    const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : now;
    const { type, status, reason, message } = finding;
    const condition = { type, status, lastTransitionTime, reason, message };
    if (before === undefined) conditions.push(condition);
    else if (before.status !== status || before.reason !== reason || before.message !== message)
      conditions[index] = condition;
  }
  return conditions;
}

/** Versions are known by their parts here, so none is ever misread. */
const PARSING = fine(
  "NamespaceDeletionGroupVersionParsingFailure",
  "ParsedGroupVersions",
  "All legacy kube types successfully parsed",
);

function discovery({ stale }: DeletionFindings): Finding {
  const type = "NamespaceDeletionDiscoveryFailure";
  if (stale.length === 0) return fine(type, "ResourcesDiscovered", "All resources successfully discovered");
  const groups = listed(stale.map((each) => `${each}: stale GroupVersion discovery: ${each}`));
  return wrong(
    type,
    "DiscoveryFailed",
    `Discovery failed for some groups, ${stale.length} failing: unable to retrieve the complete list of server APIs: ${groups}`,
  );
}

function content({ failures }: DeletionFindings): Finding {
  const type = "NamespaceDeletionContentFailure";
  return failures.length === 0
    ? fine(type, "ContentDeleted", "All content successfully deleted, may be waiting on finalization")
    : wrong(
        type,
        "ContentDeletionFailed",
        `Failed to delete all resource types, ${failures.length} remaining: ${listed(failures)}`,
      );
}

function left(remaining: readonly Remaining[]): readonly Finding[] {
  const finalizers = new Map<string, number>();
  for (const name of remaining.flatMap((item) => item.finalizers)) {
    finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  }
  const resources = remaining.map(({ resource, count }) => instances(`${resource} has`, count));
  const holding = [...finalizers].map(([name, count]) => instances(`${name} in`, count));
  return [
    remaining.length === 0
      ? fine("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed")
      : wrong(
          "NamespaceContentRemaining",
          "SomeResourcesRemain",
          `Some resources are remaining: ${listed(resources)}`,
        ),
    finalizers.size === 0
      ? fine(
          "NamespaceFinalizersRemaining",
          "ContentHasNoFinalizers",
          "All content-preserving finalizers finished",
        )
      : wrong(
          "NamespaceFinalizersRemaining",
          "SomeFinalizersRemain",
          `Some content in the namespace has finalizers remaining: ${listed(holding)}`,
        ),
  ];
}

function instances(what: string, count: number): string {
  return `${what} ${count} resource instances`;
}

function listed(texts: readonly string[]): string {
  return [...texts].sort().join(", ");
}

function fine(type: string, reason: string, message: string): Finding {
  return { type, status: "False", reason, message };
}

function wrong(type: string, reason: string, message: string): Finding {
  return { type, status: "True", reason, message };
}
