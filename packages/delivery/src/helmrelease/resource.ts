import { condition, defineResource, int64, type ObjectOf, timestamp } from "@capstan/controller";
import { z } from "zod";
import { READY_COLUMNS } from "../spec-fields.js";
import { helmReleaseSpec } from "./spec.js";

const text = () => z.string().optional();

const snapshot = z.object({
  action: text(),
  apiVersion: text(),
  appVersion: text(),
  chartName: z.string(),
  chartVersion: z.string(),
  configDigest: z.string(),
  deleted: timestamp().optional(),
  digest: z.string(),
  firstDeployed: timestamp(),
  lastDeployed: timestamp(),
  name: z.string(),
  namespace: z.string(),
  ociDigest: text(),
  status: z.string(),
  testHooks: z
    .record(
      z.string(),
      z.object({
        lastCompleted: timestamp().optional(),
        lastStarted: timestamp().optional(),
        phase: text(),
      }),
    )
    .optional(),
  version: z.int(),
});

const status = z
  .object({
    conditions: z.array(condition()).optional(),
    failures: int64().optional(),
    helmChart: text(),
    history: z
      .array(snapshot)
      .optional()
      .meta({ description: "The releases made for this object that matter still, newest first." }),
    installFailures: int64().optional(),
    inventory: z
      .object({ entries: z.array(z.object({ id: z.string(), v: z.string() })) })
      .optional()
      .meta({ description: "The objects of the release." }),
    lastAttemptedConfigDigest: text(),
    lastAttemptedGeneration: int64().optional(),
    lastAttemptedReleaseAction: z.enum(["install", "upgrade"]).optional(),
    lastAttemptedReleaseActionDuration: text(),
    lastAttemptedRevision: text(),
    lastAttemptedRevisionDigest: text(),
    lastAttemptedValuesChecksum: text(),
    lastHandledForceAt: text(),
    lastHandledReconcileAt: text(),
    lastHandledResetAt: text(),
    lastReleaseRevision: z.int().optional(),
    observedCommonMetadataDigest: text(),
    observedGeneration: int64().optional(),
    observedPostRenderersDigest: text(),
    storageNamespace: z.string().min(1).max(63).optional(),
    upgradeFailures: int64().optional(),
  })
  .meta({ description: "How far the release is what is declared." });

/** `helm.toolkit.fluxcd.io/v2` HelmRelease, as Flux 2.9 publishes it. */
export const HelmRelease = defineResource({
  group: "helm.toolkit.fluxcd.io",
  version: "v2",
  kind: "HelmRelease",
  shortNames: ["hr"],
  categories: ["all", "fluxcd", "fluxcd-appliers"],
  description: "Releases a chart, and keeps it released.",
  annotations: { "kustomize.toolkit.fluxcd.io/substitute": "disabled" },
  spec: helmReleaseSpec,
  status,
  statusDefault: { observedGeneration: -1 },
  printerColumns: READY_COLUMNS,
});

export type HelmRelease = ObjectOf<typeof HelmRelease>;
export type HelmReleaseSpec = HelmRelease["spec"];
export type HelmReleaseStatus = NonNullable<HelmRelease["status"]>;
/** What is remembered of one revision of the release. */
export type Snapshot = z.output<typeof snapshot>;
