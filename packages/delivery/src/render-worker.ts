import { parentPort } from "node:worker_threads";
import { buildWithKustomize } from "./render/kustomize.js";
import { type RenderRequest, render } from "./render/render.js";
import { failedAnswer, type WorkerAnswer } from "./render/worker-protocol.js";

/** The thread that builds: one request in, one answer out. */
parentPort?.on("message", (request: RenderRequest) => {
  void answer(request).then((result) => parentPort?.postMessage(result));
});

async function answer(request: RenderRequest): Promise<WorkerAnswer> {
  try {
    return { ok: true, rendered: await render(request, buildWithKustomize) };
  } catch (error) {
    return failedAnswer(error);
  }
}
