import { ChartError, type ChartFile, dependencyOf } from "@capstan/helm";
import { parseYaml, YamlError } from "@capstan/kube";
import type { FileTree } from "@capstan/kustomize";
import { isFields } from "./scan.js";
import { treePath } from "./tree-path.js";

const MAX_FILES = 10_000;
const MAX_NESTING = 10;

/** The files of a chart's directory, as they are. Throws `ChartError` where there is no chart. */
export function chartFilesIn(tree: FileTree, directory: string): readonly ChartFile[] {
  if (tree.stat(`${directory}/Chart.yaml`)?.kind !== "file") {
    throw new ChartError(`no chart found at ${directory.slice(1)}`);
  }
  const files: ChartFile[] = [];
  for (const name of filesUnder(tree, directory)) {
    if (files.length >= MAX_FILES) throw new ChartError(`the chart holds more than ${MAX_FILES} files`);
    files.push({ name, data: tree.readFile(`${directory}/${name}`) });
  }
  return files;
}

/**
 * The files of a chart's directory, with the charts that it depends on by `file://` put into `charts/` as
 * `helm dependency build` does. Throws `ChartError` where there is no chart.
 */
export function chartFilesOf(tree: FileTree, directory: string, nesting = 0): readonly ChartFile[] {
  if (nesting > MAX_NESTING) throw new ChartError("charts are nested too deeply");
  const files = [...chartFilesIn(tree, directory)];
  for (const { name, path } of localDependencies(tree, directory)) {
    if (files.some((file) => isVendored(file.name, name))) continue;
    for (const file of chartFilesOf(tree, path, nesting + 1)) {
      files.push({ name: `charts/${name}/${file.name}`, data: file.data });
    }
  }
  return files;
}

/** Whether a file is, or is of, a chart that was put into `charts/`. */
function isVendored(file: string, chart: string): boolean {
  return (
    file.startsWith(`charts/${chart}/`) || (file.startsWith(`charts/${chart}-`) && file.endsWith(".tgz"))
  );
}

function localDependencies(tree: FileTree, directory: string) {
  return listedDependencies(tree, directory)
    .map(dependencyOf)
    .filter(({ repository }) => repository.startsWith("file://"))
    .map(({ name, repository }) => ({ name, path: treePath(repository.slice("file://".length), directory) }));
}

function listedDependencies(tree: FileTree, directory: string): readonly unknown[] {
  const text = new TextDecoder().decode(tree.readFile(`${directory}/Chart.yaml`));
  try {
    const parsed = parseYaml(text, { file: `${directory}/Chart.yaml` });
    return isFields(parsed) && Array.isArray(parsed["dependencies"]) ? parsed["dependencies"] : [];
  } catch (error) {
    // Whoever loads the chart says what is wrong with it, in Helm's words.
    if (error instanceof YamlError) return [];
    throw error;
  }
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
