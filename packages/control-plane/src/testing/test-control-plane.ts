import type { KubeObject } from "@capstan/kube";
import { ObjectCodec } from "../handler/object-codec.js";
import {
  type MemoryControlPlane,
  type MemoryControlPlaneOptions,
  memoryControlPlane,
} from "../memory-control-plane.js";
import { systemClock, systemRandom } from "./system-runtime.js";

/** A control plane in memory, for tests: no TLS, no disk, ready within milliseconds. */
export type TestControlPlane = MemoryControlPlane;

export type TestControlPlaneOptions = Partial<Omit<MemoryControlPlaneOptions, "codec">>;

/**
 * Starts a control plane in memory. Objects it hands out are frozen, so that a test fails where code
 * under test changes what it shares with others.
 */
export function testControlPlane(options: TestControlPlaneOptions = {}): Promise<TestControlPlane> {
  return memoryControlPlane({
    clock: systemClock,
    random: systemRandom,
    ...options,
    codec: new ObjectCodec(freezeObject),
  });
}

function freezeObject(object: KubeObject): KubeObject {
  freeze(object);
  return object;
}

function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const member of Object.values(value)) freeze(member);
}
