import { type ChartAnswer, ChartProblem, type ChartRequest } from "../helm-render/chart-request.js";
import { RenderError, type Rendered } from "./desired-object.js";
import { RemotesNeeded } from "./remote-contents.js";
import type { RenderRequest } from "./render.js";

/** What a worker is asked for. */
export type WorkerRequest = RenderRequest | ChartRequest;

/** What a worker answers to a request: its build, or why there is none. */
export type WorkerAnswer =
  | { readonly ok: true; readonly rendered: Rendered | ChartAnswer }
  | {
      readonly ok: false;
      readonly reason: RenderError["reason"] | undefined;
      readonly step?: ChartProblem["step"];
      readonly needs?: RemotesNeeded["needs"];
      readonly message: string;
    };

/** Whether a request is for a chart, and not for a kustomization. */
export function isChartRequest(request: WorkerRequest): request is ChartRequest {
  return "kind" in request;
}

/** An error as it can be sent between threads. */
export function failedAnswer(error: unknown): WorkerAnswer {
  const message = error instanceof Error ? error.message : String(error);
  return {
    ok: false,
    reason: error instanceof RenderError ? error.reason : undefined,
    message,
    ...(error instanceof ChartProblem ? { step: error.step } : {}),
    ...(error instanceof RemotesNeeded ? { needs: error.needs } : {}),
  };
}

/** The build of an answer; throws what the worker threw. */
export function resultOf(answer: WorkerAnswer): Rendered | ChartAnswer {
  if (answer.ok) return answer.rendered;
  if (answer.needs !== undefined) throw new RemotesNeeded(answer.needs);
  if (answer.step !== undefined) throw new ChartProblem(answer.step, answer.message);
  throw answer.reason === undefined
    ? new Error(answer.message)
    : new RenderError(answer.reason, answer.message);
}
