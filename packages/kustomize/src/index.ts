export * from "./browser.js";
export { diskTree } from "./tree/disk-tree.js";
