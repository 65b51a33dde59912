#!/usr/bin/env node
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bundle = new URL("../dist/bundle/capstan.js", import.meta.url);
if (existsSync(fileURLToPath(bundle))) {
  await import(bundle.href);
} else {
  console.error("capstan is not built yet: run `npm run build` (or `npm start`) first");
  process.exitCode = 1;
}
