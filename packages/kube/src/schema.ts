/**
 * A structural schema: the one description of a type that defaulting, pruning, validation, patches,
 * server-side apply, CEL and OpenAPI share. Built-in kinds and CustomResourceDefinitions both
 * become this. The vocabulary is that of `apiextensions.k8s.io/v1` JSONSchemaProps, with the
 * `x-kubernetes-*` extensions under short names.
 */
export interface Schema {
  readonly type?: "object" | "array" | "string" | "integer" | "number" | "boolean";
  readonly format?: string;
  readonly description?: string;
  readonly title?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly not?: Schema;
  readonly example?: unknown;
  readonly externalDocs?: { readonly description?: string; readonly url?: string };
  /** `x-kubernetes-int-or-string` */
  readonly intOrString?: boolean;
  /** `x-kubernetes-preserve-unknown-fields` */
  readonly preserveUnknownFields?: boolean;
  /** `x-kubernetes-embedded-resource` */
  readonly embeddedResource?: boolean;
  /** `x-kubernetes-list-type`; an array without one is atomic for apply */
  readonly listType?: "atomic" | "set" | "map";
  /** `x-kubernetes-list-map-keys` */
  readonly listMapKeys?: readonly string[];
  /** `x-kubernetes-map-type` */
  readonly mapType?: "granular" | "atomic";
  /** `x-kubernetes-patch-strategy` of built-in kinds: strategic merge patch only */
  readonly patchStrategy?: readonly ("merge" | "replace" | "retainKeys")[];
  /** `x-kubernetes-patch-merge-key` of built-in kinds: strategic merge patch only */
  readonly patchMergeKey?: string;
  /** `x-kubernetes-validations` */
  readonly validations?: readonly ValidationRule[];
  /** A named type of the OpenAPI document (`io.k8s.api.core.v1.PodSpec`) that this schema is. */
  readonly ref?: string;
}

/** One CEL rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: string;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}
