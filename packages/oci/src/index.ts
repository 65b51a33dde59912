export { ARTIFACT_CONFIG_TYPE, ARTIFACT_LAYER_TYPE, type PushedArtifact, pushArtifact } from "./artifact.js";
export { OciClient, type OciClientOptions } from "./client.js";
export { type CosignTrust, type SignerIdentity, verifyCosign } from "./cosign.js";
export { loginFromDockerConfig, type OciLogin } from "./credentials.js";
export { OciError, type OciErrorCode } from "./error.js";
export type { Descriptor, Manifest, Referrer } from "./manifest.js";
export { type NotationTrust, verifyNotation } from "./notation/verify.js";
export { publicTrustedRoot } from "./public-root.js";
export {
  isLoopbackRegistry,
  isOciDigest,
  isTag,
  type OciReference,
  type OciRepository,
  parseOciReference,
  parseOciUrl,
} from "./reference.js";
export type { OciConnection } from "./session.js";
