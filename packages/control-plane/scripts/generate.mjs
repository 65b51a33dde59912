// Generates the descriptions of the built-in types' fields out of the doc comments that the package
// `kubernetes-models` carries, into generated/descriptions.json. Nothing is done when they are up to date.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const target = join(dirname(fileURLToPath(import.meta.url)), "..", "generated", "descriptions.json");
const stampFile = join(dirname(target), "descriptions.stamp");

/** Directories of the models with the name of the group in OpenAPI documents. */
const GROUPS = new Map([
  ["v1", "io.k8s.api.core.v1"],
  ["apiextensions.k8s.io/v1", "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1"],
  ["apiregistration.k8s.io/v1", "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1"],
]);

function directoryOf(name) {
  const require = createRequire(import.meta.url);
  return dirname(require.resolve(`${name}/package.json`));
}

function* modelDirectories(root) {
  for (const group of readdirSync(root, { withFileTypes: true })) {
    if (!group.isDirectory() || group.name.startsWith("_") || group.name === "node_modules") continue;
    if (/^v\d/.test(group.name)) yield group.name;
    else
      for (const version of readdirSync(join(root, group.name))) {
        if (/^v\d+(?:(?:alpha|beta)\d+)?$/.test(version)) yield `${group.name}/${version}`;
      }
  }
}

function refPrefix(directory) {
  const known = GROUPS.get(directory);
  if (known !== undefined) return known;
  const [group, version] = directory.split("/");
  return `io.k8s.api.${group.replace(/\.(?:authorization\.|apiserver\.)?k8s\.io$/, "")}.${version}`;
}

function textOf(comment) {
  return comment
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .trim()
    .replace(/\n@deprecated$/, "")
    .replaceAll("*\\/", "*/");
}

/** Descriptions of one type: its own under "", those of its fields, where it has any, under their names. */
function readType(source) {
  const start = source.search(/^export (?:interface|declare type) /m);
  if (start < 0) return undefined;
  const texts = {};
  const before = [...source.slice(0, start).matchAll(/\/\*\*([\s\S]*?)\*\//g)].at(-1);
  if (before !== undefined) texts[""] = textOf(before[1]);
  const end = source.indexOf("\n}\n", start);
  const body = end < 0 ? "" : source.slice(start, end);
  for (const match of body.matchAll(/^ {4}\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n {4}"((?:[^"\\]|\\.)+)"/gm)) {
    texts[JSON.parse(`"${match[2]}"`)] = textOf(match[1]);
  }
  return Object.keys(texts).length > 0 ? texts : undefined;
}

function collect(root, prefixOf, directories, result) {
  for (const directory of directories) {
    for (const file of readdirSync(join(root, directory))) {
      if (!file.endsWith(".d.ts") || file === "index.d.ts") continue;
      const texts = readType(readFileSync(join(root, directory, file), "utf8"));
      if (texts !== undefined) result[`${prefixOf(directory)}.${file.slice(0, -5)}`] = texts;
    }
  }
}

function main() {
  const models = directoryOf("kubernetes-models");
  const apimachinery = directoryOf("@kubernetes-models/apimachinery");
  const versions = [models, apimachinery].map(
    (path) => JSON.parse(readFileSync(join(path, "package.json"), "utf8")).version,
  );
  const stamp = `${versions.join(" ")} ${statSync(fileURLToPath(import.meta.url)).mtimeMs}`;
  try {
    if (readFileSync(stampFile, "utf8") === stamp && statSync(target).size > 0) return;
  } catch {
    // Never generated before.
  }
  const result = {};
  collect(models, refPrefix, modelDirectories(models), result);
  const machinery = ["apis/meta/v1", "runtime", "util/intstr"];
  collect(apimachinery, (path) => `io.k8s.apimachinery.pkg.${path.replaceAll("/", ".")}`, machinery, result);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.part`, JSON.stringify(result));
  renameSync(`${target}.part`, target);
  writeFileSync(stampFile, stamp);
}

main();
