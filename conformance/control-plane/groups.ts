import type { Group } from "./check.js";
import { access } from "./groups/access.js";
import { builtInAdmission } from "./groups/admission.js";
import { aggregation } from "./groups/aggregation.js";
import { apply } from "./groups/apply.js";
import { auditedBodyChecks } from "./groups/audited-bodies.js";
import { auditChecks } from "./groups/auditing.js";
import { authenticationChecks } from "./groups/authentication.js";
import { componentChecks } from "./groups/components.js";
import { conversionChecks } from "./groups/conversions.js";
import { customResources } from "./groups/custom.js";
import { customMore } from "./groups/custom-more.js";
import { defaults } from "./groups/defaults.js";
import { definitionChecks } from "./groups/definitions.js";
import { discovery } from "./groups/discovery.js";
import { eventChecks } from "./groups/events.js";
import { fairnessChecks } from "./groups/fairness.js";
import { garbage } from "./groups/garbage.js";
import { helmChecks } from "./groups/helm.js";
import { protectionChecks, tokenSecretChecks } from "./groups/kept.js";
import { kinds } from "./groups/kinds.js";
import { lifecycle } from "./groups/lifecycle.js";
import { machineryChecks } from "./groups/machinery.js";
import { objects } from "./groups/objects.js";
import { openapiAndClients } from "./groups/openapi.js";
import { operations } from "./groups/operations.js";
import { ownershipChecks } from "./groups/ownership.js";
import { patches } from "./groups/patches.js";
import { podChecks } from "./groups/pods.js";
import { policyChecks } from "./groups/policies.js";
import { printing } from "./groups/printing.js";
import { protobuf } from "./groups/protobuf.js";
import { quotaChecks } from "./groups/quotas.js";
import { reading } from "./groups/reading.js";
import { scaleChecks } from "./groups/scales.js";
import { strategicPatches } from "./groups/strategic.js";
import { strictnessAndClients } from "./groups/strictness.js";
import { tables } from "./groups/tables.js";
import { validation } from "./groups/validation.js";
import { validationMore } from "./groups/validation-more.js";
import { watches } from "./groups/watches.js";
import { webhookChecks } from "./groups/webhooks.js";

/** The whole table, in the order in which it is reported. */
export const groups: readonly Group[] = [
  {
    name: "objects",
    checks: [
      ...kinds,
      ...objects,
      ...strictnessAndClients,
      ...defaults,
      ...validation,
      ...validationMore,
      ...eventChecks,
      ...scaleChecks,
    ],
  },
  { name: "patches and apply", checks: [...patches, ...strategicPatches, ...apply, ...ownershipChecks] },
  {
    name: "custom resources",
    checks: [...definitionChecks, ...customResources, ...customMore, ...conversionChecks],
  },
  { name: "reading", checks: [...reading, ...watches, ...componentChecks] },
  { name: "life cycle", checks: [...lifecycle, ...garbage, ...protectionChecks] },
  { name: "pods", checks: podChecks },
  { name: "access", checks: [...authenticationChecks, ...tokenSecretChecks, ...access] },
  {
    name: "admission",
    checks: [...webhookChecks, ...policyChecks, ...builtInAdmission, ...quotaChecks, ...machineryChecks],
  },
  { name: "helm", checks: helmChecks },
  { name: "discovery", checks: [...discovery, ...openapiAndClients, ...aggregation] },
  { name: "tables and printing", checks: [...tables, ...printing] },
  { name: "audit log", checks: [...auditChecks, ...auditedBodyChecks] },
  { name: "protobuf", checks: protobuf },
  { name: "durability and operations", checks: [...fairnessChecks, ...operations] },
];
