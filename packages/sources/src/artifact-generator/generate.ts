import type { TreeEntry } from "@capstan/artifacts";
import type { ArtifactGeneratorObject } from "../api/artifact-generator.js";
import { BuildFailed, Invalid } from "./build-failed.js";
import { type ComposeOptions, compose } from "./compose.js";
import { requestsOf } from "./path-pattern.js";

/** An artifact that its generator cannot make; `message` says why. */
export class GeneratorError extends Error {
  override readonly name = "GeneratorError";
}

/**
 * The files of the artifact that an ArtifactGenerator makes under a name, out of its sources' trees by alias;
 * undefined where it makes none of that name. Files keep the `read` of the ones that they were copied from.
 *
 * @throws {GeneratorError}
 */
export async function generateArtifact(
  spec: ArtifactGeneratorObject["spec"],
  name: string,
  options: ComposeOptions,
): Promise<readonly TreeEntry[] | undefined> {
  try {
    const request = requestsOf(spec, options.sources).find(({ output }) => output.name === name);
    return request === undefined ? undefined : await compose(request.output.copy, options);
  } catch (error) {
    if (!(error instanceof BuildFailed) && !(error instanceof Invalid)) throw error;
    throw new GeneratorError(error.message, { cause: error });
  }
}
