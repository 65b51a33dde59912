import type { IgnoreRules } from "@capstan/artifacts";
import type { GitSymlink } from "@capstan/git";
import { SourceFailed } from "../failure.js";

const SHOWN = 5;

/**
 * Refuses links that lead out of the repository. Artifacts hold no links at all; but where one is put in
 * the place of a manifest, leaving it out would read as if the manifest had been deleted. What `ignore`
 * excludes may lead anywhere. Throws `SourceFailed` IllegalPath, naming the links.
 */
export async function refuseEscapingLinks(
  symlinks: readonly GitSymlink[],
  ignore: IgnoreRules,
): Promise<void> {
  const escaping: string[] = [];
  for (const { path, target } of symlinks) {
    if (ignore.ignores(path, false)) continue;
    const to = await target();
    if (leadsOut(path, to)) escaping.push(`'${path}' (to '${to}')`);
  }
  if (escaping.length === 0) return;
  const shown = escaping.slice(0, SHOWN).join(", ");
  const more = escaping.length > SHOWN ? ` and ${escaping.length - SHOWN} more` : "";
  throw new SourceFailed({
    condition: "StorageOperationFailed",
    reason: "IllegalPath",
    message: `symbolic links lead out of the repository: ${shown}${more}; remove them, or exclude them with .sourceignore or spec.ignore`,
    next: "retry",
  });
}

/** Whether a link at `path` that says `target` leads above the root, by its words alone. */
export function leadsOut(path: string, target: string): boolean {
  if (target.startsWith("/")) return true;
  let depth = path.split("/").length - 1;
  for (const segment of target.split("/")) {
    if (segment === "..") depth -= 1;
    else if (segment !== "" && segment !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
