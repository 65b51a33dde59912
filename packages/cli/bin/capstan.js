#!/usr/bin/env node
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { Script } from "node:vm";

const bundle = fileURLToPath(new URL("../dist/bundle/", import.meta.url));

/**
 * The commands that are worth starting without the rest, from a script whose compiled code was kept when it
 * was built. Another version of Node refuses that code and compiles the script.
 */
function quickCommands() {
  const file = `${bundle}quick.cjs`;
  const cache = `${file}.cache`;
  const source = `(function (exports, require, module) {${readFileSync(file, "utf8")}\n})`;
  const kept = existsSync(cache) ? { cachedData: readFileSync(cache) } : {};
  const module = { exports: {} };
  const load = new Script(source, { filename: file, ...kept }).runInThisContext();
  load(module.exports, createRequire(import.meta.url), module);
  return module.exports;
}

if (!existsSync(`${bundle}capstan.js`)) {
  console.error("capstan is not built yet: run `npm run build` (or `npm start`) first");
  process.exitCode = 1;
} else {
  const isQuick = process.argv[2] === "build" || process.argv[2] === "version";
  if (!isQuick || !(await quickCommands().quick(process.argv.slice(2)))) {
    await import(new URL("../dist/bundle/capstan.js", import.meta.url).href);
  }
}
