import { findingText } from "./report-tree.js";
import { type EntryResult, type Finding, type Report, type UnitResult, unitsOf } from "./result.js";

/**
 * The report as JUnit XML: a suite for each Kustomization, HelmRelease and root, in it a case for the build
 * and one for each object. Warnings are the system-out of their case.
 */
export function reportJunit({ entries }: Report): string {
  const suites = entries.flatMap((entry) => unitsOf(entry.unit).map((unit) => suite(entry, unit)));
  const sum = (count: (suite: Suite) => number) => suites.reduce((total, each) => total + count(each), 0);
  const counts = {
    tests: sum(({ tests }) => tests),
    failures: sum(({ failures }) => failures),
    skipped: sum(({ skipped }) => skipped),
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: "capstan", ...counts })}>`,
    ...suites.map(({ text }) => text),
    "</testsuites>",
    "",
  ].join("\n");
}

interface Suite {
  readonly tests: number;
  readonly failures: number;
  readonly skipped: number;
  readonly text: string;
}

interface Case {
  readonly name: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly skipped: string | undefined;
  readonly findings: readonly Finding[];
}

function suite(entry: EntryResult, unit: UnitResult): Suite {
  const name = unit.name === entry.path ? entry.path : `${entry.path}: ${unit.name}`;
  const notes = unit.findings.filter(({ severity }) => severity === "note").map(({ message }) => message);
  const cases: Case[] = [
    {
      name: "build",
      file: unit.file,
      line: unit.line,
      skipped: unit.outcome === "skipped" ? notes.join("; ") : undefined,
      findings: unit.findings,
    },
    ...unit.objects.map(({ object, apiVersion, file, line, outcome, findings }) => ({
      name: object,
      file,
      line,
      skipped: outcome === "unchecked" ? `no schema of ${apiVersion}` : undefined,
      findings,
    })),
  ];
  const failures = cases.filter(isFailed).length;
  const skipped = cases.filter((each) => each.skipped !== undefined && !isFailed(each)).length;
  const counts = { tests: cases.length, failures, skipped };
  const body = cases.map((each) => caseText(name, each)).join("\n");
  return { ...counts, text: `  <testsuite${attributes({ name, ...counts })}>\n${body}\n  </testsuite>` };
}

function isFailed({ findings }: Case): boolean {
  return findings.some(({ severity }) => severity === "failure");
}

function caseText(classname: string, one: Case): string {
  const { name, file, line, skipped, findings } = one;
  const failures = findings.filter(({ severity }) => severity === "failure");
  const rest = findings.filter(({ severity }) => severity === "warning");
  const inner = [
    ...failures.map(
      (finding) =>
        `      <failure${attributes({ message: finding.message.trimEnd() })}>${escapeXml(findingText(finding))}</failure>`,
    ),
    ...(skipped === undefined || failures.length > 0
      ? []
      : [`      <skipped${attributes({ message: skipped })}/>`]),
    ...(rest.length === 0
      ? []
      : [`      <system-out>${escapeXml(rest.map(findingText).join("\n"))}</system-out>`]),
  ];
  const head = `    <testcase${attributes({ classname, name, file, line })}`;
  return inner.length === 0 ? `${head}/>` : `${head}>\n${inner.join("\n")}\n    </testcase>`;
}

function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replaceAll("\n", "&#10;")}"`)
    .join("");
}

/** XML 1.0 has no place for control characters, not even as references. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
