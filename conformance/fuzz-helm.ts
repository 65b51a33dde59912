import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ChartError, loadChart, RenderError, renderChart } from "@capstan/helm";
import { ensurePeers } from "../scripts/peers.mjs";
import { type RandomTemplate, randomTemplate } from "./_helm-random.js";
import { type ConformanceResult, firstDifference } from "./_kustomize-cases.js";

const BATCH = 80;

export interface FuzzOptions {
  /** How long to go on. */
  readonly seconds?: number;
  /** The first seed; each template has its own, counted from here. */
  readonly seed?: number;
  /** Whether only the first seed is tried: repeats a failure. */
  readonly only?: boolean;
  /** Where templates that come out differently are kept. */
  readonly keep?: string;
  readonly onFailure?: (failure: { readonly name: string; readonly reason: string }) => void;
  readonly onProgress?: (tried: number) => void;
}

interface Case {
  readonly seed: number;
  readonly name: string;
  readonly template: RandomTemplate;
}

/** What a tool made of a chart: the manifest, or the error. */
type Outcome = { readonly output: string } | { readonly error: string };

/**
 * Composes random templates and values and compares what comes out with what the real `helm template` prints.
 * Those that render are compared many to a chart, those that fail one by one. A failure's name is the seed that
 * repeats it.
 */
export async function run(options: FuzzOptions = {}): Promise<ConformanceResult> {
  const { helm } = await ensurePeers();
  const folder = mkdtempSync(join(tmpdir(), "capstan-fuzz-"));
  const end = Date.now() + (options.seconds ?? 60) * 1000;
  const result: ConformanceResult = { engine: "fuzz-helm", passed: 0, total: 0, failures: [] };
  const check = async (cases: readonly Case[]): Promise<void> => {
    for (const { test, reason } of await compare(cases, join(folder, "chart"), helm)) {
      result.total++;
      if (reason === undefined) {
        result.passed++;
        continue;
      }
      const failure = { name: String(test.seed), reason };
      result.failures.push(failure);
      options.onFailure?.(failure);
      if (options.keep !== undefined) writeChart(join(options.keep, String(test.seed)), [test]);
    }
  };
  try {
    for (let seed = options.seed ?? Date.now() % 2 ** 31; Date.now() < end; seed += BATCH) {
      options.onProgress?.(result.total);
      await check(
        Array.from({ length: options.only === true ? 1 : BATCH }, (_, index) => caseOf(seed + index)),
      );
      if (options.only === true) break;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return result;
}

function caseOf(seed: number): Case {
  const name = `c${seed}`;
  return { seed, name, template: randomTemplate(seed, name) };
}

/** The files of a chart whose every template shows the text of one case. */
function chartFiles(cases: readonly Case[]): Map<string, string> {
  const files = new Map([["Chart.yaml", "apiVersion: v2\nname: fuzz\nversion: 1.0.0\n"]]);
  files.set(
    "values.yaml",
    JSON.stringify(Object.fromEntries(cases.map(({ name, template }) => [name, template.values]))),
  );
  for (const { name, template } of cases) {
    files.set(
      `templates/_${name}.tpl`,
      `${template.definition}{{ define "${name}" }}${template.body}{{ end }}`,
    );
    files.set(`templates/${name}.yaml`, `case: {{ include "${name}" .Values.${name} | toJson }}\n`);
  }
  return files;
}

function writeChart(folder: string, cases: readonly Case[]): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of chartFiles(cases)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

async function compare(
  cases: readonly Case[],
  folder: string,
  helm: string,
): Promise<{ test: Case; reason: string | undefined }[]> {
  const ours = new Map(cases.map((test) => [test, renderHere([test])]));
  const verdicts: { test: Case; reason: string | undefined }[] = [];
  let rendering = cases.filter((test) => "output" in (ours.get(test) ?? {}));
  while (rendering.length > 0) {
    writeChart(folder, rendering);
    const theirs = await renderThere(helm, folder);
    if ("output" in theirs) {
      const documents = bySource(theirs.output);
      for (const test of rendering)
        verdicts.push({
          test,
          reason: difference(ours.get(test), { output: documents.get(test.name) ?? "" }),
        });
      break;
    }
    const culprit =
      rendering.find(({ name }) => new RegExp(`\\b_?${name}\\b`).test(theirs.error)) ?? rendering[0];
    if (culprit === undefined) break;
    writeChart(folder, [culprit]);
    verdicts.push({
      test: culprit,
      reason: difference(ours.get(culprit), await renderAlone(helm, folder, culprit)),
    });
    rendering = rendering.filter((test) => test !== culprit);
  }
  for (const test of cases.filter((test) => "error" in (ours.get(test) ?? {}))) {
    writeChart(folder, [test]);
    verdicts.push({ test, reason: difference(ours.get(test), await renderAlone(helm, folder, test)) });
  }
  return verdicts;
}

async function renderAlone(helm: string, folder: string, test: Case): Promise<Outcome> {
  const outcome = await renderThere(helm, folder);
  return "output" in outcome ? { output: bySource(outcome.output).get(test.name) ?? "" } : outcome;
}

function difference(ours: Outcome | undefined, theirs: Outcome): string | undefined {
  if (ours === undefined) return "not rendered";
  // The real tool was ended before it came to an end.
  if ("error" in theirs && theirs.error === "") return undefined;
  if ("error" in ours) {
    if ("output" in theirs) return `failed: ${ours.error}`;
    if (crashed(ours.error) && crashed(theirs.error)) return undefined;
    return ours.error.trimEnd() === theirs.error
      ? undefined
      : `another error: ${ours.error} | want ${theirs.error}`;
  }
  if ("error" in theirs) return `succeeded, should fail: ${theirs.error}`;
  return withoutTimes(ours.output) === withoutTimes(theirs.output)
    ? undefined
    : firstDifference(ours.output, theirs.output);
}

/** What is no time is printed as now, which moves on. */
function withoutTimes(text: string): string {
  return text.replace(/\d\d:\d\d:\d\d(?:\.\d+)?/g, "TIME");
}

/** A template without end: the real tool dies of it, here the budget ends it. */
function crashed(error: string): boolean {
  return /stack overflow|goroutine stack exceeds|Maximum call stack|nested too deeply/.test(error);
}

/** The documents of a printed manifest, by the name of the case that their source names. */
function bySource(output: string): Map<string, string> {
  const documents = new Map<string, string>();
  for (const part of output.split(/^---\n# Source: fuzz\/templates\//m).slice(1)) {
    const line = part.indexOf("\n");
    documents.set(part.slice(0, line).replace(/\.yaml$/, ""), part.slice(line + 1).trimEnd());
  }
  return documents;
}

function renderHere(cases: readonly Case[]): Outcome {
  const files = [...chartFiles(cases)].map(([name, text]) => ({ name, data: Buffer.from(text) }));
  try {
    const { manifests } = renderChart(loadChart(files), {
      releaseName: "r",
      namespace: "default",
      clock: { now: () => Date.now(), after: () => () => undefined },
      random: { float: Math.random, bytes: (length) => new Uint8Array(length) },
    });
    return { output: manifests.map(({ text }) => text).join("\n") };
  } catch (error) {
    if (error instanceof RenderError || error instanceof ChartError) return { error: error.message };
    return { error: `unexpected: ${error instanceof Error ? error.stack : String(error)}` };
  }
}

function renderThere(helm: string, folder: string): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      helm,
      ["template", "r", folder, "--namespace", "default"],
      { maxBuffer: 1 << 28, timeout: 60_000 },
      (failure, stdout, stderr) => {
        const error = stderr
          .replace(/^level=.*\n/gm, "")
          .replace(/^Error: /, "")
          .replace(/\n\nUse --debug flag to render out invalid YAML\s*$/, "")
          .trimEnd();
        resolve(failure === null ? { output: stdout } : { error });
      },
    );
  });
}
