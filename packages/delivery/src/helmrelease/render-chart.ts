import type { Client, RunContext } from "@capstan/controller";
import { EncodedChart, mergeValues, type ReleaseRecord } from "@capstan/helm";
import { ApiError, type KubeObject } from "@capstan/kube";
import type { Rendered } from "../helm-actions/install.js";
import { rememberObjects } from "../helm-actions/resource.js";
import {
  type ChartAnswer,
  ChartProblem,
  type ChartRequest,
  type DefinitionFile,
  type Lookup,
  lookupKey,
  type PostRendering,
  type ReleaseRequest,
  type RenderedRelease,
} from "../helm-render/chart-request.js";
import { capabilitiesOf } from "./capabilities.js";
import type { ChartArtifact } from "./chart-source.js";
import type { HelmState, InspectedChart, KnownChart } from "./helm-state.js";
import { releaseNameOf } from "./release-target.js";
import type { HelmRelease } from "./resource.js";
import { OWNER_NAME, OWNER_NAMESPACE } from "./settings.js";
import { latest } from "./snapshots.js";

/** Rounds of asking for what templates look up; each may ask because of what the one before found. */
const MAX_ROUNDS = 10;
const MAX_INSPECTED = 256;
const MAX_ENCODED = 64;

/** What a chart is; asked once per artifact. Throws `ChartProblem`, or what opening the artifact threw. */
export async function inspectChart(
  artifact: ChartArtifact,
  state: Pick<HelmState, "artifacts" | "renderer" | "charts">,
  signal: AbortSignal,
): Promise<InspectedChart> {
  const known = state.charts.get(artifact.digest);
  if (known !== undefined) return known;
  const answer = await ask(artifact, (chart) => ({ kind: "inspect", chart }), state, signal);
  if (answer.state !== "inspected") throw new Error(`the renderer answered with ${answer.state}`);
  const { metadata, crds } = answer;
  if (state.charts.size >= MAX_INSPECTED) state.charts.clear();
  state.charts.set(artifact.digest, { metadata, crds });
  return { metadata, crds };
}

/** The definitions that a chart brings with these values. */
export async function readDefinitions(
  artifact: ChartArtifact,
  values: Readonly<Record<string, unknown>>,
  state: Pick<HelmState, "artifacts" | "renderer">,
  signal: AbortSignal,
): Promise<readonly DefinitionFile[]> {
  const answer = await ask(artifact, (chart) => ({ kind: "definitions", chart, values }), state, signal);
  if (answer.state !== "definitions") throw new Error(`the renderer answered with ${answer.state}`);
  return answer.files;
}

export interface ChartRendering {
  readonly artifact: ChartArtifact;
  /** Under which the chart is released. */
  readonly version: string;
  readonly namespace: string;
  readonly revision: number;
  readonly isUpgrade: boolean;
  readonly values: Readonly<Record<string, unknown>>;
  /** The release whose values stay under the new ones. */
  readonly reuse?: ReleaseRecord | undefined;
  readonly skipSchemaValidation: boolean;
}

/**
 * Renders a chart for a release on a cluster, its lookups answered by that cluster in the name of whoever
 * releases. Throws `ChartProblem`.
 */
export async function renderForRelease(
  object: HelmRelease,
  rendering: ChartRendering,
  client: Client,
  state: Pick<HelmState, "artifacts" | "renderer" | "encoded">,
  context: Pick<RunContext, "signal" | "clock" | "random"> & Partial<Pick<RunContext, "logger" | "events">>,
): Promise<Rendered> {
  const { signal, clock, random } = context;
  const capabilities = await capabilitiesOf(client, signal);
  const known = state.encoded.get(rendering.artifact.digest);
  const base: Omit<ReleaseRequest, "chart" | "lookups"> = {
    kind: "release",
    version: rendering.version,
    releaseName: releaseNameOf(object),
    namespace: rendering.namespace,
    revision: rendering.revision,
    isUpgrade: rendering.isUpgrade,
    values: rendering.values,
    ...(rendering.reuse === undefined ? {} : { defaults: reusedDefaults(rendering.reuse) }),
    ...capabilities,
    skipSchemaValidation: rendering.skipSchemaValidation,
    postRendering: postRenderingOf(object),
    now: clock.now(),
    seed: Buffer.from(random.bytes(32)).toString("hex"),
    knownChart: known?.digest,
  };
  let lookups: Readonly<Record<string, unknown>> = {};
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const found = lookups;
    const answer = await ask(
      rendering.artifact,
      (chart) => ({ ...base, chart, lookups: found }),
      state,
      signal,
    );
    if (answer.state === "rendered") {
      const { manifest, objects, hooks, notes, chart, unstable } = answer;
      if (objects !== undefined) rememberObjects(manifest, objects);
      if (unstable.length > 0)
        warnOfUnstable(object, rendering.version, chart.metadata.name, unstable, context);
      return { manifest, hooks, notes, chart: shared(rendering.artifact, chart, known, state.encoded) };
    }
    if (answer.state !== "lookups") throw new Error(`the renderer answered with ${answer.state}`);
    lookups = { ...lookups, ...(await lookUp(answer.wanted, client, signal)) };
  }
  throw new ChartProblem("render", `the chart's lookups did not come to an end in ${MAX_ROUNDS} rounds`);
}

/** Every rendering is logged; people are told once for each version of the chart. */
function warnOfUnstable(
  object: HelmRelease,
  version: string,
  chart: string,
  functions: readonly string[],
  { logger, events }: Partial<Pick<RunContext, "logger" | "events">>,
): void {
  const names = functions.join(", ");
  logger?.info("the chart renders differently each time", { chart, functions: names });
  if (latest(object.status?.history ?? [])?.chartVersion === version) return;
  const message = `Chart ${chart}@${version} renders differently each time (${names}): every upgrade changes what they make`;
  events?.warning(object, "UnstableChart", message);
}

/** The chart of a record; one text for all records that hold the same. */
function shared(
  artifact: ChartArtifact,
  { digest, json, metadata }: RenderedRelease["chart"],
  before: KnownChart | undefined,
  known: Map<string, KnownChart>,
): EncodedChart {
  const found = before?.digest === digest ? before : known.get(artifact.digest);
  if (found?.digest === digest) return found.chart;
  if (json === undefined) throw new Error("the renderer left out a chart that is not known");
  if (known.size >= MAX_ENCODED) known.clear();
  const chart = new EncodedChart(json, metadata);
  known.set(artifact.digest, { digest, chart });
  return chart;
}

/** What is done to everything that a release's chart renders. */
export function postRenderingOf(object: HelmRelease): PostRendering {
  const { postRenderStrategy = "combined", postRenderers = [], commonMetadata } = object.spec;
  const { name, namespace = "" } = object.metadata;
  return {
    strategy: postRenderStrategy,
    renderers: postRenderers,
    common: commonMetadata,
    labels: { [OWNER_NAME]: name, [OWNER_NAMESPACE]: namespace },
  };
}

/** The values of a release as defaults: those of its chart, and what was set over them. */
function reusedDefaults(record: ReleaseRecord): Readonly<Record<string, unknown>> {
  const chart = record.chart;
  const values =
    typeof chart === "object" && chart !== null && "values" in chart && isFields(chart.values)
      ? chart.values
      : {};
  return mergeValues(values, record.config ?? {});
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function ask(
  artifact: ChartArtifact,
  request: (chart: { directory: string; digest: string }) => ChartRequest,
  state: Pick<HelmState, "artifacts" | "renderer">,
  signal: AbortSignal,
): Promise<ChartAnswer> {
  const opened = await state.artifacts.open(artifact, signal);
  try {
    const { directory } = opened;
    return await state.renderer.chart(request({ directory, digest: artifact.digest }), signal);
  } finally {
    opened.close();
  }
}

async function lookUp(
  wanted: readonly Lookup[],
  client: Client,
  signal: AbortSignal,
): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const lookup of wanted) found[lookupKey(lookup)] = await lookUpOne(lookup, client, signal);
  return found;
}

async function lookUpOne(lookup: Lookup, client: Client, signal: AbortSignal): Promise<unknown> {
  const { apiVersion, kind, namespace, name } = lookup;
  const type = { apiVersion, kind };
  try {
    const info = await client.resourceFor(type, { signal });
    if (info === undefined) throw new ChartProblem("render", noSuchKind(apiVersion, kind));
    const place = info.namespaced && namespace !== "" ? { namespace } : {};
    if (name !== "") return (await client.tryGet({ ...type, ...place, name }, { signal })) ?? null;
    const items: KubeObject[] = [];
    for await (const item of client.listAll(type, { ...place, signal })) items.push(item);
    return { apiVersion, kind: `${kind}List`, metadata: {}, items };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new ChartProblem("render", `error calling lookup: ${error.message}`, { cause: error });
  }
}

function noSuchKind(apiVersion: string, kind: string): string {
  return `error calling lookup: unable to get apiresource from unstructured: ${apiVersion}, Kind=${kind}: no matches for kind "${kind}" in version "${apiVersion}"`;
}
