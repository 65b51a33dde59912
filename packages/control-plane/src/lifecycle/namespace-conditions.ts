/** What is left of one resource in a namespace that is being deleted. */
export interface Remaining {
  /** `deployments.apps` */
  readonly resource: string;
  readonly count: number;
  /** Every finalizer of every object left, repeated as often as it occurs. */
  readonly finalizers: readonly string[];
}

export interface NamespaceCondition {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
  readonly reason: string;
  readonly message: string;
}

type Finding = Pick<NamespaceCondition, "type" | "status" | "reason" | "message">;

/** The five deletion conditions of a namespace; an unchanged status keeps its transition time. */
export function namespaceConditions(
  previous: readonly NamespaceCondition[],
  remaining: readonly Remaining[],
  failures: readonly string[],
  now: string,
): readonly NamespaceCondition[] {
  return findings(remaining, failures).map((finding) => {
    const before = previous.find((condition) => condition.type === finding.type);
    const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : now;
    return { ...finding, lastTransitionTime };
  });
}

function findings(remaining: readonly Remaining[], failures: readonly string[]): readonly Finding[] {
  const finalizers = new Map<string, number>();
  for (const name of remaining.flatMap((item) => item.finalizers)) {
    finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
  }
  return [
    fine("NamespaceDeletionDiscoveryFailure", "ResourcesDiscovered", "All resources successfully discovered"),
    fine(
      "NamespaceDeletionGroupVersionParsingFailure",
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ),
    failures.length === 0
      ? fine(
          "NamespaceDeletionContentFailure",
          "ContentDeleted",
          "All content successfully deleted, may be waiting on finalization",
        )
      : wrong(
          "NamespaceDeletionContentFailure",
          "ContentDeletionFailed",
          `Failed to delete all resource types, ${failures.length} remaining: ${[...failures].sort().join(", ")}`,
        ),
    remaining.length === 0
      ? fine("NamespaceContentRemaining", "ContentRemoved", "All content successfully removed")
      : wrong(
          "NamespaceContentRemaining",
          "SomeResourcesRemain",
          `Some resources are remaining: ${listed(remaining.map(instances))}`,
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
          `Some content in the namespace has finalizers remaining: ${listed([...finalizers].map(([name, count]) => `${name} in ${count} resource instances`))}`,
        ),
  ];
}

function instances({ resource, count }: Remaining): string {
  const [plural, ...group] = resource.split(".");
  return `${plural}.${group.join(".")} has ${count} resource instances`;
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
