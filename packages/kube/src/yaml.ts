export { YamlError } from "./yaml-error.js";
export { type ParsedYaml, parseYamlEvents } from "./yaml-events.js";
export { compareYamlKeys } from "./yaml-key-order.js";
export {
  locateYaml,
  parseYaml,
  parseYamlDocuments,
  type YamlDocument,
  type YamlOptions,
} from "./yaml-parse.js";
export {
  readsAsString,
  resolvePlainScalar,
  resolveTaggedScalar,
  type YamlDialect,
  type YamlScalar,
} from "./yaml-scalar.js";
export { stringifyYaml } from "./yaml-stringify.js";
