import type { KubeObject, Schema } from "@capstan/kube";
import { PLAIN_FIELDS } from "../schema/plain-fields.js";

/** `apiextensions.k8s.io/v1` JSONSchemaProps as clients write it. */
export type JsonSchemaProps = Readonly<Record<string, unknown>>;

export interface DefinitionNames {
  readonly plural: string;
  readonly singular?: string;
  readonly shortNames?: readonly string[];
  readonly kind: string;
  readonly listKind?: string;
  readonly categories?: readonly string[];
}

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

export interface DefinitionVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly schema?: { readonly openAPIV3Schema?: JsonSchemaProps };
  readonly subresources?: { readonly status?: object; readonly scale?: ScalePaths };
  readonly additionalPrinterColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

export interface DefinitionCondition {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

export interface DefinitionStatus {
  readonly conditions?: readonly DefinitionCondition[] | null;
  readonly acceptedNames?: Partial<DefinitionNames>;
  readonly storedVersions?: readonly string[] | null;
}

export interface DefinitionSpec {
  readonly group: string;
  readonly names: DefinitionNames;
  readonly scope: "Namespaced" | "Cluster";
  readonly versions: readonly DefinitionVersion[];
  readonly preserveUnknownFields?: boolean;
  readonly conversion?: { readonly strategy: string; readonly webhook?: Readonly<Record<string, unknown>> };
}

/** A CustomResourceDefinition, defaulted. */
export interface CustomResourceDefinition extends KubeObject {
  spec: DefinitionSpec;
  status?: DefinitionStatus;
}

const TAKEN_OVER = [...PLAIN_FIELDS, "required", "nullable"] as const;

const EXTENSIONS = {
  "x-kubernetes-int-or-string": "intOrString",
  "x-kubernetes-preserve-unknown-fields": "preserveUnknownFields",
  "x-kubernetes-embedded-resource": "embeddedResource",
  "x-kubernetes-list-type": "listType",
  "x-kubernetes-list-map-keys": "listMapKeys",
  "x-kubernetes-map-type": "mapType",
  "x-kubernetes-validations": "validations",
} as const;

/** The schema that JSONSchemaProps stand for; what no structural schema may contain is left out. */
export function schemaFromProps(props: JsonSchemaProps): Schema {
  const schema: Record<string, unknown> = {};
  for (const key of TAKEN_OVER) if (props[key] !== undefined) schema[key] = props[key];
  for (const [key, name] of Object.entries(EXTENSIONS))
    if (props[key] !== undefined) schema[name] = props[key];
  for (const key of ["allOf", "anyOf", "oneOf"]) {
    const list = props[key];
    if (Array.isArray(list)) schema[key] = list.map((item) => schemaFromProps(item as JsonSchemaProps));
  }
  for (const key of ["items", "not"]) {
    const nested = props[key];
    if (isProps(nested)) schema[key] = schemaFromProps(nested);
  }
  const { properties, additionalProperties } = props;
  if (isProps(properties)) {
    schema["properties"] = Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, schemaFromProps(value as JsonSchemaProps)]),
    );
  }
  if (typeof additionalProperties === "boolean") schema["additionalProperties"] = additionalProperties;
  else if (isProps(additionalProperties))
    schema["additionalProperties"] = schemaFromProps(additionalProperties);
  return schema as Schema;
}

export function isProps(value: unknown): value is JsonSchemaProps {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
