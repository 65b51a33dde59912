import type { TableView } from "../handler/views.js";
import type { Authorizer, BodyDecoder } from "./ports.js";

/** Allows everything. */
export const plainAuthorizer: Authorizer = {
  authorize: () => ({ allowed: true }),
  rulesFor: () => ({ resourceRules: [], nonResourceRules: [], incomplete: false }),
};

/** Knows no fields, so none is unknown. */
export const plainDecoder: BodyDecoder = { decode: (object) => ({ object, unknown: [] }) };

/** Names and nothing else. */
export const plainTables: TableView = {
  table: (_kind, objects, { metaVersion, metadata }) => ({
    kind: "Table",
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata,
    columnDefinitions: [{ name: "Name", type: "string", format: "name", description: "", priority: 0 }],
    rows: objects.map((object) => ({ cells: [object.metadata.name], object })),
  }),
};
