import type { ChartAnswer, ChartRequest } from "../helm-render/chart-request.js";
import type { Rendered } from "./desired-object.js";
import type { RenderRequest } from "./render.js";

/** Renders somewhere: in this thread, or in workers. */
export interface Renderer {
  /** Rejects with `RenderError` for what is wrong with the source, or the signal's reason. */
  render(request: RenderRequest, signal: AbortSignal): Promise<Rendered>;
  /** Rejects with `ChartProblem` for what is wrong with a chart, or the signal's reason. */
  chart(request: ChartRequest, signal: AbortSignal): Promise<ChartAnswer>;
  close(): Promise<void>;
}
