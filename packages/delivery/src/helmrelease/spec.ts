import { duration } from "@capstan/controller";
import { z } from "zod";
import {
  commonMetadata,
  dependsOn,
  healthCheckExprs,
  ignoreRules,
  images,
  kubeConfig,
  patches,
} from "../spec-fields.js";

const flag = () => z.boolean().optional();
const namespace = () => z.string().min(1).max(63).optional();
const crds = () =>
  z
    .enum(["Skip", "Create", "CreateReplace"])
    .optional()
    .meta({ description: "What becomes of the definitions in the chart's crds directory." });
const serverSideApply = () =>
  z
    .enum(["enabled", "disabled", "auto"])
    .optional()
    .meta({ description: "How objects are applied; auto: as the release before was." });
const timeout = () =>
  duration().optional().meta({ description: "Bound on each wait of the action; default: spec.timeout." });

function strategy(message: string, rule: string) {
  return z
    .object({
      name: z.enum(["RemediateOnFailure", "RetryOnFailure"]),
      retryInterval: duration().optional(),
    })
    .optional()
    .meta({
      description: "What follows a failure: remediation, or another attempt after a while.",
      "x-kubernetes-validations": [{ message, rule }],
    });
}

const remediation = {
  ignoreTestFailures: flag(),
  remediateLastFailure: flag(),
  retries: z.int().optional(),
};

const chart = z
  .object({
    metadata: z
      .object({
        annotations: z.record(z.string(), z.string()).optional(),
        labels: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    spec: z.object({
      chart: z.string().min(1).max(2048),
      ignoreMissingValuesFiles: flag(),
      interval: duration().optional(),
      reconcileStrategy: z.enum(["ChartVersion", "Revision"]).default("ChartVersion"),
      sourceRef: z.object({
        apiVersion: z.string().optional(),
        kind: z.enum(["HelmRepository", "GitRepository", "Bucket"]),
        name: z.string().min(1).max(253),
        namespace: namespace(),
      }),
      valuesFiles: z.array(z.string()).optional(),
      verify: z
        .object({
          provider: z.enum(["cosign", "notation"]).default("cosign"),
          secretRef: z.object({ name: z.string() }).optional(),
        })
        .optional(),
      version: z.string().default("*"),
    }),
  })
  .optional()
  .meta({ description: "The HelmChart that is made for the release." });

const chartRef = z
  .object({
    apiVersion: z.string().optional(),
    kind: z.enum(["OCIRepository", "HelmChart", "ExternalArtifact"]),
    name: z.string().min(1).max(253),
    namespace: namespace(),
  })
  .optional()
  .meta({ description: "A source that holds the chart." });

const install = z
  .object({
    crds: crds(),
    createNamespace: flag(),
    disableHooks: flag(),
    disableOpenAPIValidation: flag().meta({
      description: "Has no effect: fields are checked by the server, when an object is applied.",
    }),
    disableSchemaValidation: flag(),
    disableTakeOwnership: flag(),
    disableWait: flag(),
    disableWaitForJobs: flag(),
    remediation: z.object(remediation).optional(),
    replace: flag(),
    serverSideApply: flag(),
    skipCRDs: flag(),
    strategy: strategy(
      ".retryInterval cannot be set when .name is 'RemediateOnFailure'",
      "!has(self.retryInterval) || self.name != 'RemediateOnFailure'",
    ),
    timeout: timeout(),
  })
  .optional()
  .meta({ description: "How the release is installed." });

const upgrade = z
  .object({
    chartNameChangeStrategy: z.enum(["InPlaceUpdate", "Reinstall"]).optional(),
    cleanupOnFail: flag(),
    crds: crds(),
    disableHooks: flag(),
    disableOpenAPIValidation: flag().meta({
      description: "Has no effect: fields are checked by the server, when an object is applied.",
    }),
    disableSchemaValidation: flag(),
    disableTakeOwnership: flag(),
    disableWait: flag(),
    disableWaitForJobs: flag(),
    force: flag(),
    preserveValues: flag(),
    remediation: z
      .object({ ...remediation, strategy: z.enum(["rollback", "uninstall"]).optional() })
      .optional(),
    serverSideApply: serverSideApply(),
    strategy: strategy(
      ".retryInterval can only be set when .name is 'RetryOnFailure'",
      "!has(self.retryInterval) || self.name == 'RetryOnFailure'",
    ),
    timeout: timeout(),
  })
  .optional()
  .meta({ description: "How the release is upgraded." });

const test = z
  .object({
    enable: flag(),
    filters: z.array(z.object({ exclude: flag(), name: z.string().min(1).max(253) })).optional(),
    ignoreFailures: flag(),
    timeout: timeout(),
  })
  .optional()
  .meta({ description: "Whether and how the chart's tests run after an install or upgrade." });

const rollback = z
  .object({
    cleanupOnFail: flag(),
    disableHooks: flag(),
    disableWait: flag(),
    disableWaitForJobs: flag(),
    force: flag(),
    recreate: flag().meta({ description: "Has no effect, as with the real helm." }),
    serverSideApply: serverSideApply(),
    timeout: timeout(),
  })
  .optional()
  .meta({ description: "How the release is rolled back." });

const uninstall = z
  .object({
    deletionPropagation: z.enum(["background", "foreground", "orphan"]).default("background"),
    disableHooks: flag(),
    disableWait: flag(),
    keepHistory: flag(),
    timeout: timeout(),
  })
  .optional()
  .meta({ description: "How the release is uninstalled." });

const valuesFrom = z
  .array(
    z.object({
      kind: z.enum(["Secret", "ConfigMap"]),
      literal: flag(),
      name: z.string().min(1).max(253),
      optional: flag(),
      targetPath: z
        .string()
        .max(250)
        .regex(/^([a-zA-Z0-9_\-.\\/]|\[[0-9]{1,5}\])+$/)
        .optional(),
      valuesKey: z
        .string()
        .max(253)
        .regex(/^[-._a-zA-Z0-9]+$/)
        .optional(),
    }),
  )
  .optional()
  .meta({ description: "Values read from Secrets and ConfigMaps, merged in this order." });

/** `spec` of a HelmRelease. */
export const helmReleaseSpec = z
  .object({
    chart,
    chartRef,
    commonMetadata: commonMetadata("Labels and annotations that every rendered object gets."),
    dependsOn: dependsOn("HelmReleases that must be ready before this one is released."),
    driftDetection: z
      .object({
        ignore: ignoreRules(),
        mode: z.enum(["enabled", "warn", "disabled"]).optional(),
      })
      .optional()
      .meta({ description: "Whether live objects are compared with the manifest, and put right." }),
    healthCheckExprs: healthCheckExprs(),
    install,
    interval: duration().meta({ description: "Time between full reconciliations." }),
    kubeConfig: kubeConfig("The cluster to release to, where it is another one."),
    maxHistory: z.int().optional().meta({ description: "Revisions kept in storage; 0: all. Default 5." }),
    persistentClient: flag().meta({
      description:
        "Has no effect: what is known of a cluster's kinds is kept, and read again where one is missing.",
    }),
    postRenderStrategy: z.enum(["nohooks", "combined", "separate"]).optional(),
    postRenderers: z
      .array(
        z.object({
          kustomize: z
            .object({
              images: images(),
              patches: patches(),
            })
            .optional(),
        }),
      )
      .optional()
      .meta({ description: "Changes made to what the chart rendered." }),
    releaseName: z.string().min(1).max(53).optional(),
    rollback,
    serviceAccountName: z.string().min(1).max(253).optional(),
    storageNamespace: namespace(),
    suspend: flag(),
    targetNamespace: namespace(),
    test,
    timeout: duration().optional().meta({ description: "Bound on each wait of an action; default 5m." }),
    uninstall,
    upgrade,
    values: z.unknown().optional().meta({
      description: "Values of the chart.",
      "x-kubernetes-preserve-unknown-fields": true,
    }),
    valuesFrom,
    waitStrategy: z
      .object({ name: z.enum(["poller", "legacy"]) })
      .optional()
      .meta({
        description:
          "How health is judged: by the state of every object and healthCheckExprs (`poller`), or as Helm 3 does, which looks at workloads, claims, Services and definitions alone (`legacy`).",
      }),
  })
  .meta({
    description: "What to release, with which values, and how.",
    "x-kubernetes-validations": [
      {
        message: "either chart or chartRef must be set",
        rule: "(has(self.chart) && !has(self.chartRef)) || (!has(self.chart) && has(self.chartRef))",
      },
    ],
  });
