import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { definitions } from "../../home/reconcilers.js";
import { type RehearseOptions, rehearse } from "../rehearse.js";
import { type Finding, type ObjectResult, type Report, type UnitResult, unitsOf } from "../result.js";

const folders: string[] = [];

/** Writes a repository into a directory of its own. */
export function writeRepository(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "capstan-rehearsal-"));
  folders.push(folder);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

export function removeRepositories(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Rehearses a repository made of `files`. */
export function rehearseFiles(
  files: Readonly<Record<string, string>>,
  options: Partial<RehearseOptions> = {},
): Promise<Report> {
  return rehearse({
    directory: writeRepository(files),
    remotes: [],
    local: new Map(),
    definitions: definitions({ allowLocal: false }),
    strict: false,
    loadRestrictions: true,
    clock: { now: () => Date.now(), after: () => () => undefined },
    random: { float: () => Math.random(), bytes: (length) => randomBytes(length) },
    signal: new AbortController().signal,
    onProgress: () => undefined,
    ...options,
  });
}

/** A unit of a report by its name. */
export function unitOf(report: Report, name: string): UnitResult {
  const units = report.entries.flatMap(({ unit }) => unitsOf(unit));
  const found = units.find((unit) => unit.name === name);
  if (found === undefined) throw new Error(`no ${name} among ${units.map((unit) => unit.name).join(", ")}`);
  return found;
}

/** An object of a unit by its id. */
export function objectOf(unit: UnitResult, id: string): ObjectResult {
  const found = unit.objects.find(({ object }) => object === id);
  if (found === undefined)
    throw new Error(`no ${id} among ${unit.objects.map(({ object }) => object).join(", ")}`);
  return found;
}

/** What was found, as `severity place: message`. */
export function texts(findings: readonly Finding[]): readonly string[] {
  return findings.map(
    ({ severity, file, line, message }) => `${severity} ${file ?? ""}:${line ?? ""}: ${message}`,
  );
}

/** A Kustomization of Flux as YAML. */
export function kustomization(name: string, path: string, more = ""): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: ${name}
  namespace: flux-system
spec:
  interval: 10m
  prune: true
  path: ${path}
  sourceRef: {kind: GitRepository, name: flux-system}
${more}`;
}

export function configMap(name: string, data = "{k: v}", namespace = "default"): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: "${name}", namespace: ${namespace}}\ndata: ${data}\n`;
}
