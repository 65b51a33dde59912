import { condition, defineResource, duration, int64, type ObjectOf } from "@capstan/controller";
import { z } from "zod";
import { artifactSchema, localReference, shortDuration, sourceColumns, sourceDefinition } from "./shared.js";

const namespaceSelector = () =>
  z
    .object({ matchLabels: z.record(z.string(), z.string()).optional() })
    .meta({ description: "Labels to match." });

const spec = () =>
  z
    .object({
      accessFrom: z
        .object({ namespaceSelectors: z.array(namespaceSelector()) })
        .optional()
        .meta({ description: "Accepted and without effect." }),
      certSecretRef: localReference("Secret")
        .optional()
        .meta({ description: "tls.crt, tls.key and ca.crt." }),
      insecure: z.boolean().optional().meta({ description: "Allows plain HTTP, for OCI registries." }),
      interval: duration()
        .optional()
        .meta({ description: "How often to look for changes; 1m where left out." }),
      passCredentials: z
        .boolean()
        .optional()
        .meta({ description: "Whether credentials also go to other hosts that serve charts." }),
      provider: z
        .enum(["generic", "aws", "azure", "gcp"])
        .default("generic")
        .meta({ description: "Whose way of authenticating to use, for OCI registries." }),
      secretRef: localReference("Secret").optional().meta({ description: "username and password." }),
      suspend: z.boolean().optional().meta({ description: "Stops looking for changes." }),
      timeout: shortDuration().optional().meta({ description: "Bound on downloads; 60s where left out." }),
      type: z.enum(["default", "oci"]).optional().meta({ description: "An HTTP index, or an OCI registry." }),
      url: z
        .string()
        .regex(/^(http|https|oci):\/\/.*$/)
        .meta({ description: "Where the index is below." }),
    })
    .meta({ description: "Which repository of charts to follow, and how." });

const status = () =>
  z
    .object({
      artifact: artifactSchema().optional(),
      conditions: z.array(condition()).optional(),
      lastHandledReconcileAt: z.string().optional(),
      observedGeneration: int64().optional(),
      url: z.string().optional(),
    })
    .meta({ description: "What was last seen of the repository." });

/** The HelmRepository kind. */
export const HelmRepository = defineResource({
  ...sourceDefinition,
  kind: "HelmRepository",
  plural: "helmrepositories",
  shortNames: ["helmrepo"],
  description: "A repository of Helm charts whose index is offered as an artifact.",
  spec: spec(),
  status: status(),
  statusDefault: { observedGeneration: -1 },
  printerColumns: sourceColumns([{ name: "URL", jsonPath: ".spec.url" }]),
});

export type HelmRepositoryObject = ObjectOf<typeof HelmRepository>;
