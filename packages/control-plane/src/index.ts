export {
  type AuditPolicy,
  AuditPolicyError,
  DEFAULT_AUDIT_POLICY,
  parseAuditPolicy,
} from "./audit/audit-policy.js";
export {
  ADMIN_USER,
  type AuditLogOptions,
  type ControlPlane,
  type ControlPlaneOptions,
  openControlPlane,
} from "./control-plane.js";
export type { HealthCheck } from "./handler/special/health.js";
export type { PodRuntime } from "./handler/special/pods.js";
export {
  type MemoryControlPlane,
  type MemoryControlPlaneOptions,
  memoryControlPlane,
} from "./memory-control-plane.js";
export type * from "./registry/kind.js";
export type { User } from "./registry/ports.js";
export { STORE_FORMAT } from "./server/data-directory.js";
export { StoreError, type StoreErrorCode } from "./store/store.js";
export { checkStore, copyStore, type StoreContent } from "./store/store-copy.js";
export { systemClock } from "./testing/system-runtime.js";
export {
  type TestControlPlane,
  type TestControlPlaneOptions,
  testControlPlane,
} from "./testing/test-control-plane.js";
