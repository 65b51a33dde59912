import type { Clock, KubeObject, Random } from "@capstan/kube";
import type { ServedKind } from "../registry/kind.js";
import type { KindRegistry } from "../registry/kind-registry.js";
import type {
  Admission,
  Annotate,
  Authorizer,
  BodyDecoder,
  FieldManager,
  Reservations,
  User,
} from "../registry/ports.js";
import type { WatchHub } from "../watch/watch-hub.js";
import type { Accept } from "./negotiation.js";
import type { ObjectStorage, StoredObject } from "./object-storage.js";
import type { ProtobufReader, RequestBody } from "./request-body.js";
import type { ResourceRequest } from "./request-info.js";

/** What every verb works with: the state and the parts that judge and shape requests. */
export interface Machinery {
  readonly objects: ObjectStorage;
  readonly registry: KindRegistry;
  readonly hub: WatchHub;
  readonly clock: Clock;
  readonly random: Random;
  readonly authorizer: Authorizer;
  readonly admission: Admission;
  readonly fieldManager: FieldManager;
  readonly reservations: Reservations;
  readonly decoder: BodyDecoder;
}

export type Query = ReadonlyMap<string, string>;

/** One authorized request for a resource. */
export interface Call {
  readonly info: ResourceRequest;
  readonly kind: ServedKind;
  readonly user: User;
  readonly query: Query;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: RequestBody;
  /** Reads protobuf bodies of this kind; absent for kinds that have none. */
  readonly protobuf: ProtobufReader | undefined;
  readonly accept: Accept;
  readonly warn: (text: string) => void;
  /** Adds to what the audit log says of this request; absent where it is not written down. */
  readonly annotate: Annotate | undefined;
  /** Tells the audit log what the body was read as; absent where the request is not written down. */
  readonly received?: ((body: unknown) => void) | undefined;
  /** Throws 403 where the user may not also create this object (apply and PUT may do that). */
  readonly authorizeCreate: () => void;
  readonly signal: AbortSignal | undefined;
}

/** What a request is answered with, before it is encoded for its client. */
export type Answer =
  | {
      readonly type: "object";
      readonly status: number;
      readonly object: StoredObject | KubeObject;
      /** Absent: the object has no Table view. */
      readonly kind?: ServedKind;
      readonly includeObject?: string | undefined;
    }
  | { readonly type: "list"; readonly list: ListAnswer }
  | { readonly type: "value"; readonly status: number; readonly value: unknown }
  | {
      readonly type: "bytes";
      readonly status: number;
      readonly contentType: string;
      readonly bytes: Uint8Array | string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | {
      readonly type: "stream";
      /** 200 where left out. */
      readonly status?: number;
      readonly contentType: string;
      readonly chunks: AsyncIterable<Uint8Array>;
      readonly headers?: Readonly<Record<string, string | string[]>>;
      /** Set where it is a document that another server answers, so that it comes to an end by itself. */
      readonly document?: boolean;
    };

export interface ListAnswer {
  readonly kind: ServedKind;
  readonly items: readonly StoredObject[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
  readonly includeObject?: string | undefined;
}
