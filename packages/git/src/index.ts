export {
  type CheckoutRequest,
  type GitCheckout,
  GitClient,
  type GitClientOptions,
  type GitRequest,
} from "./client.js";
export type { GitCommit, GitSignature, GitTag, SignedPayload } from "./commit.js";
export type { GitCredentials, GitProxy } from "./credentials.js";
export { GitError, type GitErrorCode } from "./error.js";
export { formatRevision, type GitReference, type GitTarget, targetOf } from "./reference.js";
export type { GitRemote, RemoteOptions } from "./remote.js";
export { type CommitDraft, type FileChange, GitRepository } from "./repository.js";
export { type GitOutput, type GitRun, GitRunner, type GitRunnerOptions } from "./runner.js";
export { type GitServerOptions, gitHttpHandler } from "./server.js";
export type { RefUpdate } from "./server-protocol.js";
export { type SigningKeys, verifySignature } from "./signature/verify.js";
export { formatBytes, type GitLink, type GitSymlink, type GitTreeEntry, type GitTreeLimits } from "./tree.js";
export { type GitProtocol, type GitUrl, type GitUrlOptions, parseGitUrl, redactUrl } from "./url.js";
