import { KustomizeError } from "../errors.js";
import type { Selector } from "../kustomization/types.js";
import type { Budget } from "../loader/limits.js";
import { parseJsonPatch } from "../patch/json-patch.js";
import type { Resource } from "../resource/resource.js";
import { selectResources } from "../selector/select.js";
import { mergeCopies, type PatchTypes, patchJson } from "./patches.js";
import type { Transformer } from "./transformer.js";

/** `patchesStrategicMerge`: each patch goes to the one object of its id. */
export function strategicMergeTransformer(patches: readonly Resource[], types: PatchTypes): Transformer {
  return {
    kind: "PatchStrategicMergeTransformer",
    transform(map, note) {
      for (const patch of patches) {
        let target: Resource;
        try {
          target = map.getById(patch.originalId());
        } catch (error) {
          throw KustomizeError.from(error, "patch", patch.file);
        }
        mergeCopies(map, [target], patch, types, note);
        map.changed();
      }
    },
  };
}

/** `patchesJson6902`: as a JSON patch in `patches`, but names it changes are not followed. */
export function json6902Transformer(
  target: Selector | undefined,
  text: string,
  file: string,
  budget: Budget,
): Transformer {
  if (!target?.name) throw new KustomizeError("patch", "must specify the target name", { file });
  const patch = parseJsonPatch(text);
  if (patch.length === 0) {
    throw new KustomizeError("patch", `patch appears to be empty; file=${file}, JsonOp=${text}`, { file });
  }
  return {
    kind: "PatchJson6902Transformer",
    transform(map, note) {
      for (const resource of selectResources(map, target)) {
        note(resource);
        budget.takeCopy(text.length);
        patchJson(resource, patch);
      }
      map.changed();
    },
  };
}
