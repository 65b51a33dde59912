import { rm } from "node:fs/promises";
import type { RemoteFetcher } from "@capstan/delivery";
import type { GitRunner } from "@capstan/git";
import { cloneBase, fetchRemoteFile } from "../remote-bases.js";

/** Fetches the remote bases of Kustomizations: repositories by git, into `parent`, and files by HTTP. */
export function remoteFetcher(runner: GitRunner, allowLocal: boolean, parent: string): RemoteFetcher {
  return {
    repository: async (spec, signal) => {
      const directory = await cloneBase(spec, { runner, allowLocal, parent }, signal);
      return { directory, close: () => rm(directory, { recursive: true, force: true }) };
    },
    file: fetchRemoteFile,
  };
}
