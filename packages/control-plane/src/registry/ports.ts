import type { KubeObject } from "@capstan/kube";
import type { ServedKind } from "./kind.js";

/** Who sends a request, after authentication and impersonation. */
export interface User {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** What the authorizer is asked: a resource request, or a path where `resource` is left out. */
export interface AccessRequest {
  readonly user: User;
  readonly verb: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  /** Non-resource requests only. */
  readonly path?: string;
}

export interface AccessDecision {
  readonly allowed: boolean;
  readonly denied?: boolean;
  readonly reason?: string;
  readonly evaluationError?: string;
}

/** Rules of one user in one namespace, for SelfSubjectRulesReview. */
export interface RulesOfUser {
  readonly resourceRules: readonly Record<string, unknown>[];
  readonly nonResourceRules: readonly Record<string, unknown>[];
  readonly incomplete: boolean;
  readonly evaluationError?: string;
}

export interface Authorizer {
  /** Synchronous: policies are held in memory and follow the store by watch. */
  authorize(request: AccessRequest): AccessDecision;
  rulesFor(user: User, namespace: string): RulesOfUser;
}

export interface FieldUpdate {
  readonly kind: ServedKind;
  readonly manager: string;
  readonly subresource: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Ownership of fields (`metadata.managedFields`) and server-side apply. */
export interface FieldManager {
  /** `next` with managedFields brought up to date for a create (no `live`), update or patch. */
  update(live: KubeObject | undefined, next: KubeObject, context: FieldUpdate): KubeObject;
  /**
   * The object that results from applying `applied` over `live`, managedFields included. Throws
   * `ApiError` (409 with causes) on conflicts, unless `force`.
   */
  apply(
    live: KubeObject | undefined,
    applied: KubeObject,
    context: FieldUpdate & { readonly force: boolean },
  ): KubeObject;
}

/** Adds to what the audit log says of a request; `from`: only where it is written down at that level or a higher one. */
export type Annotate = (key: string, value: string, from?: "Request") => void;

type Operation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** A write on its way to the store, as admission sees it. */
export interface AdmissionRequest {
  readonly operation: Operation;
  readonly kind: ServedKind;
  /** The kind as the client named it, where the objects here are shown at another version. */
  readonly requestKind?: ServedKind;
  readonly subresource: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string;
  /** Absent for a delete. */
  readonly object: KubeObject | undefined;
  /** Absent for a create. */
  readonly oldObject: KubeObject | undefined;
  readonly options: Readonly<Record<string, unknown>>;
  readonly dryRun: boolean;
  readonly user: User;
  /** Texts for `Warning` headers. */
  readonly warn: (text: string) => void;
  /** Adds to what the audit log says of this request; the first value of a key stays. */
  readonly annotate?: Annotate;
}

/** Both halves refuse by throwing `ApiError`. */
export interface Admission {
  /** The object as mutating admission leaves it. Not called for deletes with nothing to mutate. */
  mutate(request: AdmissionRequest): KubeObject | undefined | Promise<KubeObject | undefined>;
  validate(request: AdmissionRequest): void | Promise<void>;
  /** After the store took a write or gave it up: reservations become real or are returned. */
  settle?(request: AdmissionRequest, stored: boolean): void;
}

/** Something that an object holds and no other may: addresses, ports. */
export interface Reservation {
  /** The object with what it was given. */
  readonly object: KubeObject;
  /** Called once the write is stored or given up. */
  readonly settle: () => void;
}

export interface Reservations {
  /** After the strategy prepared an object and before it is validated; undefined where nothing is needed. */
  reserve(kind: ServedKind, object: KubeObject): Reservation | undefined;
}

/** What decoding against a schema says about a body. */
export interface DecodedBody {
  /** The object without unknown fields. */
  readonly object: KubeObject;
  /** `unknown field "spec.foo"`, in document order. */
  readonly unknown: readonly string[];
}

export interface BodyDecoder {
  /**
   * Drops fields that the schema does not know. What the object has in common with `live`, which is stored,
   * need not be looked at again. Throws `ApiError` 400 where a value has the wrong type.
   */
  decode(object: KubeObject, kind: ServedKind, live?: KubeObject): DecodedBody;
}
