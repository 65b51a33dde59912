import { type Health, type KubeObject, parseApiVersion } from "@capstan/kube";
import type { KustomizationSpec } from "../kustomization/resource.js";
import { CelProblem, compileExpression, evaluateBoolean, parseExpression } from "./cel.js";

/** The health expressions of one group or kind. */
export type HealthExpressions = NonNullable<KustomizationSpec["healthCheckExprs"]>[number];

/** What is wrong with the expressions of a spec; `undefined` where they can be used. */
export function validateExpressions(object: {
  readonly spec: Pick<KustomizationSpec, "healthCheckExprs">;
}): string | undefined {
  try {
    for (const expressions of object.spec.healthCheckExprs ?? []) {
      for (const text of [expressions.current, expressions.failed, expressions.inProgress]) {
        if (text !== undefined && text !== "") parseExpression(text);
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof CelProblem) return error.message;
    throw error;
  }
}

/** The expressions that tell the health of a kind: those of its group, for its kind or for any. */
export function expressionsFor(
  all: readonly HealthExpressions[] | undefined,
  type: { readonly apiVersion: string; readonly kind: string },
): HealthExpressions | undefined {
  const { group } = parseApiVersion(type.apiVersion);
  return all?.find(
    ({ apiVersion, kind }) =>
      parseApiVersion(apiVersion).group === group &&
      (kind === undefined || kind === "" || kind === type.kind),
  );
}

/** Health by expressions: in progress, failed and current are asked in this order; else in progress. */
export function evaluateHealth(object: KubeObject, expressions: HealthExpressions): Health {
  const { generation } = object.metadata;
  const status = object["status"];
  const observed =
    typeof status === "object" && status !== null && "observedGeneration" in status
      ? status.observedGeneration
      : undefined;
  if (typeof observed === "number" && observed !== generation) return { status: "InProgress", message: "" };
  const questions = [
    [expressions.inProgress, "InProgress"],
    [expressions.failed, "Failed"],
    [expressions.current, "Current"],
  ] as const;
  for (const [text, answer] of questions) {
    if (text === undefined || text === "") continue;
    // An object that has no status yet has made no progress.
    if (status === undefined) return { status: "InProgress", message: "" };
    if (evaluateBoolean(parseExpression(text), object)) return { status: answer, message: "" };
  }
  return { status: "InProgress", message: "" };
}

/** Whether a dependency is ready by its `readyExpr`; throws `CelProblem` where that does not compile. */
export function evaluateReadyExpr(expression: string, self: KubeObject, dep: KubeObject): boolean {
  let program: ReturnType<typeof compileExpression>;
  try {
    program = compileExpression(expression, ["self", "dep"]);
  } catch (error) {
    if (!(error instanceof CelProblem)) throw error;
    throw new CelProblem(`failed to evaluate dependency ${dep.metadata.name}: ${error.message}`, {
      cause: error,
    });
  }
  const result = program.evaluate({ self, dep });
  return result.ok && result.value === true;
}
