#!/usr/bin/env node
// CommonJS, because the loader of modules takes longer to start than a small build.
"use strict";
const { existsSync, readFileSync } = require("node:fs");
const { join } = require("node:path");

const bundle = join(__dirname, "../dist/bundle");

/**
 * The commands that are worth starting without the rest, from a script whose compiled code was kept when it
 * was built. Another version of Node refuses that code and compiles the script.
 */
function loadQuick() {
  // Node 20 optimises functions so early that a small build ends before that has paid. Later versions do not, and
  // do not know the flag. It comes before the script, as kept code is for the very flags that it was made with.
  if (process.versions.v8.startsWith("11.3."))
    require("node:v8").setFlagsFromString("--interrupt-budget=1000000");
  const { Script } = require("node:vm");
  const file = join(bundle, "quick.cjs");
  const cache = `${file}.cache`;
  // The script is ASCII, which is read faster as Latin-1 than as UTF-8.
  const source = readFileSync(file, "latin1");
  const kept = existsSync(cache) ? { cachedData: readFileSync(cache) } : {};
  const script = new Script(source, { filename: file, ...kept });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, bundle);
  return { script, cache, quick: module.exports.quick };
}

async function run() {
  const isQuick = process.argv[2] === "build" || process.argv[2] === "version";
  const code = isQuick ? await loadQuick().quick(process.argv.slice(2)) : undefined;
  // All is written: what is left to do takes longer than the system takes to end a process.
  if (code !== undefined) process.exit(code);
  else await import("../dist/bundle/capstan.js");
}

if (require.main !== module) {
  // The build, which keeps the compiled code.
  module.exports = { loadQuick };
} else if (existsSync(join(bundle, "capstan.js"))) {
  void run();
} else {
  console.error("capstan is not built yet: run `npm run build` (or `npm start`) first");
  process.exitCode = 1;
}
