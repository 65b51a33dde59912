import { join } from "node:path";
import type { ArtifactReader, ArtifactStore, TreeLimits } from "@capstan/artifacts";
import type { Manager } from "@capstan/controller";
import type { GitClient } from "@capstan/git";
import { artifactGeneratorController } from "./artifact-generator/controller.js";
import { bucketController } from "./bucket/controller.js";
import type { CloudEnvironment } from "./cloud/environment.js";
import { TokenCache } from "./cloud/token-cache.js";
import { gitRepositoryController } from "./git-repository/controller.js";
import { GitHubTokens } from "./git-repository/github-app.js";
import { helmChartController } from "./helm-chart/controller.js";
import { helmRepositoryController } from "./helm-repository/controller.js";
import { IndexCache } from "./helm-repository/index-cache.js";
import { ociRepositoryController } from "./oci-repository/controller.js";
import { PublicRoot } from "./oci-repository/trusted-root.js";
import { Retries } from "./retries.js";

export interface SourcesOptions {
  readonly git: GitClient;
  readonly storage: ArtifactStore;
  readonly reader: ArtifactReader;
  /** Whether `file://` URLs and paths are taken; give `git` the same. */
  readonly allowLocal?: boolean;
  /** Bounds on one artifact's tree. */
  readonly limits?: TreeLimits;
  /** Objects of a kind that are worked on at a time; 6 where left out, as runs mostly wait. */
  readonly concurrency?: number;
  readonly intervalJitter?: number;
  readonly dependencyRetryMs?: number;
  /** Whether generators are refused sources of other namespaces. */
  readonly noCrossNamespaceRefs?: boolean;
  /** What the machine says of its identity at a cloud; none where left out. */
  readonly cloud?: Omit<CloudEnvironment, "clock">;
}

/** The sources, running. */
export interface Sources {
  /** To be called when a repository is known to have changed; gives how many objects follow it. */
  pushed(url: string): number;
}

/** Adds the controllers of all source kinds to a manager. */
export function registerSources(manager: Manager, options: SourcesOptions): Sources {
  const dependencies = () => ({ ...options, retries: new Retries(manager.random) });
  const repositories = gitRepositoryController({
    ...dependencies(),
    allowLocal: options.allowLocal ?? false,
    githubTokens: new GitHubTokens(),
  });
  manager.add(repositories.controller);
  const publicRoot = new PublicRoot(manager.clock, join(options.storage.directory, ".sigstore"));
  const cloud: CloudEnvironment = { variables: {}, clock: manager.clock, ...options.cloud };
  const clouds = { cloud, tokens: new TokenCache() };
  const indexes = new IndexCache();
  manager.add(ociRepositoryController({ ...dependencies(), ...clouds, publicRoot }));
  manager.add(helmRepositoryController(dependencies()));
  manager.add(bucketController({ ...dependencies(), ...clouds }));
  const noCrossNamespaceRefs = options.noCrossNamespaceRefs ?? false;
  manager.add(artifactGeneratorController({ ...dependencies(), noCrossNamespaceRefs }));
  manager.add(helmChartController({ ...dependencies(), ...clouds, indexes, publicRoot }));
  return { pushed: (url) => repositories.pushed(url) };
}
