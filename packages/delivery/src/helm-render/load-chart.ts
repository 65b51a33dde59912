import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Chart, ChartError, type ChartFile, loadChart } from "@capstan/helm";
import { ChartProblem, type ChartSource } from "./chart-request.js";

/** Charts kept loaded. */
const MAX_CHARTS = 8;
const MAX_FILES = 20_000;

/** Loads charts from directories, the newest of them once per digest. */
export class ChartLoader {
  readonly #charts = new Map<string, Chart>();

  /** Throws `ChartProblem`. */
  load({ directory, digest }: ChartSource): Chart {
    const known = this.#charts.get(digest);
    if (known !== undefined) {
      this.#charts.delete(digest);
      this.#charts.set(digest, known);
      return known;
    }
    const chart = loadFrom(directory);
    this.#charts.set(digest, chart);
    for (const [oldest] of this.#charts) {
      if (this.#charts.size <= MAX_CHARTS) break;
      this.#charts.delete(oldest);
    }
    return chart;
  }
}

function loadFrom(directory: string): Chart {
  try {
    return loadChart(filesUnder(chartRoot(directory), ""));
  } catch (error) {
    if (!(error instanceof ChartError)) throw error;
    throw new ChartProblem("load", error.message, { cause: error });
  }
}

function chartRoot(directory: string): string {
  const entries = readdirSync(directory, { withFileTypes: true });
  if (entries.some((entry) => entry.isFile() && entry.name === "Chart.yaml")) return directory;
  const folders = entries.filter((entry) => entry.isDirectory());
  const [only] = folders;
  if (only === undefined || folders.length > 1 || entries.length > 1) {
    throw new ChartProblem("load", "Chart.yaml file is missing");
  }
  return join(directory, only.name);
}

function filesUnder(root: string, path: string, found: ChartFile[] = []): ChartFile[] {
  const entries = readdirSync(join(root, path), { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path === "" ? entry.name : `${path}/${entry.name}`;
    if (found.length > MAX_FILES)
      throw new ChartProblem("load", `the chart has more than ${MAX_FILES} files`);
    if (entry.isDirectory()) filesUnder(root, name, found);
    else if (entry.isFile()) found.push({ name, data: readFileSync(join(root, name)) });
  }
  return found;
}
