// `node scripts/code-cache.mjs FILE PATH`: keeps the compiled code of the quick commands' script beside it, once
// they have built PATH, so that what a build needs is in it. A process of its own: the code depends on the flags
// that Node was started with.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Script } from "node:vm";

const [file, path] = process.argv.slice(2);
const source = `(function (exports, require, module) {${readFileSync(file, "latin1")}\n})`;
const script = new Script(source, { filename: file });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(import.meta.url), module);
const code = await module.exports.quick(["build", path]);
if (code === 0) writeFileSync(`${file}.cache`, script.createCachedData());
