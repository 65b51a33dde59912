import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ChartError, Engine, loadChart, RenderError, renderChart } from "@capstan/helm";
import { errorText } from "./_helm-charts.js";
import { probes, probeValues } from "./_helm-probes.js";
import type { ConformanceResult } from "./_kustomize-cases.js";

const file = fileURLToPath(new URL("./cases/helm-functions.jsonl", import.meta.url));

/** A template and what the real helm made of it: text after `=`, an error after `!`. */
type Case = readonly [template: string, expected: string];

/**
 * Compares templates with what the real helm printed for them; every function has some. With
 * CAPSTAN_UPDATE_CASES set and CAPSTAN_HELM naming the real helm, the cases are made anew.
 */
export function run(): ConformanceResult {
  const helm = process.env["CAPSTAN_HELM"];
  if (process.env["CAPSTAN_UPDATE_CASES"] !== undefined && helm !== undefined) update(helm);
  const result: ConformanceResult = { engine: "helm-functions", passed: 0, total: 0, failures: [] };
  if (!existsSync(file)) return result;
  const cases = readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Case);
  for (const [template, expected] of cases) {
    result.total++;
    const found = renderHere(template);
    if (found === expected) result.passed++;
    else result.failures.push({ name: template, reason: `gave ${found}, want ${expected}` });
  }
  const known = cases.map(([template]) => template).join("\n");
  for (const name of functionNames()) {
    result.total++;
    if (new RegExp(`(?<![\\w.$"-])${name}(?![\\w"-])`).test(known)) result.passed++;
    else result.failures.push({ name, reason: "no case calls this function" });
  }
  return result;
}

function functionNames(): string[] {
  const clock = { now: () => 0, after: () => () => undefined };
  const random = { float: () => 0, bytes: (length: number) => new Uint8Array(length) };
  return [...new Engine({ clock, random }).functionNames];
}

/** A chart that shows the text of one template, as JSON. */
function chartFiles(templates: readonly string[]): Map<string, string> {
  const files = new Map([["Chart.yaml", "apiVersion: v2\nname: p\nversion: 1.0.0\n"]]);
  files.set("values.yaml", JSON.stringify(probeValues));
  files.set("templates/_t.tpl", '{{ define "probe.t" }}<{{ . }}>{{ end }}');
  for (const [index, template] of templates.entries()) {
    files.set(`templates/_${index}.tpl`, template);
    files.set(
      `templates/${index}.yaml`,
      `{{ $d := deepCopy .Values }}case: {{ include "p/templates/_${index}.tpl" $d | toJson }}\n`,
    );
  }
  return files;
}

function textOf(manifest: string): string {
  return `=${JSON.parse(manifest.replace(/^[\s\S]*?case: /u, ""))}`;
}

function renderHere(template: string): string {
  const files = [...chartFiles([template])].map(([name, text]) => ({ name, data: Buffer.from(text) }));
  try {
    const { manifests } = renderChart(loadChart(files), {
      releaseName: "r",
      namespace: "default",
      clock: { now: () => Date.now(), after: () => () => undefined },
      random: {
        float: Math.random,
        bytes: (length) => new Uint8Array(length).map(() => Math.floor(Math.random() * 256)),
      },
    });
    return textOf(manifests[0]?.text ?? "case: null");
  } catch (error) {
    if (error instanceof RenderError || error instanceof ChartError) return `!${error.message.trimEnd()}`;
    throw error;
  }
}

/** Asks the real helm: all templates that render at once, the others one by one. */
function update(helm: string): void {
  const folder = mkdtempSync(join(tmpdir(), "capstan-probe-"));
  try {
    const wanted = probes();
    const expected = new Map<string, string>();
    const rendering = wanted.filter((template) => renderHere(template).startsWith("="));
    const together = askHelm(helm, folder, rendering);
    if (together.startsWith("=")) {
      for (const part of together.split(/^---\n# Source: p\/templates\//m).slice(1)) {
        const [, index = "", manifest = ""] = /^(\d+)\.yaml\n([\s\S]*)$/u.exec(part) ?? [];
        expected.set(rendering[Number(index)] ?? "", textOf(manifest));
      }
    }
    for (const template of wanted.filter((candidate) => !expected.has(candidate))) {
      const alone = askHelm(helm, folder, [template]);
      expected.set(template, alone.startsWith("=") ? textOf(alone) : alone);
    }
    mkdirSync(dirname(file), { recursive: true });
    const lines = wanted.map((template) => JSON.stringify([template, expected.get(template) ?? ""]));
    writeFileSync(file, `${lines.join("\n")}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function askHelm(helm: string, folder: string, templates: readonly string[]): string {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, text] of chartFiles(templates)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const { status, stdout, stderr } = spawnSync(helm, ["template", "r", folder], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  return status === 0 ? `=${stdout}` : `!${errorText(stderr)}`;
}
