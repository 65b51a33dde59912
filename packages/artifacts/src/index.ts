export type { Artifact, ArtifactOwner } from "./artifact.js";
export { DEFAULT_RETENTION, planCollection, type Retention, type StoredFile } from "./collect.js";
export { type Digest, type DigestAlgorithm, Digester, digestOf, parseDigest } from "./digest.js";
export { readDirectoryTree, resolveInside } from "./directory.js";
export { type DownloadOptions, downloadFile } from "./download.js";
export { ArtifactError, type ArtifactErrorCode } from "./error.js";
export { type PackOptions, packTree } from "./pack.js";
export { ArtifactReader, type ArtifactReaderOptions, type OpenArtifact } from "./reader.js";
export { artifactHandler } from "./server.js";
export { type IgnorePattern, matchesIgnorePattern, parseIgnorePatterns } from "./sourceignore/pattern.js";
export { IGNORE_FILE, type IgnoreRules, ignoreRules, loadIgnoreRules } from "./sourceignore/rules.js";
export { type ArtifactDraft, ArtifactStore, type ArtifactStoreOptions, artifactPath } from "./store.js";
export {
  cleanPath,
  comparePaths,
  composeTree,
  DEFAULT_TREE_LIMITS,
  type TreeDirectory,
  type TreeEntry,
  type TreeFile,
  type TreeLimits,
} from "./tree.js";
export { type Unpacked, type UnpackOptions, unpackTarball } from "./unpack.js";
