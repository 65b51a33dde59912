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
function quickCommands() {
  const { Script } = require("node:vm");
  const file = join(bundle, "quick.cjs");
  const cache = `${file}.cache`;
  // The script is ASCII, which is read faster as Latin-1 than as UTF-8.
  const source = `(function (exports, require, module) {${readFileSync(file, "latin1")}\n})`;
  const kept = existsSync(cache) ? { cachedData: readFileSync(cache) } : {};
  const module = { exports: {} };
  const load = new Script(source, { filename: file, ...kept }).runInThisContext();
  load(module.exports, require, module);
  return module.exports;
}

async function run() {
  const isQuick = process.argv[2] === "build" || process.argv[2] === "version";
  const code = isQuick ? await quickCommands().quick(process.argv.slice(2)) : undefined;
  if (code !== undefined) process.exitCode = code;
  else await import("../dist/bundle/capstan.js");
}

if (existsSync(join(bundle, "capstan.js"))) {
  void run();
} else {
  console.error("capstan is not built yet: run `npm run build` (or `npm start`) first");
  process.exitCode = 1;
}
