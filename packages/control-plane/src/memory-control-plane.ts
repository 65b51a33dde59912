import { generateKeyPairSync } from "node:crypto";
import type { Clock, Random, Transport } from "@capstan/kube";
import { Assembly } from "./assembly.js";
import { ADMIN_USER } from "./control-plane.js";
import type { ObjectCodec } from "./handler/object-codec.js";
import type { ServedKind } from "./registry/kind.js";
import { type OnFailure, printFailure } from "./registry/on-failure.js";
import type { User } from "./registry/ports.js";
import { MemoryStore } from "./store/memory-store.js";

/** A control plane in memory: no network, no disk, ready within milliseconds, gone with `close`. */
export interface MemoryControlPlane {
  /** The API as the administrator, or as `user`. */
  transport(user?: User): Transport;
  close(): Promise<void>;
}

export interface MemoryControlPlaneOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Kinds served beside the built-in ones. */
  readonly kinds?: readonly ServedKind[];
  /** How objects are encoded. */
  readonly codec?: ObjectCodec;
  /** Told of errors inside the control plane that no client is answered with; printed where it is left out. */
  readonly onFailure?: OnFailure;
}

/** Starts a control plane in memory: for previews and checks that nobody else sees. */
export async function memoryControlPlane(options: MemoryControlPlaneOptions): Promise<MemoryControlPlane> {
  const assembly = new Assembly({
    store: new MemoryStore(),
    clock: options.clock,
    random: options.random,
    tokenKey: generateKeyPairSync("ec", {
      namedCurve: "P-256",
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
      publicKeyEncoding: { type: "spki", format: "pem" },
    }).privateKey,
    authority: "",
    authenticators: [],
    onFailure: options.onFailure ?? printFailure,
    ...(options.codec === undefined ? {} : { codec: options.codec }),
    ...(options.kinds === undefined ? {} : { kinds: options.kinds }),
  });
  await assembly.start();
  return {
    transport: (user = ADMIN_USER) => assembly.transport(user),
    close: () => assembly.close(),
  };
}
