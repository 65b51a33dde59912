// Loads the TypeScript modules of bench/ and conformance/: bundled by esbuild into .cache, with the
// workspace's packages left to Node, so that what is measured is what is shipped.
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./workspace.mjs";

/** Names of the modules in a folder, without helpers (files that start with `_`) and tests. */
export function moduleNames(folder) {
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".ts") && !file.startsWith("_") && !file.endsWith(".test.ts"))
    .map((file) => basename(file, ".ts"))
    .sort();
}

/** Compiles `folder/name.ts` and imports it. */
export async function loadModule(folder, name) {
  const { build } = await import("esbuild");
  const outfile = join(root, ".cache", folder, `${name}.mjs`);
  await build({
    entryPoints: [join(root, folder, `${name}.ts`)],
    outfile,
    bundle: true,
    packages: "external",
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "warning",
    define: { "import.meta.url": JSON.stringify(pathToFileURL(join(root, folder, `${name}.ts`)).href) },
  });
  return import(pathToFileURL(outfile).href);
}
