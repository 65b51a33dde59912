export * from "./condition.js";
export * from "./gvk.js";
export * from "./object.js";
export * from "./runtime.js";
export * from "./schema.js";
export * from "./status.js";
export * from "./transport.js";
