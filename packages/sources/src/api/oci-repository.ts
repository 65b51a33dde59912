import { condition, defineResource, duration, int64, type ObjectOf } from "@capstan/controller";
import { z } from "zod";
import {
  artifactSchema,
  localReference,
  shortDuration,
  sourceColumns,
  sourceDefinition,
  VERIFICATION,
  verification,
} from "./shared.js";

const layerSelector = () =>
  z
    .object({
      mediaType: z.string().optional().meta({ description: "Of the layer; the first one is taken." }),
      operation: z
        .enum(["extract", "copy"])
        .optional()
        .meta({ description: "Whether to pack the layer's content anew or to keep its bytes." }),
    })
    .meta({ description: "Which layer to take; the first one where left out." });

const reference = () =>
  z
    .object({
      digest: z.string().optional().meta({ description: "Of the manifest; wins over all others." }),
      semver: z.string().optional().meta({ description: "A range; the highest matching tag is taken." }),
      semverFilter: z
        .string()
        .optional()
        .meta({ description: "An expression that tags have to match first." }),
      tag: z.string().optional().meta({ description: "A tag; latest where no field is set." }),
    })
    .meta({ description: "What to follow." });

const spec = () =>
  z
    .object({
      certSecretRef: localReference("Secret")
        .optional()
        .meta({ description: "tls.crt, tls.key and ca.crt." }),
      ignore: z.string().optional().meta({ description: "Paths to leave out, in the format of .gitignore." }),
      insecure: z.boolean().optional().meta({ description: "Allows plain HTTP." }),
      interval: duration().meta({ description: "How often to look for changes." }),
      layerSelector: layerSelector().optional(),
      provider: z
        .enum(["generic", "aws", "azure", "gcp"])
        .default("generic")
        .meta({ description: "Whose way of authenticating to use." }),
      proxySecretRef: localReference("Secret")
        .optional()
        .meta({ description: "address, username and password." }),
      ref: reference().optional(),
      secretRef: localReference("Secret").optional().meta({ description: "A docker configuration." }),
      serviceAccountName: z.string().optional().meta({ description: "Whose pull secrets to use." }),
      suspend: z.boolean().optional().meta({ description: "Stops looking for changes." }),
      timeout: shortDuration().default("60s").meta({ description: "Bound on one look at the registry." }),
      url: z
        .string()
        .regex(/^oci:\/\/.*$/)
        .meta({ description: "The repository, without tag or digest." }),
      verify: verification()
        .extend({
          trustedRootSecretRef: localReference("Secret")
            .optional()
            .meta({ description: "A Sigstore root to trust, under trusted_root.json." }),
        })
        .meta(VERIFICATION)
        .optional(),
    })
    .meta({ description: "Which repository of a registry to follow, and how." });

const status = () =>
  z
    .object({
      artifact: artifactSchema().optional(),
      conditions: z.array(condition()).optional(),
      lastHandledReconcileAt: z.string().optional(),
      observedGeneration: int64().optional(),
      observedIgnore: z.string().optional(),
      observedLayerSelector: layerSelector().optional(),
      url: z.string().optional(),
    })
    .meta({ description: "What was last seen of the repository." });

const [age, ...readiness] = sourceColumns();

/** The OCIRepository kind. */
export const OCIRepository = defineResource({
  ...sourceDefinition,
  kind: "OCIRepository",
  plural: "ocirepositories",
  shortNames: ["ocirepo"],
  description: "A repository of an OCI registry whose content is offered as an artifact.",
  spec: spec(),
  status: status(),
  statusDefault: { observedGeneration: -1 },
  printerColumns: [
    { name: "URL", jsonPath: ".spec.url", type: "string" },
    ...readiness,
    ...(age === undefined ? [] : [age]),
  ],
});

export type OCIRepositoryObject = ObjectOf<typeof OCIRepository>;
