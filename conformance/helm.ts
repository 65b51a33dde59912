import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chartCases, failureCases } from "./_helm-charts.js";
import { expressionCases } from "./_helm-expressions.js";

const defaultCases = fileURLToPath(new URL("../../shared/conformance", import.meta.url));

export interface HelmReport {
  readonly engine: string;
  readonly passed: number;
  readonly total: number;
  readonly failures: { readonly name: string; readonly reason: string }[];
  readonly note?: string;
}

/**
 * Compares with what the real helm printed: single templates, and whole charts where
 * `charts` (or CONFORMANCE_CHARTS) names a directory with one unpacked repository each.
 */
export async function run(options: { cases?: string; charts?: string } = {}): Promise<HelmReport> {
  const folder = `${options.cases ?? process.env["CAPSTAN_CONFORMANCE"] ?? defaultCases}/helm`;
  if (!existsSync(folder)) return { engine: "helm", passed: 0, total: 0, failures: [], note: "no cases" };
  const charts = options.charts ?? process.env["CONFORMANCE_CHARTS"];
  const helm = process.env["CAPSTAN_HELM"];
  const cases = [
    ...expressionCases(`${folder}/template-expressions.jsonl`),
    ...(charts === undefined
      ? []
      : [
          ...chartCases(`${folder}/charts.jsonl`, charts, helm),
          ...failureCases(`${folder}/failures.jsonl`, charts, helm),
        ]),
  ];
  const failures: { name: string; reason: string }[] = [];
  for (const { name, problem } of cases) {
    const reason = attempt(problem);
    if (reason !== undefined) failures.push({ name, reason });
  }
  return { engine: "helm", passed: cases.length - failures.length, total: cases.length, failures };
}

function attempt(problem: () => string | undefined): string | undefined {
  try {
    return problem();
  } catch (error) {
    return `threw ${error instanceof Error ? error.message : String(error)}`;
  }
}
