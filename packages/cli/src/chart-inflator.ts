import {
  Engine,
  GoMap,
  loadChart,
  mergeValues,
  parseValues,
  renderChart,
  templateOutput,
} from "@capstan/helm";
import type { FileTree, HelmChartRequest, InflateHelmChart } from "@capstan/kustomize";
import type { Io } from "./io.js";
import { chartFilesIn } from "./rehearsal/chart-files.js";

/** Renders charts that are in the tree, as `helm template` prints them; others are refused. */
export function chartInflator(io: Pick<Io, "clock" | "random">): InflateHelmChart {
  return (request) => {
    const { directory, tree, name, repo } = request;
    if (directory === undefined) {
      throw new Error(
        `chart ${name} is not in the tree, and charts are not pulled${repo ? ` from ${repo}` : ""}`,
      );
    }
    return inflate(request, tree, directory, io);
  };
}

function inflate(
  request: HelmChartRequest,
  tree: FileTree,
  directory: string,
  { clock, random }: Pick<Io, "clock" | "random">,
): string {
  const chart = loadChart(chartFilesIn(tree, directory));
  const values = request.values
    .map((text) => parseValues(text, ""))
    .reduce((merged, next) => mergeValues(merged, next), {});
  const generated = `${chart.metadata.name}-${Math.floor(clock.now() / 1000)}`;
  const result = renderChart(chart, {
    releaseName:
      request.nameTemplate === undefined
        ? (request.releaseName ?? generated)
        : renderName(request.nameTemplate, { clock, random }),
    namespace: request.namespace ?? "default",
    values,
    apiVersions: request.apiVersions,
    ...(request.kubeVersion === undefined ? {} : { kubeVersion: request.kubeVersion }),
    clock,
    random,
  });
  return templateOutput(result, {
    includeCrds: request.includeCRDs,
    noHooks: request.skipHooks,
    skipTests: request.skipTests,
  });
}

/** `nameTemplate` is a template without data. */
function renderName(template: string, ports: Pick<Io, "clock" | "random">): string {
  const engine = new Engine(ports);
  engine.add("name-template", template);
  return engine.render("name-template", new GoMap());
}
