import type { Clock, Random } from "@capstan/kube";
import type { ContainerState, Pod, Toleration } from "../model/pod.js";

/** What runs the containers of pods: simulated, or as real processes. */
export interface PodRuntime {
  /** The node that the runtime offers. */
  readonly node: NodeDescription;
  /**
   * Begins to run a pod that was assigned to the node. A pod whose status says that it ran before is
   * taken over where the runtime can, else started anew.
   */
  start(pod: Pod, host: PodHost): RunningPod;
}

/** What a runtime is given to run one pod with. */
export interface PodHost {
  readonly clock: Clock;
  readonly random: Random;
  /** To be called with the whole picture whenever a container changed. */
  report(observation: PodObservation): void;
}

/** A pod that a runtime holds. */
export interface RunningPod {
  /** Stops the containers, at the latest after `graceMs`; resolves when none runs any more. */
  stop(graceMs: number): Promise<void>;
  /** Lets go of the pod at once, as when the process ends; nothing is reported afterwards. */
  abandon(): void;
}

/** Everything that a runtime knows of one pod. */
export interface PodObservation {
  /** `undefined` until the pod has an address. */
  readonly ip: string | undefined;
  /** In the order of the spec. */
  readonly init: readonly ContainerObservation[];
  readonly containers: readonly ContainerObservation[];
}

export interface ContainerObservation {
  readonly name: string;
  readonly state: ContainerState;
  readonly lastState?: ContainerState;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
}

/** A node as a runtime describes it. */
export interface NodeDescription {
  readonly name: string;
  readonly address: string;
  /** As `status.capacity`: `cpu`, `memory`, `pods`, `ephemeral-storage`. */
  readonly capacity: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly (Pick<Toleration, "key" | "value"> & { readonly effect: string })[];
  readonly architecture?: string;
  readonly operatingSystem?: string;
  readonly runtimeVersion?: string;
}
