import { resolve } from "node:path";
import { inlineRenderer, Kustomization, RenderError, renderKustomization } from "@capstan/delivery";
import { type KubeObject, stringifyYaml } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { parseReconciled } from "../kinds.js";
import { maskSecret } from "../output/mask-secret.js";

export interface BuildKustomizationOptions extends ConnectionOptions {
  readonly namespace?: string;
  /** Directory to build in the place of the Kustomization's own. */
  readonly path: string;
}

/**
 * `capstan build kustomization NAME --path P`: prints what a Kustomization of the cluster would apply from a
 * directory of this machine; secret values are masked.
 */
export async function buildKustomization(
  words: readonly string[],
  options: BuildKustomizationOptions,
  io: Io,
): Promise<void> {
  const { kind, name } = parseReconciled(words);
  if (kind.kind !== Kustomization.kind) {
    throw new CommandError(`--path goes with a kustomization, not with a ${kind.word}`, exitCode.usage);
  }
  const namespace = options.namespace ?? "capstan-system";
  const renderer = inlineRenderer();
  try {
    await withClient(options, io, async (client) => {
      const object = await client.get<Kustomization>({ ...kind, name, namespace }, { signal: io.signal });
      const local = { ...object, spec: { ...object.spec, path: resolve(options.path) } };
      const { objects } = await renderKustomization(local, {
        directory: "/",
        reader: client,
        renderer,
        signal: io.signal,
      });
      io.out(
        objects.map((each) => stringifyYaml(maskSecret(JSON.parse(each.json) as KubeObject))).join("---\n"),
      );
    });
  } catch (error) {
    if (error instanceof RenderError)
      throw new CommandError(error.message, exitCode.failure, { cause: error });
    throw error;
  } finally {
    await renderer.close();
  }
}
