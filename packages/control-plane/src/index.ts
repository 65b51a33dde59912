export { ADMIN_USER, LOOPBACK_USER } from "./control-plane.js";
export type * from "./registry/kind.js";
export type { User } from "./registry/ports.js";
export { type TestControlPlane, type TestControlPlaneOptions, testControlPlane } from "./testing.js";
