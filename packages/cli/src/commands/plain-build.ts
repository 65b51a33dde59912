import { resolve } from "node:path";
import {
  build as buildTree,
  diskTree,
  type BuildOptions as EngineOptions,
  KustomizeError,
  parseRepoSpec,
  type RemotePort,
  toYaml,
} from "@capstan/kustomize";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { readLoadRestrictor } from "../load-restrictor.js";

export interface PlainBuildOptions {
  readonly loadRestrictor?: string;
  readonly reorder?: string;
}

/** What a build may use beyond the files of this machine; nothing, where it is not given. */
export interface BuildPorts {
  readonly remote?: RemotePort;
  readonly inflateHelmChart?: EngineOptions["inflateHelmChart"];
}

/**
 * Prints what `kubectl kustomize PATH` prints. Says on standard error what is deprecated.
 * @throws CommandError
 */
export async function plainBuild(
  path: string,
  options: PlainBuildOptions,
  io: Pick<Io, "out" | "err">,
  { remote, inflateHelmChart }: BuildPorts = {},
): Promise<void> {
  const loadRestrictor = readLoadRestrictor(options.loadRestrictor);
  const reorder = oneOf("--reorder", options.reorder, ["legacy", "none"] as const);
  try {
    const { tree, directory } = await rootOf(path, remote);
    const { resources, warnings } = await buildTree(tree, directory, {
      loadRestrictor,
      ...(reorder === undefined ? {} : { reorder }),
      ...(remote === undefined ? {} : { remote }),
      ...(inflateHelmChart === undefined ? {} : { inflateHelmChart }),
    });
    for (const warning of warnings) io.err(`# Warning: ${warning}\n`);
    io.out(toYaml(resources));
  } catch (error) {
    if (error instanceof KustomizeError)
      throw new CommandError(worded(error), exitCode.failure, { cause: error });
    throw error;
  }
}

/** What PATH names: a directory of this machine, or of a repository that is cloned. */
async function rootOf(path: string, remote: BuildPorts["remote"]) {
  const spec = parseRepoSpec(path);
  if (spec === undefined) return { tree: diskTree("/"), directory: resolve(path) };
  if (remote === undefined)
    throw new CommandError(`${path} is elsewhere: --allow-remote clones it`, exitCode.usage);
  return { tree: await remote.cloneRepository(spec), directory: `/${spec.path}` };
}

/** The message with the place, where it does not say it, and the flag that would help. */
function worded({ message, file, line }: KustomizeError): string {
  const place =
    file === undefined || message.includes(file) ? "" : ` (${file}${line === undefined ? "" : `:${line}`})`;
  const hint = message.endsWith("is not allowed") ? " (--allow-remote allows it)" : "";
  return message + place + hint;
}

function oneOf<const T extends string>(
  flag: string,
  value: string | undefined,
  known: readonly T[],
): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((each) => each === value);
  if (found === undefined)
    throw new CommandError(
      `${flag} takes ${known.join(" or ")}, not ${JSON.stringify(value)}`,
      exitCode.usage,
    );
  return found;
}
