import type { FileTree } from "@capstan/kustomize";
import type { DeclaredObjects } from "./declared-objects.js";
import { isFields } from "./scan.js";
import type { Sources, SourceTree } from "./sources.js";
import { treePath } from "./tree-path.js";
import type { Unit } from "./unit.js";

/** A chart among files, or why there is none. */
export type ChartPlace =
  | {
      readonly tree: FileTree;
      /** Its directory in the tree, or its archive. */
      readonly path: string;
      readonly isArchive: boolean;
      readonly repositoryPath: string;
      /** What names values files. */
      readonly spec: unknown;
    }
  | Exclude<SourceTree, { tree: FileTree }>;

interface Context {
  readonly sources: Sources;
  readonly declared: DeclaredObjects;
}

type Fields = Readonly<Record<string, unknown>>;

const OFFLINE = "which is not asked for here";

/** Where the chart of a HelmRelease is: by `chart`, a HelmChart, or a source that holds nothing else. */
export async function findChart(unit: Unit, spec: Fields, context: Context): Promise<ChartPlace> {
  const namespace = unit.object.metadata.namespace ?? "";
  const { chart, chartRef } = spec;
  if (isFields(chartRef)) return referredChart(unit, chartRef, namespace, context);
  const chartSpec = isFields(chart) ? chart["spec"] : undefined;
  return isFields(chartSpec)
    ? chartBySpec(unit, chartSpec, namespace, context)
    : { missing: "it names no chart" };
}

async function referredChart(unit: Unit, ref: Fields, own: string, context: Context): Promise<ChartPlace> {
  const kind = String(ref["kind"]);
  const name = String(ref["name"]);
  const namespace = String(ref["namespace"] ?? own);
  unit.source = `${kind}/${name}`;
  if (kind === "HelmChart") {
    const object = context.declared.find({
      apiVersion: "source.toolkit.fluxcd.io/v1",
      kind,
      name,
      namespace,
    });
    const chartSpec = object?.["spec"];
    return isFields(chartSpec)
      ? chartBySpec(unit, chartSpec, namespace, context)
      : { missing: `its chart HelmChart/${namespace}/${name} is not in the repository` };
  }
  if (kind === "ExternalArtifact") {
    const source = await context.sources.find({ kind, name, namespace }, namespace);
    return "tree" in source ? onlyChart(source, kind, name) : source;
  }
  const local = context.sources.local(kind, namespace, name);
  return local === undefined
    ? { missing: `its chart comes from ${kind}/${name}, ${OFFLINE}` }
    : onlyChart({ tree: local, repositoryPath: (path) => path }, kind, name);
}

async function chartBySpec(unit: Unit, spec: Fields, own: string, context: Context): Promise<ChartPlace> {
  const chart = String(spec["chart"]);
  const { sourceRef } = spec;
  unit.source = chart;
  if (isFields(sourceRef) && sourceRef["kind"] === "HelmRepository") {
    const name = String(sourceRef["name"]);
    const local = context.sources.local("HelmRepository", String(sourceRef["namespace"] ?? own), name);
    return local === undefined
      ? { missing: `its chart ${chart} comes from HelmRepository/${name}, ${OFFLINE}` }
      : chartOfRepository(local, spec);
  }
  const source = await context.sources.find(sourceRef, own);
  return "tree" in source ? chartAt(source, treePath(chart), spec) : source;
}

/** A directory with charts in the place of a Helm repository: as directories, or as archives with a version. */
function chartOfRepository(tree: FileTree, spec: Fields): ChartPlace {
  const chart = String(spec["chart"]);
  const source = { tree, repositoryPath: (path: string) => path };
  const archive = `/${chart}-${String(spec["version"])}.tgz`;
  const path = tree.stat(archive)?.kind === "file" ? archive : `/${chart}`;
  return tree.stat(path) === undefined
    ? { failure: `there is no chart ${chart} in the directory of its source` }
    : chartAt(source, path, spec);
}

function chartAt(
  { tree, repositoryPath }: Extract<SourceTree, { tree: FileTree }>,
  path: string,
  spec: unknown,
): ChartPlace {
  if (tree.stat(path)?.kind === "file") {
    return { tree, path, isArchive: true, repositoryPath: repositoryPath(path), spec };
  }
  const inner = repositoryPath(`${path}/Chart.yaml`.replace(/^\/+/, "/"));
  return { tree, path, isArchive: false, repositoryPath: inner.slice(0, inner.lastIndexOf("/")), spec };
}

/** The chart that an artifact consists of: a directory in it, as in a chart's archive. */
function onlyChart(source: Extract<SourceTree, { tree: FileTree }>, kind: string, name: string): ChartPlace {
  const { tree } = source;
  const directories = tree.readDir("/").filter((each) => tree.stat(`/${each}/Chart.yaml`)?.kind === "file");
  const [only] = directories;
  if (only !== undefined && directories.length === 1) return chartAt(source, `/${only}`, undefined);
  const atRoot = tree.stat("/Chart.yaml")?.kind === "file";
  if (atRoot && kind !== "ExternalArtifact") return chartAt(source, "", undefined);
  return {
    failure: atRoot
      ? `the chart of ${kind}/${name} is not in a directory of its own: chart yaml not in base directory`
      : `${kind}/${name} holds no chart, or several`,
  };
}
