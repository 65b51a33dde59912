// Compiles every package with the TypeScript compiler, and bundles the command line into one file so
// that a cold start reads one file and not a thousand.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureInstalled, root, run, runTool } from "./workspace.mjs";

/** Packages that cannot go into a bundle: native code, or code that finds files beside itself. */
const external = ["lmdb"];

function generate() {
  for (const name of readdirSync(join(root, "packages"))) {
    const script = join(root, "packages", name, "scripts", "generate.mjs");
    if (!existsSync(script)) continue;
    const result = spawnSync(process.execPath, [script], {
      cwd: join(root, "packages", name),
      stdio: "inherit",
    });
    if (result.status !== 0) throw new Error(`${script} ended with status ${result.status}`);
  }
}

function versionDefinition(cli) {
  const { version } = JSON.parse(readFileSync(join(cli, "package.json"), "utf8"));
  return { "process.env.CAPSTAN_VERSION": JSON.stringify(version) };
}

async function bundle() {
  const { build: esbuild } = await import("esbuild");
  const cli = join(root, "packages", "cli");
  // Names of chunks carry their content: what an earlier build left would pile up.
  rmSync(join(cli, "dist", "bundle"), { recursive: true, force: true });
  await esbuild({
    entryPoints: {
      capstan: join(cli, "dist", "main.js"),
      "render-worker": join(root, "packages", "delivery", "dist", "render-worker.js"),
    },
    outdir: join(cli, "dist", "bundle"),
    bundle: true,
    splitting: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    external,
    sourcemap: "linked",
    legalComments: "none",
    logLevel: "warning",
    define: versionDefinition(cli),
    // Bundled CommonJS dependencies call require() for Node's own modules.
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
}

/** Loads regular expressions, half of all the code, when the first one is compiled: few builds have any. */
const lazyExpressions = {
  name: "lazy-expressions",
  setup(build) {
    build.onResolve({ filter: /^re2js$/ }, () => ({ path: "re2js", namespace: "lazy" }));
    build.onLoad({ filter: /.*/, namespace: "lazy" }, () => ({
      contents: `module.exports = { get RE2JS() { return require(__dirname + "/re2js.cjs").RE2JS; } };`,
      loader: "js",
    }));
  },
};

/** Bundles the commands that start without the rest into one script, and keeps its compiled code. */
async function bundleQuick() {
  const { build: esbuild } = await import("esbuild");
  const cli = join(root, "packages", "cli");
  const bundle = join(cli, "dist", "bundle");
  const common = {
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    legalComments: "none",
  };
  await esbuild({
    ...common,
    stdin: { contents: 'export { RE2JS } from "re2js";', resolveDir: cli },
    outfile: join(bundle, "re2js.cjs"),
  });
  await esbuild({
    ...common,
    entryPoints: [join(cli, "dist", "quick.js")],
    outfile: join(bundle, "quick.cjs"),
    plugins: [lazyExpressions],
    // The script is a function, called with what a module is given: wrapping it when it is read would copy it.
    banner: { js: "(function (exports, require, module, __dirname) {" },
    footer: { js: "})" },
    // Less to read; names stay, for the stacks of errors.
    minifyWhitespace: true,
    minifySyntax: true,
    logLevel: "warning",
    define: versionDefinition(cli),
  });
  const sample = join(root, "packages", "kustomize", "testdata", "cases", "names-and-references", "input");
  const output = ["ignore", "ignore", "inherit"];
  run(process.execPath, [join(root, "scripts", "code-cache.mjs"), sample], { stdio: output });
}

/** Builds everything; throws or ends the process when a step fails. */
export async function build() {
  generate();
  runTool("tsc", ["-b"]);
  await bundle();
  await bundleQuick();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ensureInstalled();
  await build();
}
