/** A file of a chart: its path below the chart's directory, with `/`, and its bytes. */
export interface ChartFile {
  readonly name: string;
  readonly data: Uint8Array;
}

/** A dependency as Chart.yaml lists it. */
export interface Dependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
  readonly condition: string;
  readonly tags: readonly string[];
  readonly importValues: readonly unknown[];
  readonly alias: string;
}

export interface Maintainer {
  readonly name: string;
  readonly email: string;
  readonly url: string;
}

/** Chart.yaml. */
export interface ChartMetadata {
  readonly apiVersion: string;
  readonly name: string;
  readonly version: string;
  readonly appVersion: string;
  readonly description: string;
  readonly type: string;
  readonly kubeVersion: string;
  readonly home: string;
  readonly icon: string;
  readonly condition: string;
  readonly tags: string;
  readonly deprecated: boolean;
  readonly keywords: readonly string[];
  readonly sources: readonly string[];
  readonly maintainers: readonly Maintainer[];
  readonly annotations: Readonly<Record<string, string>> | undefined;
  readonly dependencies: readonly Dependency[];
}

/** A chart as loaded; dependencies are all charts found in `charts/`. */
export interface Chart {
  readonly metadata: ChartMetadata;
  /** Plain data of values.yaml. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly schema: string | undefined;
  readonly templates: readonly ChartFile[];
  readonly files: readonly ChartFile[];
  readonly dependencies: readonly Chart[];
}

/** A chart that cannot be loaded or used, in Helm's words. */
export class ChartError extends Error {
  override readonly name = "ChartError";
}
