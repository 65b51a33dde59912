import { RenderError, type Rendered } from "./desired-object.js";

/** What a worker answers to a request: its build, or why there is none. */
export type WorkerAnswer =
  | { readonly ok: true; readonly rendered: Rendered }
  | { readonly ok: false; readonly reason: RenderError["reason"] | undefined; readonly message: string };

/** An error as it can be sent between threads. */
export function failedAnswer(error: unknown): WorkerAnswer {
  const message = error instanceof Error ? error.message : String(error);
  return { ok: false, reason: error instanceof RenderError ? error.reason : undefined, message };
}

/** The build of an answer; throws what the worker threw. */
export function resultOf(answer: WorkerAnswer): Rendered {
  if (answer.ok) return answer.rendered;
  throw answer.reason === undefined
    ? new Error(answer.message)
    : new RenderError(answer.reason, answer.message);
}
