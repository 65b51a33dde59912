import type { Reader } from "@capstan/controller";
import { Kustomization } from "@capstan/delivery";
import { type KubeObject, stringifyYaml } from "@capstan/kube";
import { type ConnectionOptions, withClient } from "../connection.js";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { parseReconciled } from "../kinds.js";
import {
  type LocalOptions,
  parseLocalSources,
  readKustomization,
  renderLocal,
} from "../local-kustomization.js";
import { maskSecret } from "../output/mask-secret.js";

export interface BuildKustomizationOptions extends ConnectionOptions, Omit<LocalOptions, "localSources"> {
  readonly namespace?: string;
  /** File with the Kustomization, in the place of the cluster's. */
  readonly kustomizationFile?: string;
  /** Ask no cluster. */
  readonly dryRun?: boolean;
  /** Build the Kustomizations among the objects as well. */
  readonly recursive?: boolean;
  readonly localSources?: string;
}

/**
 * `capstan build kustomization NAME --path P`: prints what a Kustomization would apply from a directory of this
 * machine; secret values are masked. With `--dry-run` no cluster is asked.
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
  const { namespace = "capstan-system", kustomizationFile: file, dryRun = false } = options;
  if (dryRun && file === undefined) {
    throw new CommandError("--dry-run asks no cluster: it needs --kustomization-file", exitCode.usage);
  }
  const { localSources: sources, ...rest } = options;
  const local = options.recursive === true ? { ...rest, localSources: parseLocalSources(sources) } : rest;
  const print = async (object: Kustomization, reader: Reader | undefined) => {
    const objects = await renderLocal(object, reader, local, io);
    io.out(
      objects.map((each) => stringifyYaml(maskSecret(JSON.parse(each.json) as KubeObject))).join("---\n"),
    );
  };
  const read = file === undefined ? undefined : await readKustomization(file, name, namespace);
  if (dryRun && read !== undefined) return print(read, undefined);
  await withClient(options, io, async (client) => {
    const object =
      read ?? (await client.get<Kustomization>({ ...kind, name, namespace }, { signal: io.signal }));
    await print(object, client);
  });
}
