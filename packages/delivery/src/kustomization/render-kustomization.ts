import type { Reader } from "@capstan/controller";
import { DEFAULT_NAMESPACE_ANNOTATION } from "../render/default-namespace.js";
import type { Rendered } from "../render/desired-object.js";
import type { RenderRequest } from "../render/render.js";
import type { Renderer } from "../render/renderer.js";
import type { Kustomization } from "./resource.js";
import { ownerOf } from "./run-plan.js";
import { loadVariables } from "./variables.js";

export interface RenderKustomizationOptions {
  /** The source as a directory. */
  readonly directory: string;
  /** Where variables are read from. */
  readonly reader: Reader;
  readonly renderer: Renderer;
  /** Variables without value or default fail the build; true where left out. */
  readonly strictSubstitutions?: boolean;
  readonly signal: AbortSignal;
}

/**
 * What a Kustomization would apply from a directory: the objects as they are sent to the API, each with
 * the file that it comes from. Rejects with `RenderError`.
 */
export async function renderKustomization(
  object: Kustomization,
  options: RenderKustomizationOptions,
): Promise<Rendered> {
  const { directory, reader, renderer, strictSubstitutions = true, signal } = options;
  const variables = await loadVariables(object, reader, signal);
  return renderer.render({ ...renderRequest(object, variables, strictSubstitutions), directory }, signal);
}

/** What a Kustomization asks of a build, but for the directory. */
export function renderRequest(
  object: Kustomization,
  variables: ReadonlyMap<string, string>,
  strict: boolean,
): Omit<RenderRequest, "directory"> {
  const { spec } = object;
  const { targetNamespace, namePrefix, nameSuffix, patches, images } = spec;
  const { components, ignoreMissingComponents, buildMetadata, commonMetadata, postBuild } = spec;
  return {
    path: spec.path,
    spec: {
      targetNamespace,
      namePrefix,
      nameSuffix,
      patches,
      images,
      components,
      ignoreMissingComponents,
      buildMetadata,
    },
    finish: {
      owner: ownerOf(object),
      defaultNamespace: object.metadata.annotations?.[DEFAULT_NAMESPACE_ANNOTATION],
      ...(postBuild === undefined
        ? {}
        : { substitution: { variables, strict, always: postBuild.substituteStrategy === "Always" } }),
      ...(commonMetadata === undefined ? {} : { commonMetadata }),
    },
  };
}
