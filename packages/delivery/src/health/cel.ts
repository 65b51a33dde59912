import {
  boolType,
  type CelError,
  compile,
  dynType,
  type Environment,
  extend,
  formatErrors,
  mapType,
  mixedComparisonLibrary,
  Program,
  specificationLibraries,
  standardEnvironment,
  stringType,
} from "@capstan/cel";

/** An expression that does not compile, or does not evaluate to a boolean. */
export class CelProblem extends Error {
  override readonly name = "CelProblem";
}

const ENVIRONMENT: Environment = extend(standardEnvironment, {
  libraries: [...specificationLibraries, mixedComparisonLibrary],
  homogeneousLiterals: true,
});

const MAX_COMPILED = 1000;
const compiled = new Map<string, Program>();

/** An expression over whatever fields an object has; only its form is checked beforehand. */
export function parseExpression(text: string): Program {
  return remembered(
    `parse|${text}`,
    () => compile(text, { declarations: ENVIRONMENT, unchecked: true }),
    text,
  );
}

/** A boolean expression over objects called by `names`. */
export function compileExpression(text: string, names: readonly string[]): Program {
  const object = mapType(stringType, dynType);
  const variables = Object.fromEntries(names.map((name) => [name, object]));
  const make = () =>
    compile(text, { declarations: extend(ENVIRONMENT, { variables }), resultTypes: [boolType] });
  return remembered(`${names.join()}|${text}`, make, text);
}

/** The boolean that an expression yields; throws `CelProblem` for anything else. */
export function evaluateBoolean(program: Program, bindings: Readonly<Record<string, unknown>>): boolean {
  const result = program.evaluate(bindings);
  if (!result.ok) {
    throw new CelProblem(`failed to evaluate the CEL expression '${program.text}': ${result.error.message}`);
  }
  if (typeof result.value !== "boolean") {
    throw new CelProblem(`failed to evaluate CEL expression as boolean: '${program.text}'`);
  }
  return result.value;
}

function remembered(key: string, make: () => Program | CelError[], text: string): Program {
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (!(made instanceof Program)) {
    throw new CelProblem(`failed to parse the CEL expression '${text}': ${formatErrors(text, made)}`);
  }
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(key, made);
  return made;
}
