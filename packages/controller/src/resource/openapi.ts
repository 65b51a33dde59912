import { z } from "zod";

/** A JSONSchemaProps document as CustomResourceDefinitions carry it. */
export type OpenApiSchema = { [field: string]: unknown };

const UNBOUNDED = Number.MAX_SAFE_INTEGER;

/**
 * The OpenAPI v3 schema of a Zod type, in the subset that CustomResourceDefinitions allow. Put what
 * Zod cannot say into `.meta()`: `description`, `format`, any `x-kubernetes-*` extension.
 *
 * Throws where the type has no structural form (unions of objects, transforms, dates).
 */
export function toOpenApi(type: z.ZodType): OpenApiSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(type, {
    io: "input",
    target: "openapi-3.0",
    reused: "inline",
  }) as OpenApiSchema;
  return clean(schema);
}

function clean(schema: OpenApiSchema): OpenApiSchema {
  const out: OpenApiSchema = {};
  for (const [field, value] of Object.entries(schema)) {
    if (isNoise(schema, field, value)) continue;
    if (field === "pattern" && typeof value === "string") out[field] = plainSlashes(value);
    else if (field === "properties") out[field] = mapValues(value, clean);
    else if ((field === "items" || field === "additionalProperties" || field === "not") && isSchema(value)) {
      out[field] = clean(value);
    } else if (field === "allOf" || field === "anyOf" || field === "oneOf") {
      out[field] = Array.isArray(value)
        ? value.map((entry) => (isSchema(entry) ? clean(entry) : entry))
        : value;
    } else out[field] = value;
  }
  return out;
}

/** JavaScript prints a pattern with its slashes escaped, which no other dialect needs. */
function plainSlashes(pattern: string): string {
  return pattern.replace(/\\(.)/g, (escaped, character: string) => (character === "/" ? "/" : escaped));
}

/** Bounds that JavaScript's integers bring with them, and Zod's own closing of objects. */
function isNoise(schema: OpenApiSchema, field: string, value: unknown): boolean {
  if (field === "propertyNames" || field === "id") return true;
  if (field === "additionalProperties") return value === false || (isSchema(value) && isEmpty(value));
  if (schema["type"] !== "integer") return false;
  return (field === "maximum" && value === UNBOUNDED) || (field === "minimum" && value === -UNBOUNDED);
}

function isEmpty(schema: OpenApiSchema): boolean {
  return Object.keys(schema).length === 0;
}

function isSchema(value: unknown): value is OpenApiSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function mapValues(value: unknown, map: (schema: OpenApiSchema) => OpenApiSchema): OpenApiSchema {
  if (!isSchema(value)) return {};
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [name, isSchema(entry) ? map(entry) : entry]),
  );
}
