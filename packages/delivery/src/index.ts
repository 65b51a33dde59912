export type { IgnoreRule } from "./apply/ignore.js";
export { type Preview, type PreviewOptions, previewApply } from "./apply/preview.js";
export type { CloudKey, CloudKeys } from "./decrypt/key-service.js";
export type { SecretName } from "./decrypt/load-material.js";
export { ManifestError } from "./helm-actions/resource.js";
export { ChartProblem } from "./helm-render/chart-request.js";
export { postRender } from "./helm-render/post-render.js";
export { type HelmReleaseOptions, registerHelmReleases } from "./helmrelease/controller.js";
export {
  NoChart,
  previewHelmRelease,
  type ReleasePreview,
  type ReleasePreviewOptions,
} from "./helmrelease/preview.js";
export { releaseNameOf, releaseNamespaceOf } from "./helmrelease/release-target.js";
export { postRenderingOf } from "./helmrelease/render-chart.js";
export { HelmRelease, type HelmReleaseSpec, type HelmReleaseStatus } from "./helmrelease/resource.js";
export { DEFAULT_HELM_SETTINGS, type HelmSettings } from "./helmrelease/settings.js";
export { composeValues, configReader, ValuesProblem } from "./helmrelease/values.js";
export type { Artifacts } from "./kustomization/delivery-state.js";
export {
  type RenderKustomizationOptions,
  renderKustomization,
} from "./kustomization/render-kustomization.js";
export type { RemoteFetcher } from "./kustomization/render-with-remotes.js";
export { Kustomization, type KustomizationSpec, type KustomizationStatus } from "./kustomization/resource.js";
export { type DeliverySettings, FIELD_MANAGER } from "./kustomization/settings.js";
export { type DeliveryMetrics, deliveryMetrics } from "./metrics.js";
export {
  APPROVAL_ANNOTATION,
  BUDGET_ANNOTATION,
  DEFAULT_BUDGET,
  type DeletionBudget,
} from "./plan/budget.js";
export { formatObjectId, type InventoryEntry, type ObjectId, parseObjectId } from "./plan/object-id.js";
export { isOwnedBy, type Policies, policiesOf } from "./plan/policies.js";
export {
  DEFAULT_SETTINGS,
  type Delivery,
  type DeliveryOptions,
  registerDelivery,
} from "./register-delivery.js";
export { DEFAULT_NAMESPACE_ANNOTATION } from "./render/default-namespace.js";
export { type DesiredObject, RenderError, type Rendered } from "./render/desired-object.js";
export { inlineRenderer } from "./render/inline-renderer.js";
export type { RenderRequest } from "./render/render.js";
export type { Renderer } from "./render/renderer.js";
export { type WorkerRendererOptions, workerRenderer } from "./render/worker-renderer.js";
