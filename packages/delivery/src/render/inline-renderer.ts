import { diskTree, type FileTree } from "@capstan/kustomize";
import { ChartLoader } from "../helm-render/load-chart.js";
import { answerChartRequest } from "../helm-render/render-release.js";
import { buildWithKustomize } from "./kustomize.js";
import { type Build, render } from "./render.js";
import type { Renderer } from "./renderer.js";

/**
 * Renders in the thread of the caller: for tests and small repositories. `open` gives the tree that a
 * request's directory stands for; the directory of this machine where left out.
 */
export function inlineRenderer(
  build: Build = buildWithKustomize,
  open: (directory: string) => FileTree = diskTree,
): Renderer {
  const charts = new ChartLoader();
  return {
    chart: async (request, signal) => {
      signal.throwIfAborted();
      return answerChartRequest(request, charts);
    },
    render: async (request, signal) => {
      signal.throwIfAborted();
      return render(request, build, open);
    },
    close: async () => undefined,
  };
}
