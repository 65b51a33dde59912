import type { KubeObject, TypeMeta } from "@capstan/kube";
import { formatApiVersion } from "@capstan/kube";
import type { z } from "zod";
import { type OpenApiSchema, toOpenApi } from "./openapi.js";

/** A column that `kubectl get` shows. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "number" | "boolean" | "date";
  readonly jsonPath: string;
  readonly description?: string;
  /** 0 (default): always shown; above: only with `-o wide`. */
  readonly priority?: number;
}

export interface ResourceOptions<Spec extends z.ZodType, Status extends z.ZodType> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural in URLs; `<kind>s` in lower case where left out. */
  readonly plural?: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  /** `Namespaced` where left out. */
  readonly scope?: "Namespaced" | "Cluster";
  readonly description?: string;
  readonly spec?: Spec;
  readonly status?: Status;
  /** Default of `status` as a whole. */
  readonly statusDefault?: unknown;
  /** `x-kubernetes-validations` of the whole object. */
  readonly validations?: readonly Record<string, unknown>[];
  readonly printerColumns?: readonly PrinterColumn[];
  readonly selectableFields?: readonly string[];
  readonly scale?: {
    readonly specReplicasPath: string;
    readonly statusReplicasPath: string;
    readonly labelSelectorPath?: string;
  };
  /** Annotations of the definition itself. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Names of top-level fields that must be there, such as `spec`. */
  readonly required?: readonly string[];
}

/** An object of a resource; `status` is missing until a controller has written it. */
export type ResourceObject<Spec, Status> = KubeObject & { readonly spec: Spec; readonly status?: Status };

/** One kind, declared once: its type, its CustomResourceDefinition, its validation. */
export interface Resource<Spec = unknown, Status = unknown> extends TypeMeta {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** The manifest that makes an API serve the kind. */
  definition(): KubeObject;
  /** Checks an object and fills in defaults; throws `ZodError` naming every field that is wrong. */
  parse(object: unknown): ResourceObject<Spec, Status>;
}

/** The object type of a resource: `type Greeting = ObjectOf<typeof Greeting>`. */
export type ObjectOf<R> = R extends Resource<infer Spec, infer Status> ? ResourceObject<Spec, Status> : never;

/**
 * Declares a custom resource. The TypeScript type, the OpenAPI schema, defaults and validation all
 * come from the two Zod types.
 */
export function defineResource<Spec extends z.ZodType, Status extends z.ZodType>(
  options: ResourceOptions<Spec, Status>,
): Resource<z.output<Spec>, z.output<Status>> {
  const plural = options.plural ?? `${options.kind.toLowerCase()}s`;
  const apiVersion = formatApiVersion(options.group, options.version);
  return {
    apiVersion,
    kind: options.kind,
    group: options.group,
    version: options.version,
    plural,
    namespaced: options.scope !== "Cluster",
    definition: () => definitionOf(options, plural),
    parse: (object) => parseObject(options, apiVersion, object),
  };
}

function parseObject<Spec extends z.ZodType, Status extends z.ZodType>(
  options: ResourceOptions<Spec, Status>,
  apiVersion: string,
  value: unknown,
): ResourceObject<z.output<Spec>, z.output<Status>> {
  if (typeof value !== "object" || value === null || !("metadata" in value)) {
    throw new TypeError(`a ${options.kind} must be an object with metadata`);
  }
  // Checked field by field below; the index signature of KubeObject admits the rest.
  const object = value as KubeObject;
  if (object.apiVersion !== apiVersion || object.kind !== options.kind) {
    throw new TypeError(`expected a ${apiVersion} ${options.kind}, got ${object.apiVersion} ${object.kind}`);
  }
  const spec = options.spec?.parse(object["spec"]);
  const status = object["status"] === undefined ? undefined : options.status?.parse(object["status"]);
  return {
    ...object,
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status }),
  } as ResourceObject<z.output<Spec>, z.output<Status>>;
}

function definitionOf(options: ResourceOptions<z.ZodType, z.ZodType>, plural: string): KubeObject {
  const { group, kind, annotations } = options;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: {
      name: `${plural}.${group}`,
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    },
    spec: {
      group,
      names: {
        ...(options.categories === undefined ? {} : { categories: [...options.categories] }),
        kind,
        listKind: `${kind}List`,
        plural,
        ...(options.shortNames === undefined ? {} : { shortNames: [...options.shortNames] }),
        singular: kind.toLowerCase(),
      },
      scope: options.scope ?? "Namespaced",
      versions: [versionOf(options)],
    },
  };
}

function versionOf(options: ResourceOptions<z.ZodType, z.ZodType>): Record<string, unknown> {
  const subresources = {
    ...(options.status === undefined ? {} : { status: {} }),
    ...(options.scale === undefined ? {} : { scale: { ...options.scale } }),
  };
  return {
    ...(options.printerColumns === undefined
      ? {}
      : { additionalPrinterColumns: [...options.printerColumns] }),
    ...(options.selectableFields === undefined
      ? {}
      : { selectableFields: options.selectableFields.map((jsonPath) => ({ jsonPath })) }),
    name: options.version,
    schema: { openAPIV3Schema: objectSchema(options) },
    served: true,
    storage: true,
    ...(Object.keys(subresources).length === 0 ? {} : { subresources }),
  };
}

function objectSchema(options: ResourceOptions<z.ZodType, z.ZodType>): OpenApiSchema {
  const status = options.status === undefined ? undefined : toOpenApi(options.status);
  return {
    ...(options.description === undefined ? {} : { description: options.description }),
    properties: {
      apiVersion: {
        description: "The group and version of the API that the object is written for.",
        type: "string",
      },
      kind: { description: "The type of the object.", type: "string" },
      metadata: { type: "object" },
      ...(options.spec === undefined ? {} : { spec: toOpenApi(options.spec) }),
      ...(status === undefined
        ? {}
        : {
            status:
              options.statusDefault === undefined ? status : { default: options.statusDefault, ...status },
          }),
    },
    ...(options.required === undefined ? {} : { required: [...options.required] }),
    type: "object",
    ...(options.validations === undefined ? {} : { "x-kubernetes-validations": [...options.validations] }),
  };
}
