import { condition, defineResource, type ObjectOf } from "@capstan/controller";
import { z } from "zod";
import { sourceColumns, sourceDefinition } from "./shared.js";

const ALIAS = "[a-z0-9]([a-z0-9_-]*[a-z0-9])?";

const alias = () =>
  z
    .string()
    .max(64)
    .regex(new RegExp(`^@(${ALIAS})$`))
    .optional();

const source = () =>
  z
    .object({
      alias: z
        .string()
        .max(63)
        .regex(new RegExp(`^${ALIAS}$`))
        .meta({ description: "What copies call the source." }),
      kind: z
        .enum(["Bucket", "GitRepository", "OCIRepository", "HelmChart", "ExternalArtifact"])
        .meta({ description: "Kind of the source." }),
      name: z
        .string()
        .max(253)
        .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
        .meta({ description: "Name of the source." }),
      namespace: z
        .string()
        .min(1)
        .max(63)
        .regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/)
        .optional()
        .meta({ description: "Namespace of the source; the generator's own where left out." }),
    })
    .meta({ description: "A source whose files may be copied." });

const copy = () =>
  z
    .object({
      exclude: z.array(z.string()).max(100).optional().meta({ description: "Paths to leave out." }),
      from: z
        .string()
        .min(1)
        .max(1024)
        .regex(new RegExp(`^@(${ALIAS})/(.*)$`))
        .meta({ description: "A path or a pattern in a source: @alias/path." }),
      strategy: z.enum(["Overwrite", "Merge", "Extract"]).optional().meta({
        description: "What becomes of a file that is there: replaced, merged; or unpack an archive.",
      }),
      to: z
        .string()
        .min(1)
        .max(1024)
        .regex(/^@(artifact)\/(.*)$/)
        .meta({ description: "Where the files go: @artifact/path." }),
    })
    .meta({ description: "Files to copy from a source." });

const output = () =>
  z
    .object({
      copy: z.array(copy()).min(1).meta({ description: "What goes into the artifact, in order." }),
      name: z.string().min(1).max(253).meta({ description: "Name of the ExternalArtifact." }),
      originRevision: alias().meta({ description: "A source whose revision the artifact's metadata name." }),
      revision: alias().meta({ description: "A source whose revision the artifact has." }),
    })
    .meta({ description: "An artifact to make." });

const labels = () => z.record(z.string(), z.string()).optional();

const NAME_RULE = {
  message: "artifact names must be valid Kubernetes object names when pathPattern is not set",
  rule: "has(self.pathPattern) && size(self.pathPattern) > 0 || self.artifacts.all(a, a.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$'))",
};

const spec = () =>
  z
    .object({
      artifacts: z.array(output()).min(1).max(1000).meta({ description: "What is made." }),
      commonMetadata: z
        .object({
          annotations: labels().meta({ description: "Annotations of every artifact." }),
          labels: labels().meta({ description: "Labels of every artifact." }),
        })
        .optional()
        .meta({ description: "What every artifact carries." }),
      pathPattern: z
        .string()
        .max(1024)
        .regex(new RegExp(`^@(${ALIAS})/(.*)$`))
        .optional()
        .meta({
          description: "Directories of a source, with {names} for segments: the artifacts are made for each.",
        }),
      sources: z.array(source()).min(1).max(1000).meta({ description: "Where files come from." }),
    })
    .meta({
      description: "Which files to put together into which artifacts.",
      "x-kubernetes-validations": [NAME_RULE],
    });

const status = () =>
  z
    .object({
      conditions: z.array(condition()).optional(),
      inventory: z
        .array(
          z.object({ digest: z.string(), filename: z.string(), name: z.string(), namespace: z.string() }),
        )
        .optional()
        .meta({ description: "The artifacts that were made." }),
      lastHandledReconcileAt: z.string().optional(),
      observedSourcesDigest: z.string().optional(),
    })
    .meta({ description: "What was last made." });

export const GENERATOR_GROUP = "source.extensions.fluxcd.io";
export const GENERATOR_FINALIZER = `${GENERATOR_GROUP}/finalizer`;

/** The ArtifactGenerator kind. */
export const ArtifactGenerator = defineResource({
  ...sourceDefinition,
  group: GENERATOR_GROUP,
  version: "v1beta1",
  kind: "ArtifactGenerator",
  shortNames: ["ag"],
  description: "Puts files of several sources together into artifacts.",
  spec: spec(),
  status: status(),
  printerColumns: sourceColumns(),
});

export type ArtifactGeneratorObject = ObjectOf<typeof ArtifactGenerator>;
export type CopyOperation = ArtifactGeneratorObject["spec"]["artifacts"][number]["copy"][number];
