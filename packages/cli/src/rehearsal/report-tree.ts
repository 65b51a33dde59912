import type { Colors } from "picocolors/types.js";
import type { Finding, ObjectResult, Report, Summary, UnitResult } from "./result.js";

interface Line {
  readonly text: string;
  readonly children: readonly Line[];
}

/** The report as a tree: every unit, and of their objects those that are worth a look. */
export function reportTree(report: Report, paint: Colors): string {
  const lines: string[] = [];
  for (const { unit } of report.entries) write(unitLine(unit, paint), lines, "", "");
  if (lines.length > 0) lines.push("");
  lines.push(summaryText(report.summary));
  return `${lines.join("\n")}\n`;
}

function write(line: Line, out: string[], lead: string, below: string): void {
  out.push(lead + line.text);
  line.children.forEach((child, index) => {
    const last = index === line.children.length - 1;
    write(child, out, below + (last ? "└── " : "├── "), below + (last ? "    " : "│   "));
  });
}

function unitLine(unit: UnitResult, paint: Colors): Line {
  const { name, source, outcome, objects } = unit;
  const mark = { passed: paint.green("✔"), failed: paint.red("✗"), skipped: paint.dim("○") }[outcome];
  const from = source === name || source === "" ? "" : ` ${paint.dim(source)}`;
  const count = outcome === "skipped" ? "" : ` ${counted(objects.length, "object")}`;
  const unchecked = unitUnchecked(objects);
  const children = [
    ...unit.findings.map((finding) => findingLine(finding, paint)),
    ...unchecked.map((text): Line => ({ text: `${paint.dim("○")} ${text}`, children: [] })),
    ...objects.filter(({ findings }) => findings.length > 0).map((object) => objectLine(object, paint)),
    ...unit.children.map((child) => unitLine(child, paint)),
  ];
  return { text: `${mark} ${name}${from}${count}`, children };
}

/** Kinds that nothing is known of, in one line each. */
function unitUnchecked(objects: readonly ObjectResult[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { outcome, apiVersion, object } of objects) {
    if (outcome !== "unchecked") continue;
    const kind = `${object.slice(0, object.indexOf("/"))} of ${apiVersion}`;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return [...counts].map(([kind, count]) => `${counted(count, "object")} unchecked: no schema of ${kind}`);
}

function objectLine({ object, findings }: ObjectResult, paint: Colors): Line {
  const failed = findings.some(({ severity }) => severity === "failure");
  const mark = failed ? paint.red("✗") : paint.yellow("⚠");
  return { text: `${mark} ${object}`, children: findings.map((finding) => findingLine(finding, paint)) };
}

function findingLine(finding: Finding, paint: Colors): Line {
  const colour = { failure: paint.red, warning: paint.yellow, note: paint.dim }[finding.severity];
  const mark = { failure: "✗", warning: "⚠", note: "○" }[finding.severity];
  return { text: `${colour(mark)} ${findingText(finding)}`, children: [] };
}

/** `file:line: message`, as compilers write it. */
export function findingText({ file, line, message, severity }: Finding): string {
  const text = message.trimEnd().replaceAll("\n", "\n    ");
  if (file === undefined || severity === "note") return text;
  return line === undefined ? `${file}: ${text}` : `${file}:${line}: ${text}`;
}

/** The counts in one sentence. */
export function summaryText(summary: Summary): string {
  const { kustomizations, helmReleases, roots, objects, failed, skipped, warnings, unchecked } = summary;
  const parts = [
    counted(roots, "entry", "entries"),
    counted(kustomizations, "Kustomization"),
    counted(helmReleases, "HelmRelease"),
    counted(objects, "object"),
  ];
  const results = [
    `${failed} failed`,
    `${skipped} skipped`,
    `${unchecked} unchecked`,
    counted(warnings, "warning"),
  ];
  return `${parts.join(", ")}: ${results.join(", ")}`;
}

function counted(count: number, word: string, plural = `${word}s`): string {
  return `${count} ${count === 1 ? word : plural}`;
}
