import {
  type Chart,
  ChartError,
  chartDefinitions,
  chartRecord,
  type EncodedChart,
  encodeChart,
  hookRecord,
  type LookupPort,
  RenderError,
  releaseDefaults,
  releaseManifest,
  renderChart,
} from "@capstan/helm";
import { type KubeObject, sha256Hex } from "@capstan/kube";
import { ManifestError, readObjects } from "../helm-actions/resource.js";
import {
  type ChartAnswer,
  type ChartMetadata,
  ChartProblem,
  type ChartRequest,
  type Lookup,
  lookupKey,
  type ReleaseRequest,
} from "./chart-request.js";
import type { ChartLoader } from "./load-chart.js";
import { postRender } from "./post-render.js";
import { seededRandom } from "./seeded-random.js";

/** Answers a request in this thread. Throws `ChartProblem`. */
export async function answerChartRequest(request: ChartRequest, loader: ChartLoader): Promise<ChartAnswer> {
  const chart = loader.load(request.chart);
  if (request.kind === "inspect") {
    const { metadata } = encodeChart(chartRecord(chart));
    return { state: "inspected", metadata: withIdentity(metadata, chart), crds: hasCrds(chart) };
  }
  if (request.kind === "definitions") {
    return { state: "definitions", files: chartDefinitions(chart, request.values) };
  }
  const wanted: Lookup[] = [];
  try {
    const rendered = await renderRelease(
      withVersion(chart, request.version),
      request,
      lookupPort(request, wanted),
    );
    return wanted.length > 0 ? { state: "lookups", wanted } : rendered;
  } catch (error) {
    if (!(error instanceof ChartError || error instanceof RenderError || error instanceof ChartProblem))
      throw error;
    // The templates may have failed because they did not find what is there.
    if (wanted.length > 0) return { state: "lookups", wanted };
    throw error instanceof ChartProblem ? error : new ChartProblem("render", error.message, { cause: error });
  }
}

/** Objects that are not known yet are noted, and nothing for the time being. */
function lookupPort(request: ReleaseRequest, wanted: Lookup[]): LookupPort {
  const asked = new Set<string>();
  return (apiVersion, kind, namespace, name) => {
    const lookup = { apiVersion, kind, namespace, name };
    const key = lookupKey(lookup);
    if (Object.hasOwn(request.lookups, key)) return request.lookups[key] ?? undefined;
    if (!asked.has(key)) wanted.push(lookup);
    asked.add(key);
    return undefined;
  };
}

async function renderRelease(
  original: Chart,
  request: ReleaseRequest,
  lookup: LookupPort,
): Promise<Extract<ChartAnswer, { state: "rendered" }>> {
  const chart = request.defaults === undefined ? original : { ...original, values: request.defaults };
  const result = renderChart(chart, {
    releaseName: request.releaseName,
    namespace: request.namespace,
    values: request.values,
    revision: request.revision,
    isUpgrade: request.isUpgrade,
    kubeVersion: request.kubeVersion,
    apiVersions: request.apiVersions === "" ? [] : request.apiVersions.split("\n"),
    onlyApiVersions: true,
    strictKubeVersion: true,
    skipSchemaValidation: request.skipSchemaValidation,
    lookup,
    clock: { now: () => request.now, after: () => () => undefined },
    random: seededRandom(request.seed),
  });
  const { hooks, manifests } = await postRender(result, request.postRendering);
  const manifest = releaseManifest({ ...result, manifests }, false);
  const { chart: encoded, digest } = encodedChart(chart, releaseDefaults(chart, request.values));
  return {
    state: "rendered",
    manifest,
    objects: objectsOf(manifest),
    hooks: hooks.map((hook) => hookRecord(hook)),
    notes: result.notes,
    chart: {
      digest,
      json: digest === request.knownChart ? undefined : encoded.json,
      metadata: withIdentity(encoded.metadata, chart),
    },
    crds: result.crds,
    unstable: [...new Set(result.unstable.flatMap(({ functions }) => functions))].sort(),
  };
}

function objectsOf(manifest: string): readonly KubeObject[] | undefined {
  try {
    return readObjects(manifest);
  } catch (error) {
    // Whoever uses the manifest meets the same, and tells it where it belongs.
    if (error instanceof ManifestError) return undefined;
    throw error;
  }
}

interface Encoded {
  readonly version: string;
  readonly defaults: unknown;
  readonly chart: EncodedChart;
  readonly digest: string;
}

/** Charts as they were encoded last, by what all copies of a chart share. */
const encodings = new WeakMap<Chart["templates"], Encoded>();

function encodedChart(chart: Chart, defaults: unknown): Encoded {
  const { version } = chart.metadata;
  const known = encodings.get(chart.templates);
  if (known?.version === version && known.defaults === defaults) return known;
  const encoded = encodeChart(chartRecord(chart, defaults));
  const made = { version, defaults, chart: encoded, digest: sha256Hex(encoded.json) };
  encodings.set(chart.templates, made);
  return made;
}

function withVersion(chart: Chart, version: string | undefined): Chart {
  return version === undefined ? chart : { ...chart, metadata: { ...chart.metadata, version } };
}

function withIdentity(metadata: EncodedChart["metadata"], chart: Chart): ChartMetadata {
  const { name, version } = chart.metadata;
  return { ...metadata, name, version };
}

function hasCrds(chart: Chart): boolean {
  return chart.files.some((file) => file.name.startsWith("crds/")) || chart.dependencies.some(hasCrds);
}
