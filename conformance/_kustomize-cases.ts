import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type BuildOptions, build, diskTree, KustomizeError, toYaml } from "@capstan/kustomize";
import { findHelm, helmInflator } from "./_kustomize-helm.js";

/** What one run of an engine's cases says. */
export interface ConformanceResult {
  engine: string;
  passed: number;
  total: number;
  failures: { name: string; reason: string }[];
  note?: string;
}

/** A kustomization and what the real tool makes of it. */
export interface Case {
  readonly name: string;
  readonly input: string;
  readonly directory: string;
  readonly options: BuildOptions;
  /** Undefined: it must fail. */
  readonly output: string | undefined;
  /** Text of the real error. */
  readonly error: string | undefined;
}

/**
 * Cases of a directory: each has `input/`, and either an expected output or an expected error.
 * `run-dir` names the directory to build; `options.json` or `meta.json` may lift the load restrictor.
 */
export function readCases(directory: string): Case[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .filter((name) => existsSync(join(directory, name, "input")))
    .flatMap((name) => casesOf(join(directory, name), name));
}

function casesOf(folder: string, name: string): Case[] {
  const optional = (file: string): string | undefined => {
    const path = join(folder, file);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  };
  const directory = (optional("run-dir") ?? ".").trim();
  const meta = optional("meta.json") ?? optional("options.json") ?? "{}";
  const loadRestrictor = meta.includes("LoadRestrictionsNone") ? "none" : "rootOnly";
  const input = join(folder, "input");
  const helm = findHelm();
  const needsHelm = /"helm": ?true/.test(meta);
  if (needsHelm && helm === undefined) return [];
  const inflator = needsHelm && helm !== undefined ? { inflateHelmChart: helmInflator(helm, input) } : {};
  const error = optional("oracle_error.txt") ?? optional("error.txt");
  const base = { input, directory, error };
  if (error !== undefined) {
    return [{ ...base, name, options: { loadRestrictor, ...inflator }, output: undefined }];
  }
  const legacy = optional("oracle_output.yaml") ?? optional("expected.yaml");
  const fifo = optional("oracle_fifo.yaml");
  const cases: Case[] = [{ ...base, name, options: { loadRestrictor, ...inflator }, output: legacy ?? "" }];
  if (fifo !== undefined) {
    cases.push({
      ...base,
      name: `${name} (fifo)`,
      options: { loadRestrictor, ...inflator, reorder: "none" },
      output: fifo,
    });
  }
  return cases;
}

/** Builds a case; returns why it fails, undefined where it does as the real tool does. */
export async function check(test: Case): Promise<string | undefined> {
  let output: string;
  try {
    const result = await build(diskTree(test.input), test.directory, test.options);
    output = toYaml(result.resources);
  } catch (error) {
    if (!(error instanceof KustomizeError)) return `threw ${String(error)}`;
    if (test.output !== undefined) return `failed: ${error.message}`;
    return sameClass(error.message, test.error ?? "") ? undefined : `another error: ${error.message}`;
  }
  if (test.output === undefined) return `succeeded, should fail: ${test.error}`;
  return output === test.output ? undefined : firstDifference(output, test.output);
}

/** Errors are the same where most of the words of the real one's last part are there. */
export function sameClass(ours: string, theirs: string): boolean {
  const words = (text: string): string[] =>
    text
      .replace(/\/[\w./@-]+/g, " ")
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word.length > 2);
  const said = new Set(words(ours));
  const wanted = words(essence(theirs));
  const found = wanted.filter((word) => said.has(word)).length;
  return wanted.length === 0 || found / wanted.length >= 0.5;
}

/** An error without warnings before it, and without the dumps of objects and configurations in it. */
function essence(text: string): string {
  const start = text.search(/^(error|panic): /m);
  const told = (start < 0 ? text : text.slice(start + 7)).replace(/with config: `[^`]*`/g, "");
  const dump = told.lastIndexOf("}: ");
  if (told.startsWith("map[") && dump >= 0) return told.slice(dump + 3);
  return told.split(/\n\n|\[\{|&\{/)[0] ?? "";
}

export function firstDifference(ours: string, theirs: string): string {
  const left = ours.split("\n");
  const right = theirs.split("\n");
  const at = left.findIndex((line, index) => line !== right[index]);
  const line = at < 0 ? left.length : at;
  return `line ${line + 1}: got ${JSON.stringify(left[line])}, want ${JSON.stringify(right[line])}`;
}

export async function runCases(engine: string, cases: readonly Case[]): Promise<ConformanceResult> {
  const failures: { name: string; reason: string }[] = [];
  for (const test of cases) {
    const reason = await check(test);
    if (reason !== undefined) failures.push({ name: test.name, reason });
  }
  return { engine, passed: cases.length - failures.length, total: cases.length, failures };
}
