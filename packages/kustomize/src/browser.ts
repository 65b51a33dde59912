/** Everything but what needs a disk. */
export {
  type BuildOptions,
  type BuildResult,
  type BuiltResource,
  build,
  toYaml,
} from "./build/build.js";
export { KustomizeError, type KustomizeErrorCode, type KustomizeErrorPlace } from "./errors.js";
export type { HelmChartRequest, InflateHelmChart } from "./generators/helm-chart.js";
export { DEFAULT_LIMITS, type Limits } from "./loader/limits.js";
export type { LoadRestrictor } from "./loader/loader.js";
export type { RemotePort } from "./loader/remote.js";
export { isRemoteFile, parseRepoSpec, type RepoSpec } from "./loader/repo-spec.js";
export type { Touch } from "./resource/resource.js";
export type { FileStat, FileTree } from "./tree/file-tree.js";
export { type MemoryFile, memoryTree } from "./tree/memory-tree.js";
export { type PrintOptions, printYaml } from "./yaml/print.js";
export type { YamlValue } from "./yaml/value.js";
