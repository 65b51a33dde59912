import { type Renderer, workerRenderer } from "@capstan/delivery";
import type { Clock } from "@capstan/kube";

/**
 * Builds in threads of their own, with bounds on time and memory: whatever a repository holds, the process
 * stays up. To be closed.
 */
export function boundedRenderer(clock: Clock): Renderer {
  return workerRenderer({
    clock,
    workers: 1,
    // The bundle holds the worker's script beside the command line's own.
    script: new URL("./render-worker.js", import.meta.url),
  });
}
