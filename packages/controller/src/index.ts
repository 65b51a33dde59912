export type * from "./client.js";
export type * from "./outcome.js";
