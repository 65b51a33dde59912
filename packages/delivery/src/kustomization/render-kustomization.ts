import type { Reader } from "@capstan/controller";
import { type CloudKeys, keyService } from "../decrypt/key-service.js";
import {
  type DecryptionFallback,
  loadDecryptionMaterial,
  type SecretName,
} from "../decrypt/load-material.js";
import type { DecryptionMaterial } from "../decrypt/material.js";
import { DEFAULT_NAMESPACE_ANNOTATION } from "../render/default-namespace.js";
import type { Rendered } from "../render/desired-object.js";
import type { RenderRequest } from "../render/render.js";
import type { Renderer } from "../render/renderer.js";
import { renderWithRemotes } from "./render-with-remotes.js";
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
  /** Age identities for Kustomizations that decrypt and name no Secret. */
  readonly sopsAgeSecret?: SecretName;
  /** Opens data keys that clouds wrapped; left out: files that need one fail the build. */
  readonly cloudKeys?: CloudKeys;
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
  const inputs = await loadRenderInputs(object, reader, options, signal);
  const request = { ...renderRequest(object, inputs, strictSubstitutions), directory };
  const services = { keys: keyService(options.cloudKeys) };
  return (await renderWithRemotes(renderer, request, services, signal)).rendered;
}

/** What a build takes from the API. */
export interface RenderInputs {
  readonly variables: ReadonlyMap<string, string>;
  readonly decryption: DecryptionMaterial | undefined;
}

/** Reads keys and variables. Throws `RenderError` where they cannot be had. */
export async function loadRenderInputs(
  object: Kustomization,
  reader: Reader,
  fallback: DecryptionFallback,
  signal: AbortSignal,
): Promise<RenderInputs> {
  return {
    decryption: await loadDecryptionMaterial(object, reader, fallback, signal),
    variables: await loadVariables(object, reader, signal),
  };
}

/** What a Kustomization asks of a build, but for the directory. */
export function renderRequest(
  object: Kustomization,
  { variables, decryption }: RenderInputs,
  strict: boolean,
): Omit<RenderRequest, "directory"> {
  const { spec } = object;
  const { targetNamespace, namePrefix, nameSuffix, patches, images } = spec;
  const { components, ignoreMissingComponents, buildMetadata, commonMetadata, postBuild } = spec;
  return {
    path: spec.path,
    ...(decryption === undefined ? {} : { decryption }),
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
