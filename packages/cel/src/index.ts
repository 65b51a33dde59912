export { type CheckedExpr, check, type Reference } from "./check/checker.js";
export type { ConstantDecl, Environment, FunctionDecl, OverloadDecl } from "./check/environment.js";
export type { CostRange } from "./cost/range.js";
export { type Extension, extend, type Library, standardEnvironment } from "./environment.js";
export { type CelError, formatErrors, type Position } from "./issue.js";
export { jsonPatchLibrary, kubernetesCostLimits, kubernetesEnvironment } from "./kubernetes/environment.js";
export { escapeProperty, unescapeProperty } from "./kubernetes/escape.js";
export { anyObjectType, jsonPatchListType, jsonPatchType, mutationStructs } from "./kubernetes/mutation.js";
export { type SchemaTypeOptions, schemaType } from "./kubernetes/schema-type.js";
export {
  type AuthorizationAnswer,
  type AuthorizationPort,
  type AuthorizationQuery,
  authorizerType,
  authorizerValue,
  requestResourceValue,
  resourceCheckType,
} from "./library/authorizer.js";
export { specificationLibraries } from "./library/specification.js";
export { mixedComparisonLibrary } from "./library/standard.js";
export {
  type CompileOptions,
  compile,
  defaultCostLimit,
  type EvalBindings,
  type EvaluateOptions,
  type Evaluation,
  type EvaluationFailure,
  Program,
  type TextLimits,
} from "./program.js";
export type * from "./syntax/ast.js";
export type { Macro, MacroCall } from "./syntax/macro.js";
export { type ParseOptions, parse } from "./syntax/parser.js";
export * from "./types.js";
export { adapt, toNative } from "./value/adapt.js";
export { equal } from "./value/compare.js";
export { CelList, CelMap, CelObject } from "./value/container.js";
export { CelDouble, type CelInt, CelUint } from "./value/number.js";
export { StructValue } from "./value/struct.js";
export { Duration, Timestamp } from "./value/time.js";
export { adaptAs } from "./value/typed.js";
export {
  EvalFailure,
  type Implementation,
  Opaque,
  Optional,
  type Result,
  type Value,
} from "./value/value.js";
