import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import {
  type Chart,
  ChartError,
  loadArchive,
  loadChart,
  mergeValues,
  parseValues,
  RenderError,
  type RenderResult,
  renderChart,
  setFileValues,
  setJsonValues,
  setLiteralValue,
  setValues,
  templateOutput,
} from "@capstan/helm";
import { diskTree } from "@capstan/kustomize";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { chartFilesIn } from "../rehearsal/chart-files.js";
import { statIfThere } from "../stat-if-there.js";

/** The flags of `helm template` that do not reach for a repository. */
export interface TemplateOptions {
  readonly values?: readonly string[];
  readonly set?: readonly string[];
  readonly setString?: readonly string[];
  readonly setJson?: readonly string[];
  readonly setFile?: readonly string[];
  readonly setLiteral?: readonly string[];
  readonly namespace?: string;
  readonly includeCrds?: boolean;
  readonly hooks?: boolean;
  readonly skipTests?: boolean;
  readonly isUpgrade?: boolean;
  readonly kubeVersion?: string;
  readonly apiVersions?: readonly string[];
  readonly skipSchemaValidation?: boolean;
  readonly showOnly?: readonly string[];
}

/** `capstan template [NAME] CHART`: prints what `helm template` prints, in process. */
export async function template(words: readonly string[], options: TemplateOptions, io: Io): Promise<void> {
  const [name, path] = words.length === 1 ? ["release-name", words[0]] : words;
  if (name === undefined || path === undefined || words.length > 2) {
    throw new CommandError("template takes a chart, or a name and a chart", exitCode.usage);
  }
  try {
    const chart = await readChart(path);
    const { namespace = "default", kubeVersion, isUpgrade = false } = options;
    const result = renderChart(chart, {
      releaseName: name,
      namespace,
      values: await readValues(options),
      isUpgrade,
      ...(kubeVersion === undefined ? {} : { kubeVersion }),
      apiVersions: (options.apiVersions ?? []).flatMap((list) => list.split(",")),
      skipSchemaValidation: options.skipSchemaValidation === true,
      clock: io.clock,
      random: io.random,
    });
    for (const line of logged(result)) io.err(`${line}\n`);
    io.out(printed(result, options));
  } catch (error) {
    if (!(error instanceof ChartError || error instanceof RenderError)) throw error;
    throw new CommandError(error.message, exitCode.failure, { cause: error });
  }
}

/** What Helm logs, and templates that are not the same twice. */
function logged({ warnings, unstable }: RenderResult): string[] {
  return [
    ...warnings.map(({ level, message }) => `level=${level.toUpperCase()} msg=${JSON.stringify(message)}`),
    ...unstable.map(
      ({ template, functions }) =>
        `level=WARN msg="renders differently each time" template=${template} functions=${functions.join(",")}`,
    ),
  ];
}

async function readChart(path: string): Promise<Chart> {
  const found = await statIfThere(path);
  if (found === undefined) throw new CommandError(`path ${JSON.stringify(path)} not found`);
  if (found.isFile()) return loadArchive(await readFile(path));
  return loadChart(chartFilesIn(diskTree("/"), resolve(path)));
}

/** Files first, then single values in the order of Helm: JSON, typed, text, files, literals. */
async function readValues(options: TemplateOptions): Promise<Record<string, unknown>> {
  let values: Record<string, unknown> = {};
  for (const file of (options.values ?? []).flatMap((list) => list.split(","))) {
    values = mergeValues(values, parseValues(await readText(file), `failed to parse ${file}: `));
  }
  for (const text of options.setJson ?? []) values = setJsonValues(values, text);
  for (const text of options.set ?? []) values = setValues(values, text, "typed", { integers: "bigint" });
  for (const text of options.setString ?? []) values = setValues(values, text, "string");
  for (const text of options.setFile ?? []) values = setFileValues(values, text, readTextNow);
  for (const text of options.setLiteral ?? []) values = setLiteralValue(values, text);
  return values;
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

function readTextNow(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): CommandError {
  const code = (error as NodeJS.ErrnoException).code ?? "failed";
  return new CommandError(`open ${file}: ${code}`, exitCode.failure, { cause: error });
}

function printed(result: RenderResult, options: TemplateOptions): string {
  const { includeCrds = false, hooks = true, skipTests = false, showOnly = [] } = options;
  if (showOnly.length === 0) return templateOutput(result, { includeCrds, noHooks: !hooks, skipTests });
  const shown = [
    ...(includeCrds ? result.crds : []),
    ...result.manifests,
    ...(hooks ? result.hooks.filter((hook) => !(skipTests && hook.events.includes("test"))) : []),
  ];
  return showOnly
    .flatMap((pattern) => {
      const matching = shown.filter(({ path }) => matches(pattern, path.split("/").slice(1).join("/")));
      if (matching.length === 0) throw new CommandError(`could not find template ${pattern} in chart`);
      return matching.map(({ path, text }) => `---\n# Source: ${path}\n${text}\n`);
    })
    .join("");
}

/** `*` and `?` within one segment of a path. */
function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split("/");
  const parts = path.split("/");
  return (
    wanted.length === parts.length && wanted.every((part, index) => segmentMatches(part, parts[index] ?? ""))
  );
}

function segmentMatches(pattern: string, text: string): boolean {
  const [first] = pattern;
  if (first === undefined) return text === "";
  const rest = pattern.slice(1);
  if (first === "*") {
    for (let at = 0; at <= text.length; at += 1) if (segmentMatches(rest, text.slice(at))) return true;
    return false;
  }
  return text !== "" && (first === "?" || first === text[0]) && segmentMatches(rest, text.slice(1));
}
