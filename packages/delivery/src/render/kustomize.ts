import { build } from "@capstan/kustomize";
import type { BuiltObject } from "./finish.js";
import type { Build } from "./render.js";

/**
 * Builds as Flux does: files may come from anywhere in the tree, the order is that of the build file,
 * nothing is loaded from the network but through `remote`. Every file that cannot be read is told, not only the first.
 */
export const buildWithKustomize: Build = async (tree, directory, remote) => {
  const { resources } = await build(tree, directory, {
    loadRestrictor: "none",
    reorder: "none",
    collectErrors: true,
    ...(remote === undefined ? {} : { remote }),
  });
  return resources.map(
    ({ object, file, line }): BuiltObject => ({
      object,
      origin: line === undefined ? { file: relative(file) } : { file: relative(file), line },
    }),
  );
};

/** Paths as people know them from their repository. */
function relative(path: string): string {
  return path.replace(/^\/+/, "");
}
