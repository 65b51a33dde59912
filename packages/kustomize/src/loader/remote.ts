import type { FileTree } from "../tree/file-tree.js";
import type { RepoSpec } from "./repo-spec.js";

/** What a build needs of the network. Without it, remote files and bases are refused. */
export interface RemotePort {
  /** Clones a repository at a ref; answers its files. */
  cloneRepository(spec: RepoSpec): Promise<FileTree>;
  /** Fetches a file; `status` is that of HTTP, and only 200 to 299 have content. */
  fetchFile(url: string): Promise<{ readonly status: number; readonly body: Uint8Array }>;
}
