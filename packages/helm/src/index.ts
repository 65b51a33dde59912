export { maxChartSize, maxFileSize, unpackChart } from "./chart/archive.js";
export {
  type Chart,
  ChartError,
  type ChartFile,
  type ChartMetadata,
  type Dependency,
  type Maintainer,
} from "./chart/chart.js";
export { chartFiles, loadArchive, loadChart, parseValues, readValues } from "./chart/load.js";
export { mergeValues } from "./chart/merge.js";
export { dependencyOf, parseMetadata } from "./chart/metadata.js";
export { type PackOptions, packChart, unfoldChart } from "./chart/pack.js";
export {
  type SetMode,
  type SetOptions,
  setFileValues,
  setJsonValues,
  setLiteralValue,
  setValues,
} from "./chart/set.js";
export type { ChartWarning } from "./chart/warning.js";
export { chartDefinitions, releaseDefaults } from "./release/defaults.js";
export { observationDigest } from "./release/observation.js";
export {
  chartMetadataOf,
  chartRecord,
  compressRelease,
  decodeRelease,
  EncodedChart,
  encodeChart,
  encodeRelease,
  type HookRecord,
  type HookRun,
  hookRecord,
  type ReleaseRecord,
  ReleaseRecordError,
  type ReleaseStatus,
  releaseSecretName,
} from "./release/record.js";
export { compareUninstallKinds } from "./release/uninstall-order.js";
export { defaultApiVersions, defaultKubeVersion } from "./render/capabilities.js";
export type { Hook, HookEvent } from "./render/hook.js";
export {
  compareKinds,
  installOrder,
  type Manifest,
  sortManifests,
  splitDocuments,
} from "./render/manifest.js";
export {
  type CrdFile,
  type OutputOptions,
  type RenderOptions,
  type RenderResult,
  releaseManifest,
  renderChart,
  templateOutput,
} from "./render/render.js";
export type { RenderLimits } from "./template/budget.js";
export { Engine, type EngineOptions, type LookupPort } from "./template/engine.js";
export { TemplateError } from "./template/error.js";
export { RenderError, renderError } from "./template/report.js";
export type { UnstableTemplate } from "./template/unstable.js";
export { fromPlain, GoMap, type GoValue } from "./value/go-value.js";
