// Checks what the linter has no rule for: imports point down the layers and through a package's
// index only, nothing below the composition root reads the clock, randomness or the environment by itself,
// no path of one machine and no registry address is committed.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { dirname, join, relative, sep } from "node:path";
import { root } from "./workspace.mjs";

/** Layer of each package; an import must go to a lower one. */
const layers = {
  kube: 0,
  kustomize: 1,
  helm: 1,
  cel: 1,
  sops: 1,
  git: 2,
  oci: 2,
  artifacts: 2,
  "control-plane": 2,
  controller: 2,
  sources: 3,
  delivery: 3,
  progressive: 3,
  notifications: 3,
  images: 3,
  infrastructure: 3,
  workloads: 3,
  cli: 4,
  ui: 4,
};

/** Globals that make code depend on the moment or the machine; allowed in the composition root only. */
const ambient = [
  [/\bDate\.now\(/, "Date.now()", "take a Clock"],
  [/\bnew Date\(\s*\)/, "new Date()", "take a Clock"],
  [/\bMath\.random\(/, "Math.random()", "take a Random"],
  [/\bperformance\.now\(/, "performance.now()", "take a Clock"],
  [/(?<![\w.])setTimeout\(/, "setTimeout()", "take a Clock"],
  [/(?<![\w.])setInterval\(/, "setInterval()", "take a Clock"],
  [/\bprocess\.env\b/, "process.env", "take the setting as an argument"],
];

const problems = [];
const report = (file, line, message) => problems.push(`${relative(root, file)}:${line}: ${message}`);

function* sourceFiles(directory) {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (!["node_modules", "dist", "generated", "testdata"].includes(entry.name)) yield* sourceFiles(path);
    } else if (/\.tsx?$/.test(entry.name)) {
      yield path;
    }
  }
}

/** Blanks comments and keeps line numbers, so that prose about a global is not taken for its use. */
function withoutComments(text) {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " "))
    .replace(/(^|[\s;{}(,])\/\/[^\n]*/g, "$1");
}

function checkImports(file, name, lines, isTest, manifest) {
  lines.forEach((text, index) => {
    for (const match of text.matchAll(
      /(?:from|import\()\s*["']([^"']+)["']|^\s*import\s+["']([^"']+)["']/g,
    )) {
      const specifier = match[1] ?? match[2];
      if (specifier.startsWith(".")) {
        const target = join(file, "..", specifier);
        if (!target.startsWith(join(root, "packages", name) + sep)) {
          report(file, index + 1, `${specifier} leaves the package; import @capstan/<package>`);
        }
        continue;
      }
      const [, target, deep] = /^@capstan\/([^/]+)(\/.*)?$/.exec(specifier) ?? [];
      if (target === undefined || target === name) continue;
      if (deep) report(file, index + 1, `${specifier} is a deep import; use @capstan/${target}`);
      const allowed = isTest
        ? { ...manifest.dependencies, ...manifest.devDependencies }
        : manifest.dependencies;
      if (!(`@capstan/${target}` in (allowed ?? {}))) {
        report(file, index + 1, `${specifier} is no dependency in the package's package.json`);
      }
      if (!isTest && layers[target] >= layers[name]) {
        report(
          file,
          index + 1,
          `${name} (layer ${layers[name]}) may not import ${target} (layer ${layers[target]})`,
        );
      }
    }
  });
}

function checkAmbient(file, lines) {
  lines.forEach((text, index) => {
    for (const [pattern, global, advice] of ambient) {
      if (pattern.test(text)) report(file, index + 1, `${global} below the composition root: ${advice}`);
    }
  });
}

for (const name of readdirSync(join(root, "packages"))) {
  if (!(name in layers))
    report(join(root, "packages", name), 1, "has no layer in scripts/check-structure.mjs");
  const manifest = JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8"));
  const source = join(root, "packages", name, "src");
  if (!existsSync(source)) continue;
  for (const file of sourceFiles(source)) {
    const isTest = file.endsWith(".test.ts") || file.includes(`${sep}testing${sep}`);
    const lines = withoutComments(readFileSync(file, "utf8")).split("\n");
    checkImports(file, name, lines, isTest, manifest);
    if (!isTest && name !== "cli" && name !== "ui") checkAmbient(file, lines);
  }
}

/** Directories of this very machine, as they must not stand in a file that others get. */
const own = [dirname(root), homedir()].filter((path) => path !== "/" && path !== tmpdir());
const escaped = own.map((path) => `${path.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}/`);
const foreign = spawnSync(
  "git",
  [
    "grep",
    "-nIE",
    `(^|[^[:alnum:]_./-])(${escaped.join("|")})|"resolved": "https?:`,
    "--",
    ":!scripts/check-structure.mjs",
  ],
  { cwd: root, encoding: "utf8" },
);
for (const line of foreign.stdout.split("\n").filter(Boolean)) {
  problems.push(`${line.slice(0, 160)}: a path of one machine, or a registry address`);
}

for (const problem of problems) console.error(problem);
if (problems.length > 0) console.error(`${problems.length} problem(s) in the structure`);
process.exit(problems.length > 0 ? 1 : 0);
