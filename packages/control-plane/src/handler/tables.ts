import type { KubeObject } from "@capstan/kube";
import type { Column } from "../registry/kind.js";
import { badRequest } from "./errors.js";
import { partialMetadata, type TableView } from "./views.js";

/** Tables by the columns of each kind. */
export const columnTables: TableView = {
  table: (kind, objects, { includeObject, metaVersion, now, metadata, withColumns }) => {
    const shown = objectView(includeObject, metaVersion);
    return {
      kind: "Table",
      apiVersion: `meta.k8s.io/${metaVersion}`,
      metadata,
      columnDefinitions: withColumns ? kind.columns.map(columnDefinition) : null,
      rows: objects.map((object) => ({
        cells: kind.columns.map((column) => column.cell(object, now)),
        object: shown(object),
      })),
    };
  },
};

function objectView(includeObject: string | undefined, metaVersion: string): (object: KubeObject) => unknown {
  switch (includeObject || "Metadata") {
    case "Metadata":
      return (object) => partialMetadata(object, metaVersion);
    case "Object":
      return (object) => object;
    case "None":
      // The end of a watch's initial events is known by its annotation only.
      return (object) =>
        object.metadata.annotations?.["k8s.io/initial-events-end"] === undefined
          ? null
          : partialMetadata(object, metaVersion);
    default:
      throw badRequest(
        `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(includeObject)}: ` +
          "must be 'Metadata', 'Object', 'None', or empty",
      );
  }
}

function columnDefinition(column: Column): Record<string, unknown> {
  const { name, type, format, description, priority } = column;
  return { name, type, format: format ?? (name === "Name" ? "name" : ""), description, priority };
}
