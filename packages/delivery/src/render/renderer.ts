import type { Rendered } from "./desired-object.js";
import type { RenderRequest } from "./render.js";

/** Renders somewhere: in this thread, or in workers. */
export interface Renderer {
  /** Rejects with `RenderError` for what is wrong with the source, or the signal's reason. */
  render(request: RenderRequest, signal: AbortSignal): Promise<Rendered>;
  close(): Promise<void>;
}
