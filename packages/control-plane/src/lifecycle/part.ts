import type { Clock, Transport } from "@capstan/kube";
import type { ObjectStorage } from "../handler/object-storage.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import type { OnFailure } from "../registry/on-failure.js";

/** What everything that follows the state and acts on it is made of. */
export interface PartOptions {
  readonly objects: ObjectStorage;
  readonly registry: KindRegistry;
  /** Requests as the control plane itself. */
  readonly transport: Transport;
  readonly clock: Clock;
  readonly onFailure: OnFailure;
}
