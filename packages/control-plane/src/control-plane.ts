import type { ApiRequest, Clock, Random, Transport } from "@capstan/kube";
import { impersonate } from "./authentication/impersonation.js";
import { Handler } from "./handler/handler.js";
import { InProcessTransport } from "./handler/in-process-transport.js";
import { ObjectCodec } from "./handler/object-codec.js";
import { ObjectStorage } from "./handler/object-storage.js";
import { AnswerShaper } from "./handler/shape.js";
import { bootstrapNamespaces } from "./lifecycle/bootstrap-namespaces.js";
import type { ServedKind } from "./registry/kind.js";
import { KindRegistry } from "./registry/kind-registry.js";
import {
  plainAdmission,
  plainAuthorizer,
  plainDecoder,
  plainFieldManager,
  plainTables,
} from "./registry/plain-parts.js";
import type { User } from "./registry/ports.js";
import { PROVISIONAL_KINDS } from "./registry/provisional-kinds.js";
import type { Store } from "./store/store.js";
import { WatchHub } from "./watch/watch-hub.js";

/** The user that the control plane's own parts act as. */
export const LOOPBACK_USER: User = {
  name: "system:apiserver",
  groups: ["system:masters", "system:authenticated"],
};
export const ADMIN_USER: User = {
  name: "kubernetes-admin",
  groups: ["system:masters", "system:authenticated"],
};

export interface AssemblyOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  /** Sees every object that is handed out; tests freeze them there. */
  readonly codec?: ObjectCodec;
  readonly kinds?: readonly ServedKind[];
}

/** The API over one store, without any network: what both the server and the tests are built on. */
export class Assembly {
  readonly registry: KindRegistry;
  readonly objects: ObjectStorage;
  readonly hub: WatchHub;
  readonly handler: Handler;
  readonly shaper: AnswerShaper;
  readonly #options: AssemblyOptions;

  constructor(options: AssemblyOptions) {
    this.#options = options;
    const { store, clock, random } = options;
    const codec = options.codec ?? new ObjectCodec();
    this.registry = new KindRegistry([...PROVISIONAL_KINDS, ...(options.kinds ?? [])]);
    this.objects = new ObjectStorage(store, codec);
    this.hub = new WatchHub(store, codec, clock);
    this.shaper = new AnswerShaper(plainTables, clock);
    this.handler = new Handler({
      objects: this.objects,
      registry: this.registry,
      hub: this.hub,
      clock,
      random,
      authorizer: plainAuthorizer,
      admission: plainAdmission,
      fieldManager: plainFieldManager,
      decoder: plainDecoder,
      protobuf: undefined,
      special: { resource: () => undefined, path: () => undefined },
    });
  }

  async start(): Promise<void> {
    await bootstrapNamespaces(this.transport(LOOPBACK_USER));
  }

  /** Requests as `user`, honouring impersonation headers, straight into the handler. */
  transport(user: User): Transport {
    return new InProcessTransport(this.handler, this.shaper, (request: ApiRequest) =>
      impersonate(user, request.headers ?? {}, plainAuthorizer),
    );
  }

  async close(): Promise<void> {
    this.hub.close();
    await this.#options.store.close();
  }
}
