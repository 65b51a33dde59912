import { lstat, readFile, stat } from "node:fs/promises";
import { ArtifactError, readDirectoryTree, resolveInside } from "@capstan/artifacts";
import {
  ChartError,
  type ChartFile,
  chartFiles,
  maxChartSize,
  maxFileSize,
  unpackChart,
} from "@capstan/helm";
import { cleanName } from "./values-files.js";

/** A chart in a tree of files. */
export interface ChartAt {
  /** Whether it is a directory, and no archive. */
  readonly directory: boolean;
  readonly files: readonly ChartFile[];
  /** The archive itself. */
  readonly bytes?: Uint8Array;
}

const LIMITS = { maxEntries: 100_000, maxBytes: maxChartSize };

/**
 * Reads a chart below `root`: a directory, less what its `.helmignore` names, or an archive. `path` cannot
 * leave `root`. Throws `ChartError`, with the path that was looked at.
 */
export async function readChart(root: string, path: string): Promise<ChartAt> {
  const clean = cleanName(path);
  const target = await locate(root, clean);
  if (target === undefined) throw new ChartError(`stat /${clean}: no such file or directory`);
  if (!(await stat(target)).isDirectory()) {
    const bytes = await readBounded(target, clean);
    return { directory: false, files: unpackChart(bytes), bytes };
  }
  const entries = await treeOf(target);
  const files = await Promise.all(
    entries.flatMap((entry) =>
      entry.kind === "file" ? [entry.read().then((data) => ({ name: entry.path, data }))] : [],
    ),
  );
  const kept = chartFiles(files);
  if (!kept.some(({ name }) => name === "Chart.yaml")) {
    throw new ChartError(`open /${clean}/Chart.yaml: no such file or directory`);
  }
  for (const { name, data } of kept) {
    if (data.length > maxFileSize)
      throw new ChartError(
        `chart file ${JSON.stringify(name)} is larger than the maximum file size ${maxFileSize}`,
      );
  }
  return { directory: true, files: kept };
}

/** The bytes of a regular file below `root`; `undefined` where there is none. Throws `ChartError` if it is too large. */
export async function readFileInside(root: string, path: string): Promise<Uint8Array | undefined> {
  const clean = cleanName(path);
  const target = await locate(root, clean);
  if (target === undefined || !(await stat(target)).isFile()) return undefined;
  return readBounded(target, clean);
}

/** Where a path leads inside of `root`; `undefined` where nothing is, or where it leads out. */
async function locate(root: string, path: string): Promise<string | undefined> {
  try {
    const target = await resolveInside(root, path);
    await lstat(target);
    return target;
  } catch (error) {
    if (ArtifactError.is(error, "not-found", "unsafe-path")) return undefined;
    throw error;
  }
}

async function readBounded(file: string, path: string): Promise<Uint8Array> {
  const { size } = await stat(file);
  if (size > maxChartSize) throw new ChartError(`size of '${path}' exceeds '${maxChartSize}' bytes limit`);
  return readFile(file);
}

async function treeOf(directory: string) {
  try {
    return await readDirectoryTree(directory, LIMITS);
  } catch (error) {
    if (ArtifactError.is(error, "too-large")) throw new ChartError(error.message, { cause: error });
    throw error;
  }
}
