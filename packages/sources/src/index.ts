export { ArtifactGenerator, type ArtifactGeneratorObject } from "./api/artifact-generator.js";
export { Bucket, type BucketObject } from "./api/bucket.js";
export { ExternalArtifact, type ExternalArtifactObject } from "./api/external-artifact.js";
export {
  GitRepository,
  type GitRepositoryObject,
  type GitRepositorySpec,
  type GitRepositoryStatus,
  gitRepositoryResource,
} from "./api/git-repository.js";
export { HelmChart, type HelmChartObject } from "./api/helm-chart.js";
export { HelmRepository, type HelmRepositoryObject } from "./api/helm-repository.js";
export { OCIRepository, type OCIRepositoryObject } from "./api/oci-repository.js";
export { SOURCE_API_VERSION, SOURCE_FINALIZER, SOURCE_GROUP } from "./api/shared.js";
export { GeneratorError, generateArtifact } from "./artifact-generator/generate.js";
export { type CloudEndpoints, type CloudEnvironment, CloudError } from "./cloud/environment.js";
export type { CloudCredentials, CloudKey } from "./cloud/keys/cloud-key.js";
export { type CloudKeys, cloudKeys } from "./cloud/keys/cloud-keys.js";
export { type CloudLogin, type CloudRegistry, cloudLogin } from "./cloud/registry.js";
export { TokenCache } from "./cloud/token-cache.js";
export { registerSources, type Sources, type SourcesOptions } from "./register.js";
