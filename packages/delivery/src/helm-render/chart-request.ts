import type { HookRecord } from "@capstan/helm";
import type { KubeObject } from "@capstan/kube";
import type { HelmReleaseSpec } from "../helmrelease/resource.js";

/** A chart as an unpacked artifact. */
export interface ChartSource {
  /** Holds the chart, or one directory that does. */
  readonly directory: string;
  /** Charts of equal digest are loaded once. */
  readonly digest: string;
}

/** Chart.yaml as release records hold it. */
export type ChartMetadata = Readonly<Record<string, unknown>> & {
  readonly name: string;
  readonly version: string;
};

/** What is done to what a chart renders, in this order; owner labels come last. */
export interface PostRendering {
  readonly strategy: NonNullable<HelmReleaseSpec["postRenderStrategy"]>;
  readonly renderers: NonNullable<HelmReleaseSpec["postRenderers"]>;
  readonly common: HelmReleaseSpec["commonMetadata"];
  readonly labels: Readonly<Record<string, string>>;
}

/** Everything that a rendering depends on, as plain data that can be sent to a worker. */
export interface ReleaseRequest {
  readonly kind: "release";
  readonly chart: ChartSource;
  /** Instead of the version in Chart.yaml. */
  readonly version: string | undefined;
  readonly releaseName: string;
  readonly namespace: string;
  readonly revision: number;
  readonly isUpgrade: boolean;
  readonly values: Readonly<Record<string, unknown>>;
  /** Defaults instead of the chart's own: those of a release whose values are kept. */
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly kubeVersion: string;
  /** What the cluster serves, one a line: a text travels between threads at once, a list item by item. */
  readonly apiVersions: string;
  readonly skipSchemaValidation: boolean;
  readonly postRendering: PostRendering;
  /** What `lookup` finds, by lookupKey; `null` is nothing. */
  readonly lookups: Readonly<Record<string, unknown>>;
  /** Epoch ms that templates take for now. */
  readonly now: number;
  /** 32 bytes, hexadecimal, from which templates' random values come. */
  readonly seed: string;
  /** Digest of a chart's JSON that whoever asks has: it is not sent again. */
  readonly knownChart?: string | undefined;
}

/** Asks what a chart is, without rendering it. */
export interface InspectRequest {
  readonly kind: "inspect";
  readonly chart: ChartSource;
}

/** Asks for the definitions that a chart brings, without rendering it. */
export interface DefinitionsRequest {
  readonly kind: "definitions";
  readonly chart: ChartSource;
  readonly values: Readonly<Record<string, unknown>>;
}

export type ChartRequest = ReleaseRequest | InspectRequest | DefinitionsRequest;

/** An object that templates asked for. */
export interface Lookup {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  /** Empty: all of them. */
  readonly name: string;
}

/** A file of a chart's crds directory. */
export interface DefinitionFile {
  readonly path: string;
  readonly text: string;
}

export interface RenderedRelease {
  readonly state: "rendered";
  readonly manifest: string;
  /** What the manifest declares; absent where that cannot be told. */
  readonly objects: readonly KubeObject[] | undefined;
  readonly hooks: readonly HookRecord[];
  readonly notes: string;
  /** The chart as release records hold it; without JSON where that is the known one. */
  readonly chart: {
    readonly digest: string;
    readonly json: string | undefined;
    readonly metadata: ChartMetadata;
  };
  /** Files of crds/. */
  readonly crds: readonly DefinitionFile[];
  /** Template functions were called whose results differ from run to run. */
  readonly unstable: readonly string[];
}

/** What became of a request. `lookups`: ask again with what these find. */
export type ChartAnswer =
  | { readonly state: "inspected"; readonly metadata: ChartMetadata; readonly crds: boolean }
  | { readonly state: "definitions"; readonly files: readonly DefinitionFile[] }
  | RenderedRelease
  | { readonly state: "lookups"; readonly wanted: readonly Lookup[] };

export function lookupKey({ apiVersion, kind, namespace, name }: Lookup): string {
  return JSON.stringify([apiVersion, kind, namespace, name]);
}

/** Why a chart cannot be loaded (`load`) or rendered, in Helm's words. */
export class ChartProblem extends Error {
  override readonly name = "ChartProblem";
  readonly step: "load" | "render";

  constructor(step: ChartProblem["step"], message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.step = step;
  }
}
