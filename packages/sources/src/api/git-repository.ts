import { condition, defineResource, duration, int64, type ObjectOf } from "@capstan/controller";
import { z } from "zod";
import { artifactSchema, localReference, shortDuration, sourceColumns, sourceDefinition } from "./shared.js";

const include = () =>
  z
    .object({
      fromPath: z.string().optional().meta({ description: "What to take; everything where left out." }),
      repository: localReference("GitRepository").meta({ description: "Whose artifact to take from." }),
      toPath: z
        .string()
        .optional()
        .meta({ description: "Where to put it; a directory with the repository's name where left out." }),
    })
    .meta({ description: "Content of another GitRepository of the namespace." });

const reference = () =>
  z
    .object({
      branch: z.string().optional().meta({ description: "A branch; master where no field is set." }),
      commit: z.string().optional().meta({
        description: "A full commit id; wins over all others. With a branch it is looked for there.",
      }),
      name: z.string().optional().meta({
        description: "A full reference name such as refs/pull/1/head; wins over branch, tag and semver.",
      }),
      semver: z.string().optional().meta({ description: "A range; the highest matching tag is taken." }),
      tag: z.string().optional().meta({ description: "A tag; wins over branch and semver." }),
    })
    .meta({ description: "What to follow." });

const verification = () =>
  z
    .object({
      mode: z
        .enum(["head", "HEAD", "Tag", "TagAndHEAD"])
        .default("HEAD")
        .meta({ description: "Which signatures must be valid: the commit's, the tag's or both." }),
      secretRef: localReference("Secret").meta({
        description: "Trusted public keys: SSH under names ending in .sshpub, OpenPGP under any other.",
      }),
    })
    .meta({ description: "Signatures that a revision must carry." });

const spec = (urlPattern: RegExp) =>
  z
    .object({
      ignore: z
        .string()
        .optional()
        .meta({ description: "Paths to leave out, in the format of .gitignore; replaces the defaults." }),
      include: z.array(include()).optional().meta({ description: "Content of other GitRepositories." }),
      interval: duration().meta({ description: "How often to look for changes." }),
      provider: z
        .enum(["generic", "aws", "azure", "github"])
        .optional()
        .meta({ description: "Whose way of authenticating to use; generic where left out." }),
      proxySecretRef: localReference("Secret")
        .optional()
        .meta({ description: "A Secret with address, username and password of a proxy." }),
      recurseSubmodules: z.boolean().optional().meta({ description: "Whether to bring submodules along." }),
      ref: reference().optional(),
      secretRef: localReference("Secret").optional().meta({
        description:
          "A Secret with credentials: username and password, bearerToken, or identity and known_hosts.",
      }),
      serviceAccountName: z
        .string()
        .optional()
        .meta({ description: "For providers with workload identity." }),
      sparseCheckout: z
        .array(z.string())
        .optional()
        .meta({ description: "Directories to take; everything where left out." }),
      suspend: z.boolean().optional().meta({ description: "Stops looking for changes." }),
      timeout: shortDuration()
        .default("60s")
        .meta({ description: "Bound on operations with the repository." }),
      url: z.string().regex(urlPattern).meta({ description: "Address of the repository." }),
      verify: verification().optional(),
    })
    .meta({
      description: "Which repository to follow, and how.",
      "x-kubernetes-validations": [
        {
          message: "serviceAccountName can only be set when provider is 'azure' or 'aws'",
          rule: "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
        },
      ],
    });

const status = () =>
  z
    .object({
      artifact: artifactSchema().optional(),
      conditions: z.array(condition()).optional(),
      includedArtifacts: z.array(artifactSchema()).optional(),
      lastHandledReconcileAt: z.string().optional(),
      observedGeneration: int64().optional(),
      observedIgnore: z.string().optional(),
      observedInclude: z.array(include()).optional(),
      observedRecurseSubmodules: z.boolean().optional(),
      observedSparseCheckout: z.array(z.string()).optional(),
      sourceVerificationMode: z.string().optional(),
    })
    .meta({ description: "What was last seen of the repository." });

const NETWORK_URL = /^(http|https|ssh):\/\/.*$/;
const ANY_URL = /^((http|https|ssh|file):\/\/.*|\/.*)$/;

/**
 * The GitRepository kind. With `allowLocal` its `spec.url` also takes `file://` URLs and absolute paths,
 * which only a home that reads its owner's disk should allow.
 */
export function gitRepositoryResource(options: { readonly allowLocal?: boolean } = {}) {
  return defineResource({
    ...sourceDefinition,
    kind: "GitRepository",
    plural: "gitrepositories",
    shortNames: ["gitrepo"],
    description: "A Git repository whose content is offered as an artifact.",
    spec: spec(options.allowLocal === true ? ANY_URL : NETWORK_URL),
    status: status(),
    statusDefault: { observedGeneration: -1 },
    printerColumns: sourceColumns([{ name: "URL", jsonPath: ".spec.url" }]),
  });
}

/** The kind as Flux publishes it. */
export const GitRepository = gitRepositoryResource();

export type GitRepositoryObject = ObjectOf<typeof GitRepository>;
export type GitRepositorySpec = GitRepositoryObject["spec"];
export type GitRepositoryStatus = NonNullable<GitRepositoryObject["status"]>;
