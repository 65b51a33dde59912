import { ArtifactError } from "@capstan/artifacts";
import type { ReadContext } from "@capstan/controller";
import { stableDigest } from "@capstan/kube";
import { RenderError, type Rendered } from "../render/desired-object.js";
import type { RenderRequest } from "../render/render.js";
import type { DeliveryState } from "./delivery-state.js";
import type { Problem } from "./problem.js";
import { loadRenderInputs, renderRequest } from "./render-kustomization.js";
import { type RenderedWithRemotes, renderWithRemotes } from "./render-with-remotes.js";
import type { Kustomization } from "./resource.js";
import type { SourceArtifact } from "./source.js";

/** What a source declares, built; or why it could not be. */
export async function observeBuild(
  object: Kustomization,
  artifact: SourceArtifact,
  state: DeliveryState,
  context: ReadContext,
): Promise<Rendered | Problem> {
  try {
    const { settings } = state;
    const inputs = await loadRenderInputs(object, context.reader, settings, context.signal);
    const request = renderRequest(object, inputs, settings.strictSubstitutions);
    const key = `${artifact.digest}|${stableDigest({ ...request, variables: [...inputs.variables] })}`;
    const known = state.renders.get(key);
    if (known !== undefined) {
      state.metrics.renderCacheHits.inc();
      return known;
    }
    const { rendered, remote } = await renderArtifact(artifact, request, state, context.signal);
    // What is elsewhere may be another the next time.
    if (!remote) state.renders.set(key, rendered);
    return remote ? { ...rendered, remote } : rendered;
  } catch (error) {
    context.signal.throwIfAborted();
    return problemOf(error, artifact, state);
  }
}

async function renderArtifact(
  artifact: SourceArtifact,
  request: Omit<RenderRequest, "directory">,
  state: DeliveryState,
  signal: AbortSignal,
): Promise<RenderedWithRemotes> {
  const opened = await state.artifacts.open(artifact, signal);
  try {
    state.metrics.renders.inc();
    const whole = { ...request, directory: opened.directory };
    return await renderWithRemotes(state.renderer, whole, state.services, signal);
  } finally {
    opened.close();
  }
}

function problemOf(error: unknown, artifact: SourceArtifact, state: DeliveryState): Problem {
  const { revision } = artifact;
  if (error instanceof RenderError) {
    const attempted = error.reason === "BuildFailed";
    return { ...warning(error.reason, error.message), wait: "retry", revision, attempted };
  }
  if (ArtifactError.is(error, "not-found")) {
    const seconds = state.settings.dependencyRetryMs / 1000;
    const message = `Source is not ready, artifact not found, retrying in ${seconds}s`;
    return { reason: "ArtifactFailed", message, wait: "soon", revision };
  }
  if (ArtifactError.is(error)) {
    return { ...warning("ArtifactFailed", error.message), wait: "retry", revision };
  }
  throw error;
}

function warning<R extends Problem["reason"]>(reason: R, message: string) {
  return { reason, message, event: { type: "Warning", message } } as const;
}
