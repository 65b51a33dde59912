import { KustomizeError } from "../errors.js";
import { decodeAs, isObject, listOf } from "../kustomization/decode.js";
import { type Patch, type Replacement, replacementDecoder } from "../kustomization/types.js";
import { type Loader, textOf } from "../loader/loader.js";
import { readResources } from "../resource/read.js";
import type { Resource } from "../resource/resource.js";
import type { LoadedPatch } from "../transformers/patches.js";
import { readYaml11 } from "../yaml/read.js";
import type { BuildContext } from "./context.js";

/** Gets the text of a `patches` entry. `file` is the kustomization that holds it. */
export async function loadPatch(patch: Patch, loader: Loader, file: string): Promise<LoadedPatch> {
  const text = patch.patch?.trim() ?? "";
  const shown = { path: patch.path, patch: patch.patch, target: patch.target };
  if (text === "" && !patch.path) {
    throw new KustomizeError("patch", `must specify one of patch and path in\n${JSON.stringify(shown)}`, {
      file,
    });
  }
  if (text !== "" && patch.path) {
    const message = `patch and path can't be set at the same time\n${JSON.stringify(shown)}`;
    throw new KustomizeError("patch", message, { file });
  }
  if (!patch.path) return { patch, text, file };
  try {
    const loaded = await loader.load(patch.path);
    return { patch, text: textOf(loaded), file: loaded.path };
  } catch (error) {
    const failed = KustomizeError.from(error, "patch", file);
    throw failed.reword(`failed to get the patch file from path(${patch.path}): ${failed.message}`);
  }
}

/** Entries of `patchesStrategicMerge`: each is a patch itself or the path of one. */
export async function loadStrategicPatches(
  entries: readonly string[],
  loader: Loader,
  file: string,
  context: BuildContext,
): Promise<Resource[]> {
  const patches: Resource[] = [];
  for (const entry of entries) {
    const inline = readInline(entry, file, context);
    if (inline !== undefined) {
      patches.push(...inline);
    } else {
      const loaded = await loader.load(entry);
      patches.push(...readResources(textOf(loaded), loaded.path, context.scopes));
    }
  }
  if (patches.length === 0) {
    throw new KustomizeError("patch", `patch appears to be empty; files=[${entries.join(" ")}], Patch=`, {
      file,
    });
  }
  return patches;
}

/** An entry read as objects; undefined where it is none, and is taken for a path. */
export function readInline(entry: string, file: string, context: BuildContext): Resource[] | undefined {
  try {
    return readResources(entry, file, context.scopes);
  } catch (error) {
    if (error instanceof KustomizeError && error.code !== "limit") return undefined;
    throw error;
  }
}

/** Replacements with those that are in files read. */
export async function loadReplacements(
  entries: readonly Replacement[],
  loader: Loader,
): Promise<Replacement[]> {
  const replacements: Replacement[] = [];
  for (const entry of entries) {
    if (!entry.path) {
      replacements.push(entry);
      continue;
    }
    if (entry.source !== undefined || (entry.targets?.length ?? 0) > 0) {
      throw new KustomizeError("replacement", "cannot specify both path and inline replacement");
    }
    const loaded = await loader.load(entry.path);
    replacements.push(...readReplacements(textOf(loaded), loaded.path));
  }
  return replacements;
}

function readReplacements(text: string, file: string): Replacement[] {
  const value = readYaml11(text, "replacement", file);
  try {
    if (Array.isArray(value)) {
      return decodeAs(
        listOf(replacementDecoder, () => ({})),
        value,
        "Replacement",
        { strict: false, coerce: true },
      );
    }
    if (isObject(value))
      return [decodeAs(replacementDecoder, value, "Replacement", { strict: false, coerce: true })];
  } catch (error) {
    throw KustomizeError.from(error, "replacement", file);
  }
  throw new KustomizeError(
    "replacement",
    "unsupported replacement type encountered within replacement path",
    { file },
  );
}
