import { join } from "node:path";
import { ArtifactReader, ArtifactStore } from "@capstan/artifacts";
import { GitClient, GitRunner } from "@capstan/git";
import type { Clock, Random } from "@capstan/kube";
import { boundedRenderer } from "../bounded-renderer.js";
import type { DataDirectory } from "../data-directory.js";

export interface ArtifactHomeOptions {
  readonly directory: DataDirectory;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: NodeJS.ProcessEnv;
  readonly allowLocal: boolean;
  /** `http://host:port` under which the store is served. */
  readonly baseUrl: () => string;
  /** The directory of a repository that this process serves itself. */
  readonly localRepository?: (url: string) => string | undefined;
}

/** What sources and delivery work with on this machine: git, stored artifacts, and the build's threads. */
export function openArtifactHome(options: ArtifactHomeOptions) {
  const { directory, clock, random, environment, allowLocal, baseUrl, localRepository } = options;
  const runner = new GitRunner({ clock, environment });
  const storage = new ArtifactStore({ directory: directory.artifacts, baseUrl, clock });
  return {
    runner,
    storage,
    cloud: { variables: environment },
    git: new GitClient({
      runner,
      cacheDirectory: directory.gitCache,
      temporaryDirectory: join(directory.gitCache, "tmp"),
      allowLocal,
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
