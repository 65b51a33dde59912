import { diskTree, type RemotePort, type RepoSpec } from "@capstan/kustomize";
import type { KeyNeed } from "../decrypt/remote-keys.js";

/** Something of the network that a build refers to. */
export type RemoteNeed =
  | { readonly kind: "repository"; readonly spec: RepoSpec }
  | { readonly kind: "file"; readonly url: string };

interface Failure {
  readonly error: string;
}

/** What was fetched for a build so far, as plain data; a build that needs more says so. */
export interface RemoteContents {
  /** Directories by the URL as it is written. */
  readonly repositories: ReadonlyMap<string, { readonly directory: string } | Failure>;
  readonly files: ReadonlyMap<string, { readonly status: number; readonly body: Uint8Array } | Failure>;
}

/** A build that goes on when what it needs was fetched. */
export class RemotesNeeded extends Error {
  override readonly name = "RemotesNeeded";
  readonly needs: readonly (RemoteNeed | KeyNeed)[];

  constructor(needs: readonly (RemoteNeed | KeyNeed)[]) {
    super("remote bases have to be fetched, or data keys opened, first");
    this.needs = needs;
  }
}

/** Serves a build what was fetched, and notes in `needs` what was not. */
export function remotePort(contents: RemoteContents, needs: Map<string, RemoteNeed>): RemotePort {
  const missing = (key: string, need: RemoteNeed): never => {
    needs.set(`${need.kind} ${key}`, need);
    throw new RemotesNeeded([need]);
  };
  return {
    cloneRepository: async (spec) => {
      const found = contents.repositories.get(spec.raw);
      if (found === undefined) return missing(spec.raw, { kind: "repository", spec });
      if ("error" in found) throw new Error(found.error);
      return diskTree(found.directory);
    },
    fetchFile: async (url) => {
      const found = contents.files.get(url);
      if (found === undefined) return missing(url, { kind: "file", url });
      if ("error" in found) throw new Error(found.error);
      return found;
    },
  };
}
