import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import {
  type ChartCase,
  chartsAt,
  helmArguments,
  readChart,
  renderCase,
} from "../conformance/_helm-charts.js";

/** The charts that take longest, and the cases that stand for them. */
const heavy = ["kube-prometheus-stack", "cilium"];

/** Rounds before and while measuring one case. */
const rounds = 5;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** CPU time in ms that a run takes here. */
function cpuOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Wall time, user CPU and all CPU of one `helm template`, in ms. */
function spawnHelm(helm: string, args: readonly string[]): { wall: number; user: number; cpu: number } {
  const started = performance.now();
  const shell = 'TIMEFORMAT="%3U %3S"; time "$0" "$@" >/dev/null 2>/dev/null';
  const { stderr } = spawnSync("bash", ["-c", shell, helm, ...args], { encoding: "utf8" });
  const [user = 0, system = 0] = (stderr.trim().split("\n").at(-1) ?? "").split(" ").map(Number);
  return { wall: performance.now() - started, user: user * 1000, cpu: (user + system) * 1000 };
}

/** Loading and rendering a chart for the first time in a thread of its own: nothing is compiled yet. */
function renderCold(charts: string, test: ChartCase, module: string): Promise<number> {
  const code = `
    const { parentPort, workerData } = require("node:worker_threads");
    import(workerData.module).then(({ readChart, renderCase }) => {
      const { charts, test } = workerData;
      const started = performance.now();
      renderCase(test, charts, readChart(charts + "/" + test.repo + "/" + test.chart_path));
      parentPort.postMessage(performance.now() - started);
    });`;
  return new Promise((resolve, reject) => {
    const worker = new Worker(code, { eval: true, workerData: { charts, test, module } });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}

/** Renders the public charts below a directory, in process and with the real helm. */
export async function benchCharts(
  charts: string,
  cases: string,
  helm: string,
  module: string,
  print: (name: string, value: number, unit: string) => void,
): Promise<void> {
  const file = join(cases, "helm", "charts.jsonl");
  if (!existsSync(file)) return;
  const ratios: number[] = [];
  const ours: number[] = [];
  const theirs: number[] = [];
  const cpuRatios: number[] = [];
  const loadedTimes: number[] = [];
  const loadedRatios: number[] = [];
  const every = Number(process.env["CHARTS_EVERY"] ?? 1);
  for (const test of chartsAt(file, charts).filter((_test, index) => index % every === 0)) {
    const chart = join(charts, test.repo, test.chart_path);
    const times: number[] = [];
    const cpus: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const started = performance.now();
      cpus.push(cpuOf(() => void renderCase(test, charts, readChart(chart))));
      times.push(performance.now() - started);
    }
    const loaded = readChart(chart);
    const kept = Array.from({ length: 3 }, () => {
      const started = performance.now();
      renderCase(test, charts, loaded);
      return performance.now() - started;
    });
    const { wall, cpu } = spawnHelm(helm, helmArguments(test, charts));
    cpuRatios.push(cpu / Math.min(...cpus));
    loadedTimes.push(Math.min(...kept));
    loadedRatios.push(wall / Math.min(...kept));
    const best = Math.min(...times);
    ours.push(best);
    theirs.push(wall);
    ratios.push(wall / best);
  }
  print("charts_rendered", ratios.length, "");
  print("charts_median_in_process", median(ours), "ms");
  print("charts_median_spawned", median(theirs), "ms");
  print("charts_median_speedup", median(ratios), "x");
  print("charts_median_speedup_cpu", median(cpuRatios), "x");
  // A chart that is kept loaded, as reconcilers keep it.
  print("charts_median_loaded", median(loadedTimes), "ms");
  print("charts_median_speedup_loaded", median(loadedRatios), "x");
  for (const name of heavy) await benchHeavy(name, charts, file, helm, module, print);
}

async function benchHeavy(
  name: string,
  charts: string,
  file: string,
  helm: string,
  module: string,
  print: (name: string, value: number, unit: string) => void,
): Promise<void> {
  const test = chartsAt(file, charts).find(
    ({ chart_path, values }) => chart_path.includes(name) && values === null,
  );
  if (test === undefined) return;
  const render = (): void =>
    void renderCase(test, charts, readChart(join(charts, test.repo, test.chart_path)));
  for (let round = 0; round < rounds; round += 1) render();
  const warm = Array.from({ length: rounds }, () => cpuOf(render));
  const spawned = Array.from({ length: rounds }, () => spawnHelm(helm, helmArguments(test, charts)).user);
  print(`${name}_warm_cpu`, median(warm), "ms");
  print(`${name}_cold_wall`, await renderCold(charts, test, module), "ms");
  print(`${name}_helm_user_cpu`, median(spawned), "ms");
}
