import { condition, defineResource, duration, int64, type ObjectOf, timestamp } from "@capstan/controller";
import { z } from "zod";
import {
  commonMetadata,
  dependsOn,
  healthCheckExprs,
  ignoreRules,
  images,
  kubeConfig,
  patches,
  READY_COLUMNS,
} from "../spec-fields.js";

const name = () => z.string().meta({ description: "Name of the object referred to." });

const spec = z
  .object({
    buildMetadata: z.array(z.enum(["originAnnotations", "transformerAnnotations"])).optional(),
    commonMetadata: commonMetadata("Labels and annotations that every applied object gets."),
    components: z.array(z.string()).optional(),
    decryption: z
      .object({
        provider: z.enum(["sops"]),
        secretRef: z.object({ name: name() }).optional(),
        serviceAccountName: z.string().optional(),
      })
      .optional()
      .meta({ description: "How encrypted files are decrypted before they are built." }),
    deletionPolicy: z
      .enum(["MirrorPrune", "Delete", "WaitForTermination", "Orphan"])
      .optional()
      .meta({ description: "What becomes of the applied objects when this one is deleted." }),
    dependsOn: dependsOn("Kustomizations that must be ready before this one is applied."),
    force: z
      .boolean()
      .default(false)
      .meta({ description: "Recreate objects whose immutable fields changed." }),
    healthCheckExprs: healthCheckExprs(),
    healthChecks: z
      .array(
        z.object({
          apiVersion: z.string().optional(),
          kind: z.string(),
          name: z.string(),
          namespace: z.string().optional(),
        }),
      )
      .optional()
      .meta({ description: "Objects that must become healthy." }),
    ignore: ignoreRules().meta({
      description: "Fields, as JSON pointers, that are left to others once the object exists.",
    }),
    ignoreMissingComponents: z.boolean().optional(),
    images: images().meta({ description: "Replacements of image names, tags and digests." }),
    interval: duration().meta({ description: "Time between full reconciliations." }),
    kubeConfig: kubeConfig("The cluster to apply to, where it is another one."),
    namePrefix: z.string().min(1).max(200).optional(),
    nameSuffix: z.string().min(1).max(200).optional(),
    patches: patches().meta({
      description: "Strategic merge or JSON 6902 patches, applied after those of the build.",
    }),
    path: z.string().optional().meta({ description: "Directory in the artifact; its root by default." }),
    postBuild: z
      .object({
        substitute: z.record(z.string(), z.string()).optional(),
        substituteFrom: z
          .array(
            z.object({
              kind: z.enum(["Secret", "ConfigMap"]),
              name: z.string().min(1).max(253),
              optional: z.boolean().default(false),
            }),
          )
          .optional(),
        substituteStrategy: z.enum(["WithVariables", "Always"]).optional(),
      })
      .optional()
      .meta({ description: "Variables that are put into the built objects." }),
    prune: z.boolean().meta({ description: "Delete what is no longer in the source." }),
    retryInterval: duration().optional().meta({ description: "Time to the next attempt after a failure." }),
    serviceAccountName: z
      .string()
      .optional()
      .meta({ description: "The service account in whose name objects are applied." }),
    sourceRef: z
      .object({
        apiVersion: z.string().optional(),
        kind: z.enum(["OCIRepository", "GitRepository", "Bucket", "ExternalArtifact"]),
        name: z.string(),
        namespace: z.string().optional(),
      })
      .meta({ description: "The source that the manifests come from." }),
    suspend: z.boolean().optional(),
    targetNamespace: z.string().min(1).max(63).optional(),
    timeout: duration().optional().meta({ description: "Bound on building, applying and health checks." }),
    wait: z.boolean().optional().meta({ description: "Wait for every applied object to become healthy." }),
  })
  .meta({ description: "What to apply, from where, and how." });

const status = z
  .object({
    conditions: z.array(condition()).optional(),
    history: z
      .array(
        z.object({
          digest: z.string(),
          firstReconciled: timestamp(),
          lastReconciled: timestamp(),
          lastReconciledDuration: z.string(),
          lastReconciledStatus: z.string(),
          metadata: z.record(z.string(), z.string()).optional(),
          totalReconciliations: int64(),
        }),
      )
      .optional()
      .meta({ description: "The latest distinct results, newest first." }),
    inventory: z
      .object({ entries: z.array(z.object({ id: z.string(), v: z.string() })) })
      .optional()
      .meta({ description: "The objects that were applied and are owned." }),
    lastAppliedOriginRevision: z.string().optional(),
    lastAppliedRevision: z.string().optional(),
    lastAttemptedRevision: z.string().optional(),
    lastHandledReconcileAt: z.string().optional(),
    observedGeneration: int64().optional(),
  })
  .meta({ description: "How far the objects are what the source declares." });

/** `kustomize.toolkit.fluxcd.io/v1` Kustomization, as Flux 2.9 publishes it. */
export const Kustomization = defineResource({
  group: "kustomize.toolkit.fluxcd.io",
  version: "v1",
  kind: "Kustomization",
  shortNames: ["ks"],
  categories: ["all", "fluxcd", "fluxcd-appliers"],
  description: "Applies what a source declares, and keeps it so.",
  annotations: { "kustomize.toolkit.fluxcd.io/substitute": "disabled" },
  spec,
  status,
  statusDefault: { observedGeneration: -1 },
  printerColumns: READY_COLUMNS,
});

export type Kustomization = ObjectOf<typeof Kustomization>;
export type KustomizationSpec = Kustomization["spec"];
export type KustomizationStatus = NonNullable<Kustomization["status"]>;
