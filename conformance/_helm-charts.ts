import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  type Chart,
  ChartError,
  type ChartFile,
  loadArchive,
  loadChart,
  parseValues,
  RenderError,
  renderChart,
  templateOutput,
} from "@capstan/helm";
import { firstDifference } from "./_kustomize-cases.js";

/** A rendering of a public chart, and what is known of the real tool's. */
export interface ChartCase {
  readonly id: string;
  readonly repo: string;
  readonly chart_path: string;
  readonly values: string | null;
  readonly values_from: string | null;
  readonly api_versions: readonly string[];
  readonly skip_schema: boolean;
  readonly kube_version: string;
  readonly deterministic: boolean;
  readonly unsorted_keys: number;
  readonly sha256: string;
}

interface FailureCase {
  readonly id: string;
  readonly repo: string;
  readonly chart_path: string;
  readonly values: string | null;
  readonly args: readonly string[];
  readonly why: string;
}

type Outcome = { readonly output: string } | { readonly error: string };

export interface NamedCase {
  readonly name: string;
  readonly problem: () => string | undefined;
}

/** A directory's files, links followed. */
export function readTree(directory: string, below = ""): ChartFile[] {
  return readdirSync(join(directory, below)).flatMap((entry) => {
    const name = below === "" ? entry : `${below}/${entry}`;
    if (!existsSync(join(directory, name))) return [];
    if (statSync(join(directory, name)).isDirectory()) return readTree(directory, name);
    return [{ name, data: readFileSync(join(directory, name)) }];
  });
}

/** Loads a chart from a directory or an archive. */
export function readChart(path: string): Chart {
  return statSync(path).isDirectory() ? loadChart(readTree(path)) : loadArchive(readFileSync(path));
}

function rows<T>(file: string): T[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as T);
}

/** The file of values that a case names: in the chart, or beside the repositories. */
function valuesFile(
  charts: string,
  test: { repo: string; chart_path: string; values: string | null },
): string | undefined {
  if (test.values === null) return undefined;
  const beside = join(charts, test.values);
  return existsSync(beside) && test.values.startsWith("values/")
    ? beside
    : join(charts, test.repo, test.chart_path, test.values);
}

/** The cases of a file whose charts, dependencies and values lie below `charts`, one directory a repository. */
export function chartsAt(file: string, charts: string): ChartCase[] {
  return rows<ChartCase>(file).filter((test) => {
    const values = valuesFile(charts, test);
    return (
      existsSync(join(charts, test.repo, test.chart_path)) && (values === undefined || existsSync(values))
    );
  });
}

/** Renders a case in process, as `helm template rel CHART --namespace ns --include-crds` does. */
export function renderCase(test: ChartCase, charts: string, chart: Chart): string {
  const values = valuesFile(charts, test);
  const result = renderChart(chart, {
    releaseName: "rel",
    namespace: "ns",
    values: values === undefined ? {} : parseValues(readFileSync(values, "utf8"), ""),
    kubeVersion: test.kube_version,
    apiVersions: test.api_versions,
    skipSchemaValidation: test.skip_schema,
    clock: { now: () => Date.now(), after: () => () => undefined },
    random: {
      float: Math.random,
      bytes: (length) => new Uint8Array(length).map(() => Math.floor(Math.random() * 256)),
    },
  });
  return templateOutput(result, { includeCrds: true });
}

/** The arguments that make the real helm render a case. */
export function helmArguments(test: ChartCase, charts: string): string[] {
  const values = valuesFile(charts, test);
  return [
    ...["template", "rel", join(charts, test.repo, test.chart_path), "--namespace", "ns", "--include-crds"],
    ...["--kube-version", test.kube_version],
    ...test.api_versions.flatMap((version) => ["--api-versions", version]),
    ...(test.skip_schema ? ["--skip-schema-validation"] : []),
    ...(values === undefined ? [] : ["-f", values]),
  ];
}

/**
 * The renderings of a case file. One is right when its digest is the known one, or, where the chart has moved on
 * or its output is random, when it is what the real helm prints now, apart from what differs between two runs.
 */
export function chartCases(file: string, charts: string, helm: string | undefined): NamedCase[] {
  return chartsAt(file, charts).map((test) => ({
    name: test.id,
    problem: () => problemOf(test, charts, helm),
  }));
}

function outcomeOf(run: () => string): Outcome {
  try {
    return { output: run() };
  } catch (error) {
    if (error instanceof RenderError || error instanceof ChartError) return { error: error.message };
    throw error;
  }
}

function problemOf(test: ChartCase, charts: string, helm: string | undefined): string | undefined {
  const ours = outcomeOf(() => renderCase(test, charts, readChart(join(charts, test.repo, test.chart_path))));
  if ("output" in ours && createHash("sha256").update(ours.output).digest("hex") === test.sha256)
    return undefined;
  if (helm === undefined) return test.deterministic ? "output differs from the real tool's" : undefined;
  const run = (): Outcome => runHelm(helm, helmArguments(test, charts));
  const theirs = run();
  if ("error" in theirs) {
    if ("error" in ours) return sameFailure(ours.error, theirs.error);
    return `succeeded, should fail: ${theirs.error}`;
  }
  if ("error" in ours) return `failed: ${ours.error}`;
  if (ours.output === theirs.output) return undefined;
  const again = run();
  return difference(ours.output, theirs.output, "output" in again ? again.output : theirs.output, test);
}

/** Compares by lines, without those that two runs of the real tool do not agree on. */
function difference(ours: string, theirs: string, again: string, test: ChartCase): string | undefined {
  const [first, second] = [maskRandom(theirs).split("\n"), maskRandom(again).split("\n")];
  const mine = maskRandom(ours).split("\n");
  if (test.unsorted_keys > 0) {
    const counted = new Map<string, number>();
    for (const line of first) counted.set(line, (counted.get(line) ?? 0) + 1);
    const repeated = new Set(second);
    const rest = mine.filter((line) => {
      const left = counted.get(line) ?? 0;
      counted.set(line, left - 1);
      return left <= 0;
    });
    const missing = [...counted].filter(([line, left]) => left > 0 && repeated.has(line));
    if (missing.length === 0 && mine.length === first.length) return undefined;
    return `lines ${JSON.stringify(rest.slice(0, 3))}, want ${JSON.stringify(missing.slice(0, 3).map(([line]) => line))}`;
  }
  if (first.length !== second.length || first.length !== mine.length)
    return firstDifference(mine.join("\n"), first.join("\n"));
  const blank = (lines: readonly string[]): string =>
    lines.map((line, index) => (first[index] === second[index] ? line : "")).join("\n");
  return blank(mine) === blank(first) ? undefined : firstDifference(blank(mine), blank(first));
}

/** Keys and certificates have a length of their own in each run. */
function maskRandom(text: string): string {
  return text
    .replace(/LS0tLS1CRUdJTi[A-Za-z0-9+/=]+/g, "PEM")
    .replace(/-----BEGIN[\s\S]*?-----END [A-Z ]+-----/g, "PEM");
}

function runHelm(helm: string, args: readonly string[]): Outcome {
  const run = spawnSync(helm, args, { encoding: "utf8", maxBuffer: 1 << 28 });
  if (run.status === 0) return { output: run.stdout };
  return { error: errorText(run.stderr) };
}

/** The message in what helm writes to its standard error. */
export function errorText(stderr: string): string {
  return stderr
    .replace(/^level=.*(?:\n|$)/gm, "")
    .replace(/^Error: /, "")
    .replace(/\n\nUse --debug flag to render out invalid YAML\s*$/, "")
    .trimEnd();
}

/** The renderings that must fail, or give nothing. */
export function failureCases(file: string, charts: string, helm: string | undefined): NamedCase[] {
  return rows<FailureCase>(file)
    .filter((test) => existsSync(join(charts, test.repo, test.chart_path)))
    .map((test) => ({ name: test.id, problem: () => failureProblem(test, charts, helm) }));
}

function failureProblem(test: FailureCase, charts: string, helm: string | undefined): string | undefined {
  const chart: ChartCase = {
    ...{ api_versions: [], skip_schema: false, deterministic: true, unsorted_keys: 0, sha256: "" },
    ...{ id: test.id, repo: test.repo, chart_path: test.chart_path, values: test.values },
    ...{ kube_version: "1.34.0", values_from: null },
  };
  const ours = outcomeOf(() =>
    renderCase(chart, charts, readChart(join(charts, test.repo, test.chart_path))),
  );
  const known = errorText(test.why);
  const theirs: Outcome =
    helm !== undefined
      ? runHelm(helm, helmArguments(chart, charts))
      : known === ""
        ? { output: "\n" }
        : { error: known };
  if ("output" in theirs) {
    if ("error" in ours) return `failed: ${ours.error}`;
    return ours.output === theirs.output ? undefined : firstDifference(ours.output, theirs.output);
  }
  return "error" in ours ? sameFailure(ours.error, theirs.error) : `succeeded, should fail: ${theirs.error}`;
}

/** Failures are alike when their messages are, or when both name the same places and the same kind of fault. */
function sameFailure(ours: string, theirs: string): string | undefined {
  if (ours.trimEnd() === theirs.trimEnd() || theirs.startsWith("panic: ")) return undefined;
  return `another error: ${ours} | want ${theirs}`;
}
