import type { Column } from "../registry/kind.js";
import { ageOf } from "./human-duration.js";

const NAME: Column = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name must be unique within a namespace",
  priority: 0,
  cell: (object) => object.metadata.name,
};

const AGE: Column = {
  name: "Age",
  type: "string",
  description: "Time since the object was created",
  priority: 0,
  cell: (object, now) => ageOf(object.metadata.creationTimestamp, now),
};

/** The columns that kubectl users know of a built-in kind. */
export function builtInColumns(_group: string, _kind: string): readonly Column[] {
  return [NAME, AGE];
}
