import {
  type ConstantDecl,
  type Environment,
  type FunctionDecl,
  mergeFunctions,
} from "./check/environment.js";
import { standardFunctions } from "./library/standard.js";
import type { Macro } from "./syntax/macro.js";
import { standardMacros } from "./syntax/standard-macros.js";
import {
  boolType,
  bytesType,
  type CelType,
  doubleType,
  durationType,
  dynType,
  intType,
  listType,
  mapType,
  nullType,
  stringType,
  timestampType,
  typeType,
  uintType,
} from "./types.js";

/** A set of functions, macros and types that belong together. */
export interface Library {
  readonly functions?: readonly FunctionDecl[];
  readonly macros?: readonly Macro[];
  /** Types whose names are values, such as `net.IP`. */
  readonly types?: readonly CelType[];
  readonly optionalSyntax?: boolean;
}

/** What `extend` adds to an environment or sets anew. */
export interface Extension {
  readonly container?: string;
  readonly variables?: Readonly<Record<string, CelType>> | ReadonlyMap<string, CelType>;
  readonly constants?: ReadonlyMap<string, ConstantDecl>;
  readonly structs?: Environment["structs"];
  readonly libraries?: readonly Library[];
  readonly homogeneousLiterals?: boolean;
  readonly presenceTestHasCost?: boolean;
}

const basicTypes: readonly CelType[] = [
  boolType,
  bytesType,
  doubleType,
  durationType,
  intType,
  listType(dynType),
  mapType(dynType, dynType),
  nullType,
  stringType,
  timestampType,
  typeType(),
  uintType,
];

function typeConstant(type: CelType): readonly [string, ConstantDecl] {
  return [type.name, { type: typeType(type), value: type }];
}

/** CEL as specified: standard functions and macros, no variables. */
export const standardEnvironment: Environment = {
  container: "",
  variables: new Map(),
  constants: new Map(basicTypes.map(typeConstant)),
  structs: { find: () => undefined },
  functions: mergeFunctions(new Map(), standardFunctions),
  macros: standardMacros,
  optionalSyntax: false,
  homogeneousLiterals: false,
  presenceTestHasCost: true,
};

/** An environment with more in it; later libraries and variables win over earlier ones. */
export function extend(base: Environment, extension: Extension): Environment {
  const libraries = extension.libraries ?? [];
  const added = extension.variables ?? {};
  const variables = added instanceof Map ? added : new Map(Object.entries(added));
  const structs = extension.structs;
  return {
    container: extension.container ?? base.container,
    variables: new Map([...base.variables, ...variables]),
    constants: new Map([
      ...base.constants,
      ...libraries.flatMap((library) => (library.types ?? []).map(typeConstant)),
      ...(extension.constants ?? []),
    ]),
    structs:
      structs === undefined
        ? base.structs
        : { find: (name) => structs.find(name) ?? base.structs.find(name) },
    functions: mergeFunctions(
      base.functions,
      libraries.flatMap((library) => library.functions ?? []),
    ),
    macros: [...base.macros, ...libraries.flatMap((library) => library.macros ?? [])],
    optionalSyntax: base.optionalSyntax || libraries.some((library) => library.optionalSyntax === true),
    homogeneousLiterals: extension.homogeneousLiterals ?? base.homogeneousLiterals,
    presenceTestHasCost: extension.presenceTestHasCost ?? base.presenceTestHasCost,
  };
}
