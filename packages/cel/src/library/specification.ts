import type { Library } from "../environment.js";
import { bindingsLibrary, blockLibrary } from "./bindings.js";
import { encodersLibrary } from "./encoders.js";
import { mathLibrary } from "./math.js";
import { optionalLibrary } from "./optional.js";
import { specificationTimeFunctions } from "./standard-time.js";
import { stringsLibrary } from "./strings.js";
import { twoVariableLibrary } from "./two-variable.js";

/** The extension libraries that the CEL specification's conformance suites use. */
export const specificationLibraries: readonly Library[] = [
  optionalLibrary,
  stringsLibrary,
  mathLibrary,
  encodersLibrary,
  bindingsLibrary,
  blockLibrary,
  twoVariableLibrary,
  { functions: specificationTimeFunctions },
];
