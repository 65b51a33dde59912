import type { KubeObject } from "@capstan/kube";
import type { Column } from "../registry/kind.js";
import { ageOf } from "../table/human-duration.js";
import type { PrinterColumn } from "./definition.js";
import { compileJsonPath } from "./json-path.js";

const NAME: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description:
    "Name must be unique within a namespace. Is required when creating resources, although some resources may allow a client to request the generation of an appropriate name automatically. Name is primarily intended for creation idempotence and configuration definition. Cannot be updated. More info: https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names",
  priority: 0,
  cell: (object) => object.metadata.name,
};

const AGE: PrinterColumn = {
  name: "Age",
  type: "date",
  description:
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not guaranteed to be set in happens-before order across separate operations. Clients may not set this value. It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata",
  jsonPath: ".metadata.creationTimestamp",
};

/** The columns of a custom resource: its name, then those that the definition names, or its age. */
export function printerColumns(columns: readonly PrinterColumn[] | undefined): readonly Column[] {
  return [NAME, ...(columns && columns.length > 0 ? columns : [AGE]).map(printerColumn)];
}

function printerColumn({ name, type, format, description, priority, jsonPath }: PrinterColumn): Column {
  const path = compileJsonPath(jsonPath);
  const text = description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`;
  return {
    name,
    type: type as Column["type"],
    ...(format === undefined ? {} : { format }),
    description: text === "" ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : text,
    priority: priority ?? 0,
    cell: (object: KubeObject, now: number) => cellOf(path?.(object)[0], type, now),
  };
}

function cellOf(value: unknown, type: string, now: number): string | number | boolean | null {
  if (value === undefined || value === null) return null;
  switch (type) {
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageOf(value, now) : null;
    default:
      return typeof value === "object" ? JSON.stringify(value) : String(value);
  }
}
