import type { KubeObject } from "@capstan/kube";
import type { ContainerStatus, Pod } from "../model/pod.js";

/** Who answers for the logs of pods, as the embedded API asks. */
export interface PodLogs {
  logs(
    pod: KubeObject,
    query: Query,
    signal: AbortSignal | undefined,
    changes: () => AsyncIterable<KubeObject>,
  ): AsyncIterable<Uint8Array>;
}

interface Query {
  get(name: string): string | null | undefined;
}

/**
 * Logs of simulated pods: what became of the container asked for, a line for each start and end. Following
 * one goes on until the container has ended for good, or the pod is gone.
 */
export function simulatedLogs(): PodLogs {
  return {
    async *logs(object, query, _signal, changes) {
      const which = query.get("previous") === "true" ? "lastState" : "state";
      const all = linesOf(statusOf(object as Pod, query), which);
      const tail = query.get("tailLines");
      const shown = tail === null || tail === undefined ? all : all.slice(all.length - Number(tail));
      yield* encoded(shown);
      if (query.get("follow") !== "true" || which === "lastState") return;
      let last = all;
      for await (const pod of changes()) {
        const status = statusOf(pod as Pod, query);
        const lines = linesOf(status, "state");
        yield* encoded(lines.filter((line) => !last.includes(line)));
        if (status?.state?.terminated !== undefined && !restarts(pod as Pod, status)) return;
        last = lines;
      }
    },
  };
}

function* encoded(lines: readonly string[]): Generator<Uint8Array> {
  if (lines.length > 0) yield new TextEncoder().encode(`${lines.join("\n")}\n`);
}

function statusOf(pod: Pod, query: Query): ContainerStatus | undefined {
  const name = query.get("container") ?? pod.spec.containers[0]?.name;
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
  return [...containerStatuses, ...initContainerStatuses].find((each) => each.name === name);
}

function restarts({ spec }: Pod, { state }: ContainerStatus): boolean {
  if (spec.restartPolicy === "Never") return false;
  return spec.restartPolicy !== "OnFailure" || state?.terminated?.exitCode !== 0;
}

function linesOf(status: ContainerStatus | undefined, which: "state" | "lastState"): string[] {
  if (status === undefined) return [];
  const { running, terminated } = status[which] ?? {};
  const startedAt = running?.startedAt ?? terminated?.startedAt;
  const lines =
    startedAt === undefined
      ? []
      : [`${startedAt} simulated container ${status.name} started (${status.image})`];
  if (terminated === undefined) return lines;
  return [
    ...lines,
    `${terminated.finishedAt} simulated container ${status.name} exited with code ${terminated.exitCode}`,
  ];
}
