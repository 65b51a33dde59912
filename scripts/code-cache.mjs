// `node scripts/code-cache.mjs PATH`: keeps the compiled code of the quick commands' script beside it, once they
// have built PATH, so that what a build needs is in it. A process of its own: the code depends on the flags that
// Node was started with.
import { rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { root } from "./workspace.mjs";

const bundle = join(root, "packages", "cli", "dist", "bundle");
rmSync(join(bundle, "quick.cjs.cache"), { force: true });
const { loadQuick } = createRequire(import.meta.url)(join(root, "packages", "cli", "bin", "capstan.js"));
const { script, cache, quick } = loadQuick();
if ((await quick(["build", process.argv[2]])) === 0) writeFileSync(cache, script.createCachedData());
