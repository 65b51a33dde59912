import { ChartError, type ChartFile, dependencyOf } from "@capstan/helm";
import { parseYaml } from "@capstan/kube";
import type { FileTree } from "@capstan/kustomize";
import { isFields } from "./scan.js";
import { treePath } from "./tree-path.js";

const MAX_FILES = 10_000;
const MAX_NESTING = 10;

/**
 * The files of a chart's directory, with the charts that it depends on by `file://` put into `charts/` as
 * `helm dependency build` does. Throws `ChartError` where there is no chart.
 */
export function chartFilesOf(tree: FileTree, directory: string, nesting = 0): readonly ChartFile[] {
  if (tree.stat(`${directory}/Chart.yaml`)?.kind !== "file") {
    throw new ChartError(`no chart found at ${directory.slice(1)}`);
  }
  if (nesting > MAX_NESTING) throw new ChartError("charts are nested too deeply");
  const files = new Map<string, ChartFile>();
  for (const name of filesUnder(tree, directory)) {
    if (files.size >= MAX_FILES) throw new ChartError(`the chart holds more than ${MAX_FILES} files`);
    files.set(name, { name, data: tree.readFile(`${directory}/${name}`) });
  }
  for (const { name, path } of localDependencies(tree, directory)) {
    const known = [...files.keys()].some((file) => file.startsWith(`charts/${name}`));
    if (known) continue;
    for (const file of chartFilesOf(tree, path, nesting + 1)) {
      files.set(`charts/${name}/${file.name}`, { name: `charts/${name}/${file.name}`, data: file.data });
    }
  }
  return [...files.values()];
}

function localDependencies(tree: FileTree, directory: string) {
  const text = new TextDecoder().decode(tree.readFile(`${directory}/Chart.yaml`));
  const parsed = parseYaml(text, { file: `${directory}/Chart.yaml` });
  const listed = isFields(parsed) && Array.isArray(parsed["dependencies"]) ? parsed["dependencies"] : [];
  return listed
    .map(dependencyOf)
    .filter(({ repository }) => repository.startsWith("file://"))
    .map(({ name, repository }) => ({ name, path: treePath(repository.slice("file://".length), directory) }));
}

function* filesUnder(tree: FileTree, directory: string, prefix = ""): Iterable<string> {
  for (const name of tree.readDir(`${directory}/${prefix}`.replace(/\/$/, ""))) {
    const path = `${directory}/${prefix}${name}`;
    const stat = tree.stat(path);
    // A link to a directory could lead back to where we are.
    if (stat?.kind === "directory" && stat.path === path)
      yield* filesUnder(tree, directory, `${prefix}${name}/`);
    else if (stat?.kind === "file") yield `${prefix}${name}`;
  }
}
