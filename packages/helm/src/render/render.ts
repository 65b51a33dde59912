import { type Clock, parseVersion, type Random, satisfies, VersionError } from "@capstan/kube";
import { type ActiveChart, activate, checkDependencies } from "../chart/active.js";
import { type Chart, ChartError } from "../chart/chart.js";
import { coalesceValues } from "../chart/coalesce.js";
import { fileText } from "../chart/load.js";
import { type ChartWarning, WarningLog } from "../chart/warning.js";
import { validateValues } from "../schema/values-schema.js";
import type { RenderLimits } from "../template/budget.js";
import { Engine, type LookupPort } from "../template/engine.js";
import { TemplateError } from "../template/error.js";
import { RenderError, renderError } from "../template/report.js";
import type { UnstableTemplate } from "../template/unstable.js";
import { compareBytes, fromPlain, GoInt, GoMap, toPlain } from "../value/go-value.js";
import { capabilities, defaultApiVersions, defaultKubeVersion } from "./capabilities.js";
import { collectTemplates, type Renderable } from "./context.js";
import type { Hook } from "./hook.js";
import { type Manifest, sortManifests } from "./manifest.js";

export interface RenderOptions {
  readonly releaseName: string;
  readonly namespace: string;
  /** The user's values, plain data; null removes a default. */
  readonly values?: Readonly<Record<string, unknown>>;
  /** Default 1. */
  readonly revision?: number;
  readonly isUpgrade?: boolean;
  /** Default `v1.35.0`. */
  readonly kubeVersion?: string;
  /** API versions beside the built-in ones; with `onlyApiVersions` instead of them. */
  readonly apiVersions?: readonly string[];
  readonly onlyApiVersions?: boolean;
  readonly lookup?: LookupPort;
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: RenderLimits;
  /** Whether a pre-release part of the version counts for the chart's kubeVersion, as it does on a cluster. */
  readonly strictKubeVersion?: boolean;
  /** Whether values.schema.json is left aside. */
  readonly skipSchemaValidation?: boolean;
}

/** A custom resource definition of a chart's crds/. */
export interface CrdFile {
  readonly path: string;
  readonly text: string;
}

export interface RenderResult {
  /** In install order. */
  readonly manifests: readonly Manifest[];
  readonly hooks: readonly Hook[];
  readonly crds: readonly CrdFile[];
  /** The text of NOTES.txt; empty when there is none. */
  readonly notes: string;
  /** The values the templates saw, plain data. */
  readonly values: unknown;
  /** Templates whose text differs each time: they ask for the time, for random values, for new keys. */
  readonly unstable: readonly UnstableTemplate[];
  /** What Helm logs. */
  readonly warnings: readonly ChartWarning[];
}

/**
 * Renders a chart as `helm template` does. Throws ChartError for a chart that cannot be used, RenderError
 * for templates that fail.
 */
export function renderChart(chart: Chart, options: RenderOptions): RenderResult {
  if (chart.metadata.type === "library") throw new ChartError("library charts are not installable");
  checkDependencies(chart);
  const given = fromPlain(options.values ?? {});
  const user = given instanceof GoMap ? given : new GoMap();
  const log = new WarningLog();
  if (chart.metadata.deprecated) log.warn("this chart is deprecated");
  const active = activate(chart, user, log);
  const values = coalesceValues(active, user, log);
  const kubeVersion = options.kubeVersion ?? defaultKubeVersion;
  const apiVersions = [
    ...(options.onlyApiVersions === true ? [] : defaultApiVersions),
    ...(options.apiVersions ?? []),
  ];
  const plainValues = toPlain(values);
  if (options.skipSchemaValidation !== true)
    for (const warning of validateValues(active, plainValues)) log.warn(warning);
  checkKubeVersion(chart, kubeVersion, options.strictKubeVersion === true);
  const renderables = collectTemplates(active, values, {
    release: releaseData(options),
    capabilities: capabilities(kubeVersion, apiVersions),
  });
  const { files, unstable } = renderFiles(renderables, options);
  const notes = takeNotes(files, active.name);
  const sorted = sortManifests(files, log);
  const crds = crdsOf(active, active.name);
  return { ...sorted, crds, notes, values: plainValues, unstable, warnings: log.list };
}

function releaseData(options: RenderOptions): GoMap {
  const isUpgrade = options.isUpgrade === true;
  return new GoMap([
    ["Name", options.releaseName],
    ["Namespace", options.namespace],
    ["IsUpgrade", isUpgrade],
    ["IsInstall", !isUpgrade],
    ["Revision", new GoInt(BigInt(options.revision ?? 1))],
    ["Service", "Helm"],
  ]);
}

function checkKubeVersion(chart: Chart, kubeVersion: string, strict: boolean): void {
  const constraint = chart.metadata.kubeVersion;
  if (constraint === "") return;
  const fits = (): boolean => {
    const { major, minor, patch } = parseVersion(kubeVersion);
    if (strict) return satisfies(kubeVersion, constraint);
    return satisfies(`${major}.${minor}.${patch}`, constraint);
  };
  try {
    if (fits()) return;
  } catch (error) {
    if (!(error instanceof VersionError)) throw error;
  }
  const shown = kubeVersion.startsWith("v") ? kubeVersion : `v${kubeVersion}`;
  throw new ChartError(
    `chart requires kubeVersion: ${constraint} which is incompatible with Kubernetes ${shown}`,
  );
}

/** Deeper paths first, then descending: the order in which Helm parses and renders. */
function compareTemplates(a: Renderable, b: Renderable): number {
  const depth = b.path.split("/").length - a.path.split("/").length;
  return depth !== 0 ? depth : compareBytes(b.path, a.path);
}

function renderFiles(
  renderables: readonly Renderable[],
  options: RenderOptions,
): { files: Map<string, string>; unstable: readonly UnstableTemplate[] } {
  const engine = new Engine({
    clock: options.clock,
    random: options.random,
    ...(options.lookup !== undefined && { lookup: options.lookup }),
    ...(options.limits !== undefined && { limits: options.limits }),
  });
  const ordered = [...renderables].sort(compareTemplates);
  const files = new Map<string, string>();
  let rendering = "";
  try {
    for (const { path, file } of ordered) {
      rendering = path;
      engine.addFile(path, file, () => fileText(file));
    }
    for (const { path, data, basePath } of ordered) {
      if ((path.split("/").at(-1) ?? "").startsWith("_")) continue;
      rendering = path;
      data.set(
        "Template",
        new GoMap([
          ["Name", path],
          ["BasePath", basePath],
        ]),
      );
      files.set(path, engine.render(path, data));
    }
  } catch (error) {
    if (error instanceof TemplateError) throw renderError(error);
    // The stack ends before the budget where templates nest without end.
    if (error instanceof RangeError)
      throw new RenderError(`template: ${rendering}: templates are nested too deeply`, { cause: error });
    throw error;
  }
  return { files, unstable: engine.unstable };
}

function takeNotes(files: Map<string, string>, root: string): string {
  let notes = "";
  for (const [path, text] of files) {
    if (!path.endsWith("NOTES.txt")) continue;
    if (path === `${root}/templates/NOTES.txt`) notes = text;
    files.delete(path);
  }
  return notes;
}

function crdsOf(active: ActiveChart, path: string): CrdFile[] {
  const own = active.chart.files
    .filter((file) => file.name.startsWith("crds/") && /\.(?:yaml|yml|json)$/i.test(file.name))
    .map((file) => ({ path: `${path}/${file.name}`, text: fileText(file) }));
  return [
    ...own,
    ...active.dependencies.flatMap((dependency) => crdsOf(dependency, `${path}/charts/${dependency.name}`)),
  ];
}

export interface OutputOptions {
  readonly includeCrds?: boolean;
  readonly noHooks?: boolean;
  readonly skipTests?: boolean;
}

/** The release's manifest: every document with its source, CRDs first when asked for. */
export function releaseManifest(result: RenderResult, includeCrds: boolean): string {
  const crds = includeCrds ? result.crds.map(({ path, text }) => `---\n# Source: ${path}\n${text}\n`) : [];
  return [...crds, ...result.manifests.map(({ path, text }) => `---\n# Source: ${path}\n${text}\n`)].join("");
}

/** What `helm template` prints for a rendering. */
export function templateOutput(result: RenderResult, options: OutputOptions = {}): string {
  const manifest = `${releaseManifest(result, options.includeCrds === true).trim()}\n`;
  if (options.noHooks === true) return manifest;
  const hooks = result.hooks.filter((hook) => !(options.skipTests === true && hook.events.includes("test")));
  return manifest + hooks.map(({ path, text }) => `---\n# Source: ${path}\n${text}\n`).join("");
}
