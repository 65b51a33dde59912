import type { KubeObject, Schema } from "@capstan/kube";
import type { RemoteConversion } from "./remote-conversion.js";

/** One reason why an object is refused, with Kubernetes' wording (`field.Error`). */
export interface FieldError {
  readonly type:
    | "Required value"
    | "Invalid value"
    | "Unsupported value"
    | "Duplicate value"
    | "Not found"
    | "Forbidden"
    | "Too long"
    | "Too many"
    | "Too few"
    | "Type invalid"
    | "Internal error";
  /** Path as Kubernetes prints it: `spec.containers[0].image`, `metadata.labels[app]`. */
  readonly field: string;
  readonly detail: string;
  /** Printed after the type where the type carries a value. */
  readonly value?: unknown;
}

/** A column of the server-side Table (`meta.k8s.io/v1` Table). */
export interface Column {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly format?: string;
  readonly description: string;
  /** 0: always shown; above: only with `-o wide`. */
  readonly priority: number;
  /** The cell of one object; dates are RFC 3339 strings already turned into ages where kubectl shows ages. */
  readonly cell: (object: KubeObject, now: number) => string | number | boolean | null;
}

/** What a kind does beyond storing bytes. Every function is pure; objects given are not mutated. */
export interface Strategy {
  /** Fills in defaults as the real server does, after pruning, on create, update and read of old data. */
  readonly setDefaults: (object: KubeObject) => KubeObject;
  /** Clears what a client may not set on create (status, …) and normalises. */
  readonly prepareForCreate: (object: KubeObject) => KubeObject;
  /** Keeps what a client may not change on update (status on the main resource, …). */
  readonly prepareForUpdate: (
    next: KubeObject,
    previous: KubeObject,
    subresource: string | undefined,
  ) => KubeObject;
  readonly validate: (object: KubeObject) => readonly FieldError[];
  readonly validateUpdate: (
    next: KubeObject,
    previous: KubeObject,
    subresource: string | undefined,
  ) => readonly FieldError[];
  /**
   * Whether a change moves `metadata.generation`, for kinds that differ from the rule (anything outside
   * metadata, and outside status where it is a subresource).
   */
  readonly bumpsGeneration?: (next: KubeObject, previous: KubeObject) => boolean;
  /** Texts for `Warning` headers (deprecated fields and the like). */
  readonly warnings?: (object: KubeObject) => readonly string[];
}

/** Paths of the scale subresource, as in a CustomResourceDefinition. */
export interface ScaleDefinition {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

/**
 * One kind in one version as the API serves it. Built-in kinds are data in `kinds/`;
 * CustomResourceDefinitions become the same shape in `crd/`.
 */
export interface ServedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly listKind: string;
  /** Plural, lower case, as in URLs. */
  readonly resource: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** Left out of the list: the verb answers 405. */
  readonly verbs: readonly string[];
  /** Whether `status` is a subresource of its own. */
  readonly statusSubresource: boolean;
  readonly scale?: ScaleDefinition;
  /** Whether changes outside metadata and status move `metadata.generation`. */
  readonly generation: boolean;
  readonly schema: Schema;
  readonly columns: readonly Column[];
  /** Field selector values beside `metadata.name` and `metadata.namespace`, by path. */
  readonly selectableFields: Readonly<Record<string, (object: KubeObject) => string>>;
  readonly strategy: Strategy;
  /** What clients are warned about with every request: the version is on its way out. */
  readonly deprecations?: readonly string[];
  /** False: an update must name the resourceVersion it replaces (all custom resources). */
  readonly unconditionalUpdate?: boolean;
  /** False: strategic merge patches are refused with 415 (all custom resources). */
  readonly strategicMergePatch?: boolean;
  /** Whether list items repeat `apiVersion` and `kind` (all custom resources). */
  readonly typedListItems?: boolean;
  /** What a DELETE without a propagation policy does with dependents; Background where left out. */
  readonly defaultPropagation?: "Background" | "Orphan";
  /** Whether an immediate DELETE answers with the object instead of a `Status`. */
  readonly returnsDeleted?: boolean;
  /** Seconds that a deletion waits by default (pods); 0 where left out. */
  readonly gracePeriodSeconds?: (object: KubeObject, requested: number | undefined) => number;
  /** The group that invalid objects are told to be of, where it is not the one they are served in. */
  readonly ownGroup?: string;
  /** Name of the protobuf message, for kinds that have one. */
  readonly protobufMessage?: string;
  /** Where objects of this kind are kept: kinds in several versions or groups share one place. */
  readonly storage: {
    /** Store prefix, e.g. `apps/deployments`. */
    readonly prefix: string;
    /** `apiVersion` in the stored bytes. */
    readonly apiVersion: string;
    /** Present where the served version differs from the stored one. */
    readonly convert?: {
      readonly toStorage: (object: KubeObject) => KubeObject;
      readonly fromStorage: (object: KubeObject) => KubeObject;
    };
    /** Present where `convert` finds only what was prepared. */
    readonly remote?: RemoteConversion;
  };
}
