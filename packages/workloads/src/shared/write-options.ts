import type { RunContext } from "@capstan/controller";

/** Who the workload controllers write as, in `managedFields`: the name that Kubernetes' own have. */
export const FIELD_MANAGER = "kube-controller-manager";

/** What every write of a run carries. */
export function writing(context: Pick<RunContext, "signal">): {
  readonly signal: AbortSignal;
  readonly fieldManager: string;
} {
  return { signal: context.signal, fieldManager: FIELD_MANAGER };
}
