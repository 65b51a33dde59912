import { int64, timestamp } from "@capstan/controller";
import { z } from "zod";

export const SOURCE_GROUP = "source.toolkit.fluxcd.io";
export const SOURCE_API_VERSION = `${SOURCE_GROUP}/v1`;

/** Keeps an object until what it stored is removed; the same as Flux's, so that objects move freely. */
export const SOURCE_FINALIZER = "finalizers.fluxcd.io";

/** A duration that allows no hours: the timeouts of sources. */
export const shortDuration = () => z.string().regex(/^([0-9]+(\.[0-9]+)?(ms|s|m))+$/);

/** A reference to an object in the same namespace. */
export const localReference = (of: string) =>
  z.object({ name: z.string().meta({ description: `Name of the ${of}.` }) });

/** `status.artifact` of every source. */
export const artifactSchema = () =>
  z
    .object({
      digest: z
        .string()
        .regex(/^[a-z0-9]+(?:[.+_-][a-z0-9]+)*:[a-zA-Z0-9=_-]+$/)
        .meta({ description: "Of the file, as <algorithm>:<checksum>." }),
      lastUpdateTime: timestamp().meta({ description: "When the artifact was last stored." }),
      metadata: z
        .record(z.string(), z.string())
        .optional()
        .meta({ description: "Where the content comes from: commit, author, annotations." }),
      path: z.string().meta({ description: "Below the root of the storage." }),
      revision: z.string().meta({ description: "Traceable in the origin." }),
      size: int64().optional().meta({ description: "Bytes of the file." }),
      url: z.string().meta({ description: "Where the file is served." }),
    })
    .meta({ description: "The content that the source offers." });

/** How a kind describes its `spec.verify`. */
export const VERIFICATION = { description: "Signatures that a revision must carry.", required: ["provider"] };

/** `spec.verify` of what comes from a registry. */
export const verification = () =>
  z
    .object({
      matchOIDCIdentity: z
        .array(z.object({ issuer: z.string(), subject: z.string() }))
        .optional()
        .meta({ description: "Expressions for the identity of a keyless signature." }),
      provider: z
        .enum(["cosign", "notation"])
        .default("cosign")
        .meta({ description: "The signatures' format." }),
      secretRef: localReference("Secret")
        .optional()
        .meta({ description: "Trusted keys, or a policy and certificates." }),
    })
    .meta(VERIFICATION);

/** The columns that every source shows; `first` come before them. */
export function sourceColumns(first: readonly { name: string; jsonPath: string }[] = []) {
  const ready = (field: string) => `.status.conditions[?(@.type=="Ready")].${field}`;
  return [
    ...first.map(({ name, jsonPath }) => ({ name, jsonPath, type: "string" as const })),
    { name: "Age", jsonPath: ".metadata.creationTimestamp", type: "date" as const },
    { name: "Ready", jsonPath: ready("status"), type: "string" as const },
    { name: "Status", jsonPath: ready("message"), type: "string" as const },
  ];
}

/** What all definitions of sources have in common. */
export const sourceDefinition = {
  group: SOURCE_GROUP,
  version: "v1",
  categories: ["all", "fluxcd", "fluxcd-sources"],
  annotations: { "kustomize.toolkit.fluxcd.io/substitute": "disabled" },
} as const;
