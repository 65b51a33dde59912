export { apiErrorOf, isNoKindMatch, noKindMatch } from "./client/api-error.js";
export type * from "./client/client.js";
export { type ClientOptions, createClient } from "./client/create-client.js";
export { resourcePath } from "./client/path.js";
export {
  createEventRecorder,
  type EventNote,
  type EventRecorder,
  type EventRecorderOptions,
  type RecordedEvent,
} from "./events/event-recorder.js";
export type { ClusterConfig, Credentials, ExecConfig, IssuedToken } from "./http/cluster-config.js";
export { type HttpTransportOptions, httpTransport } from "./http/http-transport.js";
export { inClusterConfig } from "./http/in-cluster.js";
export {
  KubeconfigError,
  type KubeconfigOptions,
  loadKubeconfig,
  parseKubeconfig,
} from "./http/kubeconfig.js";
export type { Informer, InformerEvent, InformerHandler } from "./informer/informer.js";
export { type InformerLease, type InformerOptions, InformerSet } from "./informer/informer-set.js";
export { formatKey, isAtLeast, keyOf, parseKey } from "./informer/object-key.js";
export { sleep } from "./informer/sleep.js";
export { type Logger, silentLogger } from "./logger.js";
export { type AbortCause, abortCause, RunAborted } from "./manager/abort-reason.js";
export type { Cache } from "./manager/cache.js";
export { completeConditions, conditionsOf } from "./manager/conditions.js";
export {
  type Controller,
  defineController,
  type PhasedController,
  type ReadContext,
  type RunContext,
  type SetupContext,
  type ShortController,
  type Watch,
} from "./manager/define-controller.js";
export { addFinalizer, hasFinalizer, ownerReference, refOf, removeFinalizer } from "./manager/finalizers.js";
export { type LeaderElectionOptions, LeadershipLost } from "./manager/leader-election.js";
export { createManager, type Manager, type ManagerOptions } from "./manager/manager.js";
export { type OutcomeOptions, settled, stalled, waiting } from "./manager/outcomes.js";
export {
  allOf,
  annotationChanged,
  anyOf,
  changed,
  declaredStateChanged,
  deletionStarted,
  generationChanged,
  labelsChanged,
  not,
  type Predicate,
  resourceVersionChanged,
} from "./manager/predicates.js";
export { RECONCILE_REQUEST } from "./manager/status-patch.js";
export { type ControllerMetrics, controllerMetrics } from "./metrics/metrics.js";
export type * from "./outcome.js";
export { type BackoffOptions, backoffDelay, DEFAULT_BACKOFF, jittered } from "./queue/backoff.js";
export { TokenBucket } from "./queue/token-bucket.js";
export { type Taken, WorkQueue, type WorkQueueOptions } from "./queue/work-queue.js";
export { condition, duration, int64, timestamp } from "./resource/common-types.js";
export {
  defineResource,
  type ObjectOf,
  type PrinterColumn,
  type Resource,
  type ResourceObject,
  type ResourceOptions,
} from "./resource/define-resource.js";
export { type OpenApiSchema, toOpenApi } from "./resource/openapi.js";
