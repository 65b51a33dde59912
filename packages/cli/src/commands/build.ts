import { resolve } from "node:path";
import { build as buildTree, diskTree, KustomizeError, parseRepoSpec, toYaml } from "@capstan/kustomize";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { readLoadRestrictor } from "../load-restrictor.js";

export interface BuildOptions {
  readonly loadRestrictor?: string;
  readonly reorder?: string;
  /** Render `helmCharts` that are in the tree. */
  readonly enableHelm?: boolean;
  /** Clone bases and fetch files from elsewhere. */
  readonly allowRemote?: boolean;
}

/** `capstan build PATH`: prints what `kubectl kustomize PATH` prints. */
export async function build(path: string, options: BuildOptions, io: Io): Promise<void> {
  const loadRestrictor = readLoadRestrictor(options.loadRestrictor);
  const reorder = oneOf("--reorder", options.reorder, ["legacy", "none"] as const);
  // The network and Helm are loaded where they were asked for, so that plain builds start at once.
  const remote =
    options.allowRemote === true ? (await import("../remote-bases.js")).remoteBases(io) : undefined;
  const inflateHelmChart =
    options.enableHelm === true ? (await import("../chart-inflator.js")).chartInflator(io) : undefined;
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
  } finally {
    await remote?.close();
  }
}

/** What PATH names: a directory of this machine, or of a repository that is cloned. */
async function rootOf(path: string, remote: { cloneRepository: Clone } | undefined) {
  const spec = parseRepoSpec(path);
  if (spec === undefined) return { tree: diskTree("/"), directory: resolve(path) };
  if (remote === undefined)
    throw new CommandError(`${path} is elsewhere: --allow-remote clones it`, exitCode.usage);
  return { tree: await remote.cloneRepository(spec), directory: `/${spec.path}` };
}

type Clone = (spec: NonNullable<ReturnType<typeof parseRepoSpec>>) => Promise<ReturnType<typeof diskTree>>;

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
