// Sets the workspace up (install, build) and skips what is up to date, so that every npm script can
// start with `await ensureBuilt()` at the cost of a few milliseconds.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/[/\\]$/, "");
const cache = join(root, ".cache");

/** Runs a command in the workspace with its output shown; ends this process when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: "inherit", ...options });
  if (result.error) throw result.error;
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** Runs a tool installed in the workspace without going through npx. */
export function runTool(name, args, options) {
  run(join(root, "node_modules", ".bin", name), args, options);
}

function stampOf(name) {
  const file = join(cache, `${name}.stamp`);
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function writeStamp(name, value) {
  mkdirSync(cache, { recursive: true });
  writeFileSync(join(cache, `${name}.stamp`), value);
}

function lockDigest() {
  return createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
}

/** Path, size and modification time of every source the build reads, as one digest. */
function sourceDigest() {
  const hash = createHash("sha256");
  const visit = (directory) => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      if (entry.name === "node_modules" || entry.name === "dist" || entry.name === "generated") continue;
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== "testdata") visit(path);
      } else if (/\.(ts|mjs|json)$/.test(entry.name) && !entry.name.endsWith(".test.ts")) {
        const { size, mtimeMs } = statSync(path);
        hash.update(`${path}\0${size}\0${mtimeMs}\n`);
      }
    }
  };
  visit(join(root, "packages"));
  for (const file of ["tsconfig.json", "tsconfig.base.json", "scripts/build.mjs"]) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** Installs the dependencies of the lock file unless that very lock file is what is installed. */
export function ensureInstalled() {
  const digest = lockDigest();
  if (stampOf("install") === digest && existsSync(join(root, "node_modules", ".bin", "tsc"))) return;
  console.error("capstan: installing dependencies (once)…");
  run("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], { stdio: ["ignore", 2, 2] });
  writeStamp("install", digest);
}

/** Installs and builds whatever is not up to date. */
export async function ensureBuilt() {
  ensureInstalled();
  const digest = sourceDigest();
  if (stampOf("build") === digest && existsSync(join(root, "packages/cli/dist/bundle/capstan.js"))) return;
  console.error("capstan: building…");
  const { build } = await import("./build.mjs");
  await build();
  writeStamp("build", digest);
}
