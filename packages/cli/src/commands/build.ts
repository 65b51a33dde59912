import { resolve } from "node:path";
import { build as buildTree, diskTree, KustomizeError, toYaml } from "@capstan/kustomize";
import { CommandError, exitCode } from "../exit-code.js";
import type { Io } from "../io.js";

export interface BuildOptions {
  readonly loadRestrictor?: string;
  readonly reorder?: string;
}

/** `capstan build PATH`: prints what `kubectl kustomize PATH` prints. */
export async function build(path: string, options: BuildOptions, io: Io): Promise<void> {
  const loadRestrictor = oneOf("--load-restrictor", options.loadRestrictor, [
    "LoadRestrictionsRootOnly",
    "LoadRestrictionsNone",
  ] as const);
  const reorder = oneOf("--reorder", options.reorder, ["legacy", "none"] as const);
  try {
    const { resources, warnings } = await buildTree(diskTree("/"), resolve(path), {
      loadRestrictor: loadRestrictor === "LoadRestrictionsNone" ? "none" : "rootOnly",
      ...(reorder === undefined ? {} : { reorder }),
    });
    for (const warning of warnings) io.err(`# Warning: ${warning}\n`);
    io.out(toYaml(resources));
  } catch (error) {
    if (error instanceof KustomizeError)
      throw new CommandError(error.message, exitCode.failure, { cause: error });
    throw error;
  }
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
