import type { IncrementalTest, IncrementalTestSuite } from "@bufbuild/cel-spec/testdata/tests.js";
import {
  getCheckingSuite,
  getComprehensionSuite,
  getConformanceSuite,
  getParsingSuite,
} from "@bufbuild/cel-spec/testdata/tests.js";
import { KindAdorner, toDebugString } from "@bufbuild/cel-spec/testdata/to-debug-string.js";
import {
  adapt,
  boolType,
  bytesType,
  type CelType,
  type CheckedExpr,
  check,
  compile,
  doubleType,
  type Environment,
  equal,
  extend,
  formatErrors,
  formatType,
  intType,
  mixedComparisonLibrary,
  nullType,
  type ParseOptions,
  parse,
  specificationLibraries,
  standardEnvironment,
  stringType,
  uintType,
  type Value,
} from "../index.js";
import { fromProtoType, fromProtoValue, MessageNeeded, toProtoExpr } from "./proto.js";

/** What a conformance engine reports. */
export interface ConformanceReport {
  readonly engine: string;
  readonly passed: number;
  readonly total: number;
  readonly failures: { readonly name: string; readonly reason: string }[];
  readonly excluded: { readonly name: string; readonly reason: string }[];
}

interface Case {
  readonly name: string;
  readonly test: IncrementalTest;
}

function casesOf(suite: IncrementalTestSuite, path: string): Case[] {
  return [
    ...suite.tests.map((test) => ({ name: `${path}/${test.name}`, test })),
    ...suite.suites.flatMap((inner) => casesOf(inner, `${path}/${inner.name}`)),
  ];
}

const messagePattern =
  /TestAllTypes|GlobalEnum|NestedEnum|Proto2Message|google\.protobuf\.\w+\s*\{|\b(\w+Value|Value|Struct|Timestamp|Duration|Any)\{|\bproto\.(getExt|hasExt)|cel\.expr\.conformance|google\.expr\.proto|msg_type/;
const blockMacros = /cel\.(block|index|iterVar)\(/;

/** Cases in which cel-go, whose behaviour Kubernetes has, differs from the specification. */
const celGoDiffers = new Set(["null_assignable_to_abstract_parameter_candidate"]);

/** Why a case cannot apply to an engine without protobuf messages; undefined when it can. */
function exclusion({ test }: Case, suite: string): string | undefined {
  const { original } = test;
  const text = `${original.expr} ${original.container}`;
  if (messagePattern.test(text)) return "needs protobuf messages or enums";
  if (celGoDiffers.has(test.name)) return "cel-go's type checker deduces another type";
  try {
    declarations(test);
    if (original.resultMatcher.case === "value") fromProtoValue(original.resultMatcher.value);
    if (original.resultMatcher.case === "typedResult") {
      fromProtoValue(original.resultMatcher.value.result);
      fromProtoType(original.resultMatcher.value.deducedType);
    }
    for (const binding of Object.values(original.bindings)) bound(binding);
  } catch (error) {
    if (error instanceof MessageNeeded) return `needs protobuf messages: ${error.message}`;
    throw error;
  }
  return suite === "checking" && usesUndeclared(test)
    ? "declarations of the test are protobuf messages"
    : undefined;
}

/** The checker cases leave out declarations that are messages; their expected result says so. */
function usesUndeclared(test: IncrementalTest): boolean {
  return /google\.expr|Proto2Message|testAllTypes|pb[23]\./.test(
    `${test.checkedAst ?? ""}${test.error ?? ""}${test.original.expr}`,
  );
}

function bound(binding: IncrementalTest["original"]["bindings"][string]): unknown {
  return binding.kind.case === "value" ? fromProtoValue(binding.kind.value) : undefined;
}

function declarations(test: IncrementalTest, base: Environment = standardEnvironment): Environment {
  const variables = new Map<string, CelType>();
  const functions = [];
  for (const { name, declKind } of test.original.typeEnv) {
    if (declKind.case === "ident") variables.set(name, fromProtoType(declKind.value.type));
    if (declKind.case !== "function") continue;
    functions.push({
      name,
      overloads: declKind.value.overloads.map((overload) => ({
        id: overload.overloadId,
        member: overload.isInstanceFunction,
        args: overload.params.map(fromProtoType),
        result: fromProtoType(overload.resultType),
      })),
    });
  }
  return extend(base, { container: test.original.container, variables, libraries: [{ functions }] });
}

const full = extend(standardEnvironment, { libraries: specificationLibraries });

/** What cel-go's checker tests declare for every case. */
const checkerEnvironment = extend(full, {
  variables: {
    is: stringType,
    ii: intType,
    iu: uintType,
    iz: boolType,
    id: doubleType,
    ix: nullType,
    ib: bytesType,
  },
  libraries: [
    {
      functions: [
        { name: "fg_s", overloads: [{ id: "fg_s_0", member: false, args: [], result: stringType }] },
        {
          name: "fi_s_s",
          overloads: [{ id: "fi_s_s_0", member: true, args: [stringType], result: stringType }],
        },
      ],
    },
  ],
});

function environmentOf(test: IncrementalTest): Environment {
  return declarations(test, full);
}

/** The suites' cases come from parsers set up differently; their expected errors tell how. */
function parseOptions(test: IncrementalTest): ParseOptions {
  const error = test.error ?? "";
  return {
    macros: standardEnvironment.macros,
    optionalSyntax: !/unsupported syntax '/.test(error),
    quotedFields: !/unsupported syntax: '`'/.test(error),
    ...(/recursion/.test(error) && { maxDepth: 32 }),
  };
}

/** The printed tree, compared with cel-go's when the case has one. */
function astProblem(test: IncrementalTest): string | undefined {
  if (test.ast === undefined) return undefined;
  const parsed = parse(test.original.expr, parseOptions(test));
  if (Array.isArray(parsed)) return `does not parse: ${formatErrors(test.original.expr, parsed)}`;
  const printed = toDebugString(toProtoExpr(parsed.root) as never, KindAdorner.singleton);
  return printed === test.ast ? undefined : `tree differs:\n${printed}\nwanted:\n${test.ast}`;
}

function checkedProblem(test: IncrementalTest): string | undefined {
  if (test.checkedAst === undefined) return undefined;
  const problem = checkedWith(test, declarations(test, checkerEnvironment));
  if (problem === undefined) return undefined;
  const mixed = checkedWith(
    test,
    extend(declarations(test, checkerEnvironment), { libraries: [mixedComparisonLibrary] }),
  );
  return mixed === undefined ? undefined : problem;
}

function checkedWith(test: IncrementalTest, environment: Environment): string | undefined {
  const parsed = parse(test.original.expr, { macros: environment.macros, optionalSyntax: true });
  if (Array.isArray(parsed)) return `does not parse: ${formatErrors(test.original.expr, parsed)}`;
  const checked = check(parsed, environment);
  if (Array.isArray(checked)) return `does not check: ${formatErrors(test.original.expr, checked)}`;
  const printed = printChecked(checked);
  return printed === test.checkedAst
    ? undefined
    : `checked tree differs:\n${printed}\nwanted:\n${test.checkedAst}`;
}

function printChecked(checked: CheckedExpr): string {
  const adorner = {
    GetMetadata(node: { $typeName: string; id: bigint; exprKind?: { case: string } }): string {
      if (node.$typeName !== "cel.expr.Expr") return "";
      const id = Number(node.id);
      const type = checked.types.get(id);
      const reference = checked.references.get(id);
      let text = type === undefined ? "" : `~${formatType(type)}`;
      if (reference?.kind === "function")
        text += `^${reference.overloads
          .map((o) => o.id)
          .sort()
          .join("|")}`;
      else if (reference?.kind === "struct") text += `^${reference.type.name}`;
      else if (reference !== undefined) text += `^${reference.name}`;
      return text;
    },
  };
  const root = toProtoExpr(checked.root, (expr) => {
    const reference = checked.references.get(expr.id);
    if (reference?.kind === "function") return { name: reference.fn.name, dropTarget: reference.qualified };
    return reference !== undefined && "name" in reference ? { name: reference.name } : {};
  });
  return toDebugString(root as never, adorner as never);
}

function describe(value: Value): string {
  return (
    JSON.stringify(value, (_key, inner: unknown) => (typeof inner === "bigint" ? `${inner}n` : inner)) ??
    String(value)
  );
}

function isNan(value: Value): boolean {
  return (
    typeof value === "object" && value !== null && "value" in value && Number.isNaN(value.value as number)
  );
}

function same(a: Value, b: Value): boolean {
  if (isNan(a) && isNan(b)) return true;
  return equal(a, b) &&
    (typeof a === typeof b || typeof a === "bigint" || typeof b === "bigint") &&
    a?.constructor === b?.constructor
    ? true
    : equal(a, b) && typeof a === "object" && typeof b === "object" && !("value" in (a ?? {}));
}

function evaluationProblem(test: IncrementalTest): string | undefined {
  const { original } = test;
  const environment = environmentOf(test);
  const program = compile(original.expr, { declarations: environment, unchecked: original.disableCheck });
  const matcher = original.resultMatcher;
  if (Array.isArray(program)) {
    if (matcher.case === "evalError" || matcher.case === "anyEvalErrors") return undefined;
    return `does not compile: ${formatErrors(original.expr, program)}`;
  }
  const deduced = matcher.case === "typedResult" ? matcher.value.deducedType : undefined;
  if (deduced !== undefined) {
    const wanted = formatType(fromProtoType(deduced));
    if (formatType(program.type) !== wanted) return `type is ${formatType(program.type)}, wanted ${wanted}`;
  }
  if (original.checkOnly) return undefined;
  const bindings = new Map(
    Object.entries(original.bindings).map(([name, binding]) => [name, bound(binding)]),
  );
  const result = program.evaluate(bindings, { costLimit: Number.POSITIVE_INFINITY });
  if (matcher.case === "evalError" || matcher.case === "anyEvalErrors") {
    return result.ok ? `gave ${describe(result.value)}, wanted an error` : undefined;
  }
  if (!result.ok) return `failed: ${result.error.message}`;
  const wanted =
    matcher.case === "typedResult"
      ? fromProtoValue(matcher.value.result)
      : matcher.case === "value"
        ? fromProtoValue(matcher.value)
        : true;
  return same(result.value, adapt(wanted))
    ? undefined
    : `gave ${describe(result.value)}, wanted ${describe(adapt(wanted))}`;
}

/** The first thing wrong with a case; undefined when it passes. */
function problemOf({ test }: Case, suite: string): string | undefined {
  if (suite === "conformance") {
    return (
      (blockMacros.test(test.original.expr) ? undefined : (astProblem(test) ?? checkedProblem(test))) ??
      evaluationProblem(test)
    );
  }
  if (suite === "comprehensions") return astProblem(test) ?? checkedProblem(test) ?? twoVariableProblem(test);
  const failure = astProblem(test) ?? checkedProblem(test);
  if (failure !== undefined || test.ast !== undefined) return failure;
  const parsed = parse(test.original.expr, parseOptions(test));
  return Array.isArray(parsed) ? undefined : "parses, wanted a syntax error";
}

/** With its own macros, each case of the comprehension suite is true, or refused where cel-go refuses it. */
function twoVariableProblem(test: IncrementalTest): string | undefined {
  const program = compile(test.original.expr, { declarations: environmentOf(test) });
  if (Array.isArray(program)) return undefined;
  const result = program.evaluate({});
  return result.ok && result.value === false ? `gave ${describe(result.value)}, wanted true` : undefined;
}

/** Runs every suite of the CEL specification; cases that need protobuf messages are excluded by name. */
export async function run(): Promise<ConformanceReport> {
  const report: ConformanceReport = { engine: "cel", passed: 0, total: 0, failures: [], excluded: [] };
  let passed = 0;
  let total = 0;
  for (const suite of [
    getConformanceSuite(),
    getParsingSuite(),
    getCheckingSuite(),
    getComprehensionSuite(),
  ]) {
    for (const item of casesOf(suite, suite.name)) {
      const reason = exclusion(item, suite.name);
      if (reason !== undefined) {
        report.excluded.push({ name: item.name, reason });
        continue;
      }
      total += 1;
      const failure = problemOf(item, suite.name);
      if (failure === undefined) passed += 1;
      else report.failures.push({ name: item.name, reason: failure });
    }
  }
  return { ...report, passed, total };
}
