import { DurationError, parseDuration } from "@capstan/kube";
import type { Pod } from "../model/pod.js";

/** Annotation of a pod that says how its containers are to behave. */
const SIMULATE = "capstan.dev/simulate";
/** Annotation of a pod that says how long its containers take to become ready, as `5s`. */
export const SIMULATE_READY_AFTER = "capstan.dev/simulate-ready-after";
/** Annotation of a pod that says how long containers run that are to end, as `30s`. */
export const SIMULATE_RUN_FOR = "capstan.dev/simulate-run-for";

/**
 * How a simulated pod behaves.
 *
 * - `healthy`: starts and becomes ready; ends with success where its restart policy is not `Always`
 * - `fail`: every container exits with code 1 soon after its start
 * - `crash-loop`: the same, whatever runs it again
 * - `never-ready`: runs, but is never ready, and never ends
 * - `run-forever`: healthy, and never ends whatever the restart policy
 * - `image-pull`: its images cannot be pulled
 * - `unschedulable`: no node takes it
 */
export type Simulation =
  | "healthy"
  | "fail"
  | "crash-loop"
  | "never-ready"
  | "run-forever"
  | "image-pull"
  | "unschedulable";

const simulations: readonly Simulation[] = [
  "healthy",
  "fail",
  "crash-loop",
  "never-ready",
  "run-forever",
  "image-pull",
  "unschedulable",
];

/** What a pod's annotations ask for; anything unknown is healthy. */
export function simulationOf(pod: Pod): Simulation {
  const text = pod.metadata.annotations?.[SIMULATE];
  return simulations.find((simulation) => simulation === text) ?? "healthy";
}

/** The milliseconds that an annotation of a pod names, `fallback` where it names none. */
export function annotatedMs(pod: Pod, annotation: string, fallback: number): number {
  const text = pod.metadata.annotations?.[annotation];
  if (text === undefined) return fallback;
  try {
    return Math.max(parseDuration(text), 0);
  } catch (error) {
    // A simulation that was asked for wrongly still runs.
    if (error instanceof DurationError) return fallback;
    throw error;
  }
}
