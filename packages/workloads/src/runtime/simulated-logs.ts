import type { KubeObject } from "@capstan/kube";
import type { ContainerStatus, Pod } from "../model/pod.js";

/** Who answers for the logs of pods, as the embedded API asks. */
export interface PodLogs {
  logs(
    pod: KubeObject,
    query: { get(name: string): string | null | undefined },
    signal: AbortSignal | undefined,
  ): AsyncIterable<Uint8Array>;
}

/**
 * Logs of simulated pods: what became of the container asked for, a line for each start and end. They do not
 * grow, so that following them ends at once.
 */
export function simulatedLogs(): PodLogs {
  return {
    async *logs(object, query) {
      const pod = object as Pod;
      const name = query.get("container") ?? pod.spec.containers[0]?.name;
      const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {};
      const status = [...containerStatuses, ...initContainerStatuses].find((each) => each.name === name);
      if (status === undefined) return;
      const lines =
        query.get("previous") === "true" ? linesOf(status, "lastState") : linesOf(status, "state");
      const tail = query.get("tailLines");
      const shown = tail === null || tail === undefined ? lines : lines.slice(lines.length - Number(tail));
      if (shown.length > 0) yield new TextEncoder().encode(`${shown.join("\n")}\n`);
    },
  };
}

function linesOf(status: ContainerStatus, which: "state" | "lastState"): string[] {
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
