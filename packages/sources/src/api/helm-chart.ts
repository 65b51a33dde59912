import { condition, defineResource, duration, int64, type ObjectOf } from "@capstan/controller";
import { z } from "zod";
import { artifactSchema, sourceColumns, sourceDefinition, VERIFICATION, verification } from "./shared.js";

const sourceReference = () =>
  z
    .object({
      apiVersion: z.string().optional().meta({ description: "Version of the source's kind." }),
      kind: z
        .enum(["HelmRepository", "GitRepository", "Bucket"])
        .meta({ description: "Kind of the source." }),
      name: z.string().meta({ description: "Name of the source, in the same namespace." }),
    })
    .meta({ description: "Where the chart is." });

const RULES = [
  {
    message: "spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'",
    rule: "!has(self.verify) || self.sourceRef.kind == 'HelmRepository'",
  },
];

const spec = () =>
  z
    .object({
      chart: z.string().meta({ description: "Name of the chart, or its path in the source." }),
      ignoreMissingValuesFiles: z
        .boolean()
        .optional()
        .meta({ description: "Leaves out values files that are not there instead of failing." }),
      interval: duration().meta({ description: "How often to look for changes." }),
      reconcileStrategy: z
        .enum(["ChartVersion", "Revision"])
        .default("ChartVersion")
        .meta({ description: "What makes a new artifact: another version, or another revision." }),
      sourceRef: sourceReference(),
      suspend: z.boolean().optional().meta({ description: "Stops looking for changes." }),
      valuesFiles: z
        .array(z.string())
        .optional()
        .meta({ description: "Values files to merge, the last one winning, in the place of values.yaml." }),
      verify: verification().meta(VERIFICATION).optional(),
      version: z
        .string()
        .default("*")
        .meta({ description: "A version or a range; without effect for Git and buckets." }),
    })
    .meta({ description: "Which chart to offer, and how.", "x-kubernetes-validations": RULES });

const status = () =>
  z
    .object({
      artifact: artifactSchema().optional(),
      conditions: z.array(condition()).optional(),
      lastHandledReconcileAt: z.string().optional(),
      observedChartName: z.string().optional(),
      observedGeneration: int64().optional(),
      observedSourceArtifactRevision: z.string().optional(),
      observedValuesFiles: z.array(z.string()).optional(),
      url: z.string().optional(),
    })
    .meta({ description: "What was last seen of the chart." });

/** The HelmChart kind. */
export const HelmChart = defineResource({
  ...sourceDefinition,
  kind: "HelmChart",
  plural: "helmcharts",
  shortNames: ["hc"],
  description: "A Helm chart, from a repository or packed from a source, that is offered as an artifact.",
  spec: spec(),
  status: status(),
  statusDefault: { observedGeneration: -1 },
  printerColumns: sourceColumns([
    { name: "Chart", jsonPath: ".spec.chart" },
    { name: "Version", jsonPath: ".spec.version" },
    { name: "Source Kind", jsonPath: ".spec.sourceRef.kind" },
    { name: "Source Name", jsonPath: ".spec.sourceRef.name" },
  ]),
});

export type HelmChartObject = ObjectOf<typeof HelmChart>;
