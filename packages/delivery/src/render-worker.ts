import { parentPort } from "node:worker_threads";
import { ChartLoader } from "./helm-render/load-chart.js";
import { answerChartRequest } from "./helm-render/render-release.js";
import { buildWithKustomize } from "./render/kustomize.js";
import { render } from "./render/render.js";
import {
  failedAnswer,
  isChartRequest,
  type WorkerAnswer,
  type WorkerRequest,
} from "./render/worker-protocol.js";

const charts = new ChartLoader();

/** The thread that builds: one request in, one answer out. */
parentPort?.on("message", (request: WorkerRequest) => {
  void answer(request).then((result) => parentPort?.postMessage(result));
});

async function answer(request: WorkerRequest): Promise<WorkerAnswer> {
  try {
    const rendered = isChartRequest(request)
      ? await answerChartRequest(request, charts)
      : await render(request, buildWithKustomize);
    return { ok: true, rendered };
  } catch (error) {
    return failedAnswer(error);
  }
}
