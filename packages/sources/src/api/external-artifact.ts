import { condition, defineResource, type ObjectOf } from "@capstan/controller";
import { z } from "zod";
import { artifactSchema, sourceColumns, sourceDefinition } from "./shared.js";

const spec = () =>
  z
    .object({
      sourceRef: z
        .object({
          apiVersion: z.string().optional(),
          kind: z.string(),
          name: z.string(),
          namespace: z.string().optional(),
        })
        .optional()
        .meta({ description: "The object that makes the artifact." }),
    })
    .meta({ description: "Where the artifact comes from." });

const status = () =>
  z
    .object({ artifact: artifactSchema().optional(), conditions: z.array(condition()).optional() })
    .meta({ description: "Written by whoever makes the artifact." });

/** An artifact that somebody else makes: no controller of ours reconciles it. */
export const ExternalArtifact = defineResource({
  ...sourceDefinition,
  kind: "ExternalArtifact",
  shortNames: ["ea"],
  description: "An artifact made by a third party, for use as a source.",
  spec: spec(),
  status: status(),
  printerColumns: [...sourceColumns(), { name: "Source", jsonPath: ".spec.sourceRef.name", type: "string" }],
});

export type ExternalArtifactObject = ObjectOf<typeof ExternalArtifact>;
