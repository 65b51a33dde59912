/** Runs the suites of the CEL specification; what needs protobuf messages is excluded by name. */
export { run } from "../packages/cel/src/testing/suites.js";
