import { buildWithKustomize } from "./kustomize.js";
import { type Build, render } from "./render.js";
import type { Renderer } from "./renderer.js";

/** Renders in the thread of the caller: for tests and small repositories. */
export function inlineRenderer(build: Build = buildWithKustomize): Renderer {
  return {
    render: async (request, signal) => {
      signal.throwIfAborted();
      return render(request, build);
    },
    close: async () => undefined,
  };
}
