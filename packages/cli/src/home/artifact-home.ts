import { join } from "node:path";
import { ArtifactReader, ArtifactStore } from "@capstan/artifacts";
import { GitClient, GitRunner } from "@capstan/git";
import type { Clock, Random } from "@capstan/kube";
import { boundedRenderer } from "../bounded-renderer.js";
import type { DataDirectory } from "../data-directory.js";
import type { SourceSettings } from "./source-settings.js";

export interface ArtifactHomeOptions {
  readonly directory: DataDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: NodeJS.ProcessEnv;
  readonly allowLocal: boolean;
  readonly settings: SourceSettings;
  /** `http://host:port` under which the store is served. */
  readonly baseUrl: () => string;
  /** The directory of a repository that this process serves itself. */
  readonly localRepository?: (url: string) => string | undefined;
}

/** Files and directories of one commit. */
const MAX_ENTRIES = 100_000;

/** What sources and delivery work with on this machine: git, stored artifacts, and the build's threads. */
export function openArtifactHome(options: ArtifactHomeOptions) {
  const { directory, clock, random, environment, allowLocal, baseUrl, localRepository } = options;
  const { algorithm, retention, maxRepositoryBytes } = options.settings;
  const runner = new GitRunner({ clock, environment });
  const storage = new ArtifactStore({ directory: directory.artifacts, baseUrl, clock, algorithm, retention });
  return {
    runner,
    storage,
    cloud: { variables: environment },
    git: new GitClient({
      runner,
      cacheDirectory: directory.gitCache,
      temporaryDirectory: join(directory.gitCache, "tmp"),
      allowLocal,
      maxFetchBytes: maxRepositoryBytes,
      treeLimits: { maxBytes: maxRepositoryBytes, maxEntries: MAX_ENTRIES },
      ...(localRepository === undefined ? {} : { localRepository }),
    }),
    reader: new ArtifactReader({
      directory: directory.renderCache,
      clock,
      random,
      localFile: (url) => storage.fileOfUrl(url),
    }),
    renderer: boundedRenderer(clock),
  };
}
