import { z } from "zod";

/** Fields that Kustomizations and HelmReleases have in common, as Flux publishes them. */

const name = () => z.string().meta({ description: "Name of the object referred to." });

const target = () =>
  z
    .object({
      annotationSelector: z.string().optional(),
      group: z.string().optional(),
      kind: z.string().optional(),
      labelSelector: z.string().optional(),
      name: z.string().optional(),
      namespace: z.string().optional(),
      version: z.string().optional(),
    })
    .optional()
    .meta({ description: "Which objects: regular expressions and selectors; empty matches all." });

/** `commonMetadata` */
export const commonMetadata = (description: string) =>
  z
    .object({
      annotations: z.record(z.string(), z.string()).optional(),
      labels: z.record(z.string(), z.string()).optional(),
    })
    .optional()
    .meta({ description });

/** `dependsOn` */
export const dependsOn = (description: string) =>
  z
    .array(
      z.object({
        name: name(),
        namespace: z.string().optional(),
        readyExpr: z
          .string()
          .optional()
          .meta({ description: "CEL over self and dep that says whether the dependency is ready." }),
      }),
    )
    .optional()
    .meta({ description });

/** `healthCheckExprs` */
export const healthCheckExprs = () =>
  z
    .array(
      z.object({
        apiVersion: z.string(),
        current: z.string(),
        failed: z.string().optional(),
        inProgress: z.string().optional(),
        kind: z.string().optional(),
      }),
    )
    .optional()
    .meta({ description: "CEL expressions that tell the health of custom resources." });

/** Rules that leave fields of live objects to others. */
export const ignoreRules = () =>
  z.array(z.object({ paths: z.array(z.string()), target: target() })).optional();

/** `images` of a kustomization. */
export const images = () =>
  z
    .array(
      z.object({
        digest: z.string().optional(),
        name: z.string(),
        newName: z.string().optional(),
        newTag: z.string().optional(),
      }),
    )
    .optional();

/** `patches` of a kustomization. */
export const patches = () => z.array(z.object({ patch: z.string(), target: target() })).optional();

const EXACTLY_ONE =
  "exactly one of spec.kubeConfig.configMapRef or spec.kubeConfig.secretRef must be specified";

/** `kubeConfig` */
export const kubeConfig = (description: string) =>
  z
    .object({
      configMapRef: z.object({ name: name() }).optional(),
      secretRef: z.object({ key: z.string().optional(), name: name() }).optional(),
    })
    .optional()
    .meta({
      description,
      "x-kubernetes-validations": [
        { message: EXACTLY_ONE, rule: "has(self.configMapRef) || has(self.secretRef)" },
        { message: EXACTLY_ONE, rule: "!has(self.configMapRef) || !has(self.secretRef)" },
      ],
    });

/** What `kubectl get` shows of them. */
export const READY_COLUMNS = [
  { jsonPath: ".metadata.creationTimestamp", name: "Age", type: "date" },
  { jsonPath: '.status.conditions[?(@.type=="Ready")].status', name: "Ready", type: "string" },
  { jsonPath: '.status.conditions[?(@.type=="Ready")].message', name: "Status", type: "string" },
] as const;
