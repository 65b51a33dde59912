import type { Group } from "./check.js";
import { discovery } from "./groups/discovery.js";
import { kinds } from "./groups/kinds.js";
import { openapiAndClients } from "./groups/openapi.js";
import { printing } from "./groups/printing.js";
import { protobuf } from "./groups/protobuf.js";
import { tables } from "./groups/tables.js";
import { validation } from "./groups/validation.js";

/** The whole table, in the order in which it is reported. */
export const groups: readonly Group[] = [
  { name: "objects", checks: [...kinds, ...validation] },
  { name: "discovery", checks: [...discovery, ...openapiAndClients] },
  { name: "tables and printing", checks: [...tables, ...printing] },
  { name: "protobuf", checks: protobuf },
];
