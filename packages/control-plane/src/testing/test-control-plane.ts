import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { Clock, KubeObject, Random, Transport } from "@capstan/kube";
import { Assembly } from "../assembly.js";
import { ADMIN_USER } from "../control-plane.js";
import { ObjectCodec } from "../handler/object-codec.js";
import type { ServedKind } from "../registry/kind.js";
import type { User } from "../registry/ports.js";
import { MemoryStore } from "../store/memory-store.js";

/** A control plane in memory, for tests: no TLS, no disk, ready within milliseconds. */
export interface TestControlPlane {
  /** The API as the administrator, or as `user`. */
  transport(user?: User): Transport;
  close(): Promise<void>;
}

export interface TestControlPlaneOptions {
  readonly clock?: Clock;
  readonly random?: Random;
  /** Kinds served beside the built-in ones. */
  readonly kinds?: readonly ServedKind[];
}

/**
 * Starts a control plane in memory. Objects it hands out are frozen, so that a test fails where code
 * under test changes what it shares with others.
 */
export async function testControlPlane(options: TestControlPlaneOptions = {}): Promise<TestControlPlane> {
  const assembly = new Assembly({
    store: new MemoryStore(),
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    tokenKey: generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    }).privateKey,
    authority: "",
    authenticators: [],
    codec: new ObjectCodec(freezeObject),
    ...(options.kinds === undefined ? {} : { kinds: options.kinds }),
  });
  await assembly.start();
  return {
    transport: (user = ADMIN_USER) => assembly.transport(user),
    close: () => assembly.close(),
  };
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

const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

const systemRandom: Random = {
  float: () => Math.random(),
  bytes: (length) => randomBytes(length),
};
