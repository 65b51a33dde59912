import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type ChartFile, loadChart, parseValues, renderChart, templateOutput } from "../index.js";

interface ChartCase {
  readonly id: string;
  readonly repo: string;
  readonly chart_path: string;
  readonly values: string | null;
  readonly values_from: string | null;
  readonly api_versions: readonly string[];
  readonly kube_version: string;
  readonly deterministic: boolean;
  readonly deps_staged: readonly unknown[];
  readonly sha256: string;
}

/** A directory's files, links followed. */
export function readTree(directory: string, below = ""): ChartFile[] {
  return readdirSync(join(directory, below)).flatMap((entry) => {
    const name = below === "" ? entry : `${below}/${entry}`;
    if (statSync(join(directory, name)).isDirectory()) return readTree(directory, name);
    return [{ name, data: readFileSync(join(directory, name)) }];
  });
}

/** The renders of a case file whose charts are unpacked below `charts`, one directory a repository. */
export function chartCases(
  file: string,
  charts: string,
): { name: string; problem: () => string | undefined }[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ChartCase)
    .filter((test) => test.deps_staged.length === 0 && (test.values === null || test.values_from === "chart"))
    .filter((test) => existsSync(join(charts, test.repo, test.chart_path)))
    .map((test) => ({
      name: test.id,
      problem: () => problemOf(test, join(charts, test.repo, test.chart_path)),
    }));
}

function problemOf(test: ChartCase, directory: string): string | undefined {
  const values =
    test.values === null ? {} : parseValues(readFileSync(join(directory, test.values), "utf8"), "");
  const result = renderChart(loadChart(readTree(directory)), {
    releaseName: "rel",
    namespace: "ns",
    values,
    kubeVersion: test.kube_version,
    apiVersions: test.api_versions,
    clock: { now: () => 1_700_000_000_000, after: () => () => undefined },
    random: { float: () => 0.5, bytes: (length) => new Uint8Array(length).map((_, index) => index * 37 + 1) },
  });
  const output = templateOutput(result, { includeCrds: true });
  const same = createHash("sha256").update(output).digest("hex") === test.sha256;
  return same || !test.deterministic ? undefined : "output differs from the real tool's";
}
