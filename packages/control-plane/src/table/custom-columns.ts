import type { Column } from "../registry/kind.js";
import { ageOf } from "./human-duration.js";
import { type JsonPath, parseJsonPath } from "./jsonpath.js";

/** One entry of `additionalPrinterColumns` of a CustomResourceDefinition. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

const NAME: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace",
  priority: 0,
  cell: (object) => object.metadata.name,
};

const AGE: PrinterColumn = {
  name: "Age",
  type: "date",
  description: "Time since the object was created",
  jsonPath: ".metadata.creationTimestamp",
};

/**
 * The table columns of a custom resource: its name, then what its definition asks for, or its age where
 * that asks for nothing. Throws `JsonPathError` for paths that cannot be read.
 */
export function customColumns(columns: readonly PrinterColumn[] | undefined): readonly Column[] {
  const given = columns === undefined || columns.length === 0 ? [AGE] : columns;
  return [NAME, ...given.map(customColumn)];
}

function customColumn(column: PrinterColumn): Column {
  const path = parseJsonPath(column.jsonPath);
  return {
    name: column.name,
    type: column.type as Column["type"],
    ...(column.format === undefined ? {} : { format: column.format }),
    description:
      column.description || `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
    priority: column.priority ?? 0,
    cell: (object, now) => cellOf(column.type, path, object, now),
  };
}

function cellOf(type: string, path: JsonPath, object: unknown, now: number): ReturnType<Column["cell"]> {
  const [value] = path.evaluate(object);
  if (value === undefined || value === null) return null;
  switch (type) {
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageOf(value, now) : "<invalid>";
    default:
      return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}
