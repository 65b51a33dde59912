export { ARTIFACT_CONFIG_TYPE, ARTIFACT_LAYER_TYPE, type PushedArtifact, pushArtifact } from "./artifact.js";
export { OciClient, type OciClientOptions } from "./client.js";
export { verifyCosign } from "./cosign.js";
export { loginFromDockerConfig, type OciLogin } from "./credentials.js";
export { OciError, type OciErrorCode } from "./error.js";
export type { Descriptor, Manifest } from "./manifest.js";
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
