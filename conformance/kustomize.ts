import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type ConformanceResult, readCases, runCases } from "./_kustomize-cases.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Compares with outputs of the real tool: our own cases, and those kept beside the repository. */
export async function run(options: { directory?: string } = {}): Promise<ConformanceResult> {
  const shared =
    options.directory ?? process.env["CAPSTAN_CONFORMANCE"] ?? join(root, "../shared/conformance");
  const cases = [
    ...readCases(join(root, "packages/kustomize/testdata/cases")),
    ...readCases(join(shared, "kustomize/unit")),
  ];
  const result = await runCases("kustomize", cases);
  return cases.length > 0 ? result : { ...result, note: "skipped: no cases" };
}
