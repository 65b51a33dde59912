import { getCondition } from "@capstan/kube";
import type { FailureRule, Job } from "../model/job.js";
import type { Pod } from "../model/pod.js";

/** What a Job's failure policy makes of a failed pod. */
export interface FailureVerdict {
  readonly action: "Count" | "Ignore" | "FailIndex" | "FailJob";
  /** Why the Job fails, for `FailJob`. */
  readonly message?: string;
}

const counted: FailureVerdict = { action: "Count" };

/** The verdict of the first rule that matches; a pod that none matches counts as a failure. */
export function judgeFailure(job: Job, pod: Pod): FailureVerdict {
  for (const [at, rule] of (job.spec.podFailurePolicy?.rules ?? []).entries()) {
    const match = matches(rule, pod);
    if (match === undefined) continue;
    if (rule.action === "FailJob") {
      return { action: "FailJob", message: `${match} matching FailJob rule at index ${at}` };
    }
    return rule.action === "Ignore" || rule.action === "FailIndex" ? { action: rule.action } : counted;
  }
  return counted;
}

/** What of the pod a rule matches, in words. */
function matches({ onExitCodes, onPodConditions }: FailureRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (onExitCodes !== undefined) {
    const { containerName, operator, values } = onExitCodes;
    const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
    for (const { name: container, state } of statuses) {
      const code = state.terminated?.exitCode ?? 0;
      if (code === 0 || (containerName !== undefined && containerName !== container)) continue;
      if (values.includes(code) === (operator === "In")) {
        return `Container ${container} for pod ${name} failed with exit code ${code}`;
      }
    }
    return undefined;
  }
  const condition = onPodConditions?.find(
    ({ type, status = "True" }) => getCondition(pod.status?.conditions, type)?.status === status,
  );
  return condition === undefined ? undefined : `Pod ${name} has condition ${condition.type}`;
}
