import type { LoadRestrictor } from "@capstan/kustomize";
import { CommandError, exitCode } from "./exit-code.js";

/** Reads `--load-restrictor` in kubectl's words. Throws `CommandError` for anything else. */
export function readLoadRestrictor(value: string | undefined): LoadRestrictor {
  if (value === undefined || value === "LoadRestrictionsRootOnly") return "rootOnly";
  if (value === "LoadRestrictionsNone") return "none";
  throw new CommandError(
    `--load-restrictor takes LoadRestrictionsRootOnly or LoadRestrictionsNone, not ${JSON.stringify(value)}`,
    exitCode.usage,
  );
}
