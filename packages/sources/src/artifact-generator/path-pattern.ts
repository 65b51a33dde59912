import type { TreeEntry } from "@capstan/artifacts";
import { isDns1123Subdomain, isLabelValue, isQualifiedName } from "@capstan/kube";
import { RE2JS } from "re2js";
import type { ArtifactGeneratorObject } from "../api/artifact-generator.js";
import { Invalid } from "./build-failed.js";

type Output = ArtifactGeneratorObject["spec"]["artifacts"][number];

/** An artifact to make, and the labels that it gets from where it was found. */
export interface ArtifactRequest {
  readonly output: Output;
  readonly labels: Readonly<Record<string, string>>;
}

/** The artifacts as they are declared, or once for each directory that `pathPattern` finds. Throws `Invalid`. */
export function requestsOf(
  { pathPattern, artifacts }: ArtifactGeneratorObject["spec"],
  sources: ReadonlyMap<string, readonly TreeEntry[]>,
): readonly ArtifactRequest[] {
  if (pathPattern === undefined || pathPattern === "") {
    return artifacts.map((output) => ({ output, labels: {} }));
  }
  const [, alias = "", pattern = ""] = /^@([^/]+)\/(.*)$/s.exec(pathPattern) ?? [];
  const entries = sources.get(alias);
  if (entries === undefined) {
    throw failed(`pathPattern ${quote(pathPattern)}: source alias ${alias} not found in local sources`);
  }
  const names = captureNames(pathPattern, pattern);
  const regex = RE2JS.compile(`^${expressionOf(pattern)}$`);
  const taken = new Map<string, string>();
  const requests: ArtifactRequest[] = [];
  for (const entry of entries) {
    if (entry.kind !== "directory") continue;
    const found = regex.matcher(entry.path);
    if (!found.find()) continue;
    const raw = new Map(names.map((name, index) => [name, found.group(index + 1) ?? ""]));
    const lower = new Map([...raw].map(([name, value]) => [name, value.toLowerCase()]));
    checkLabels(pathPattern, lower);
    for (const output of artifacts)
      requests.push(render(output, entry.path, { pathPattern, raw, lower, taken }));
  }
  return requests;
}

interface Match {
  readonly pathPattern: string;
  readonly raw: ReadonlyMap<string, string>;
  readonly lower: ReadonlyMap<string, string>;
  readonly taken: Map<string, string>;
}

function render(output: Output, path: string, { pathPattern, raw, lower, taken }: Match): ArtifactRequest {
  const fill = (text: string, values: ReadonlyMap<string, string>) => {
    const problem = { text: "" };
    const filled = fillIn(text, values, problem);
    if (problem.text === "") return filled;
    throw failed(
      `pathPattern ${quote(pathPattern)}: failed to render artifact ${output.name} for match ${path}: ${problem.text}`,
    );
  };
  const name = fill(output.name, lower);
  const copy = output.copy.map((one) => ({ ...one, from: fill(one.from, raw), to: fill(one.to, raw) }));
  const faults = isDns1123Subdomain(name);
  if (faults.length > 0) {
    throw failed(
      `pathPattern ${quote(pathPattern)}: rendered artifact name ${quote(name)} is not a valid Kubernetes object name: ${faults.join("; ")}`,
    );
  }
  const before = taken.get(name);
  if (before !== undefined) {
    throw failed(
      `pathPattern ${quote(pathPattern)}: directories ${quote(before)} and ${quote(path)} both resolve to artifact name ${quote(name)}`,
    );
  }
  taken.set(name, path);
  return { output: { ...output, name, copy }, labels: Object.fromEntries(lower) };
}

const CAPTURE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The names between braces, in order. */
function captureNames(pathPattern: string, pattern: string): readonly string[] {
  const names: string[] = [];
  for (const part of parts(pattern)) {
    if (part.kind === "broken") throw failed(`pathPattern ${quote(pathPattern)}: invalid ${part.text}`);
    if (part.kind === "text") continue;
    const { text: name } = part;
    if (name === "") throw failed(`pathPattern ${quote(pathPattern)}: empty capture variable`);
    if (!CAPTURE.test(name)) {
      throw failed(
        `pathPattern ${quote(pathPattern)}: capture variable ${quote(name)} must be a valid capture name matching [A-Za-z_][A-Za-z0-9_]*`,
      );
    }
    if (names.includes(name)) {
      throw failed(`pathPattern ${quote(pathPattern)}: duplicate capture variable ${quote(name)}`);
    }
    const faults = isQualifiedName(name);
    if (faults.length > 0) {
      throw failed(
        `pathPattern ${quote(pathPattern)}: capture variable ${quote(name)} is not a valid Kubernetes label key: ${faults.join("; ")}`,
      );
    }
    names.push(name);
  }
  return names;
}

function checkLabels(pathPattern: string, values: ReadonlyMap<string, string>): void {
  for (const [name, value] of values) {
    const faults = isLabelValue(value);
    if (faults.length === 0) continue;
    throw failed(
      `pathPattern ${quote(pathPattern)}: captured value ${quote(value)} for variable ${quote(name)} is not a valid Kubernetes label value: ${faults.join("; ")}`,
    );
  }
}

function expressionOf(pattern: string): string {
  return parts(pattern)
    .map((part) => (part.kind === "capture" ? "([^/]+)" : RE2JS.quote(part.text)))
    .join("");
}

function fillIn(text: string, values: ReadonlyMap<string, string>, problem: { text: string }): string {
  return parts(text)
    .map((part) => {
      if (part.kind === "text") return part.text;
      const value = part.kind === "capture" ? values.get(part.text) : undefined;
      if (value === undefined) {
        const reason =
          part.kind === "broken"
            ? part.text
            : part.text === ""
              ? "empty capture variable"
              : `capture variable ${quote(part.text)} is not defined by pathPattern`;
        problem.text ||= `invalid template ${quote(text)}: ${reason}`;
      }
      return value ?? "";
    })
    .join("");
}

interface Part {
  readonly kind: "text" | "capture" | "broken";
  readonly text: string;
}

/** A text cut at its braces. */
function parts(text: string): Part[] {
  const found: Part[] = [];
  for (let at = 0; at < text.length; ) {
    const next = text.slice(at).search(/[{}]/);
    if (next < 0) return [...found, { kind: "text", text: text.slice(at) }];
    if (next > 0) found.push({ kind: "text", text: text.slice(at, at + next) });
    const brace = at + next;
    const end = text.indexOf("}", brace + 1);
    if (text[brace] === "}") {
      return [...found, { kind: "broken", text: `capture ending at offset ${brace}: missing opening brace` }];
    }
    if (end < 0) {
      return [
        ...found,
        { kind: "broken", text: `capture starting at offset ${brace}: missing closing brace` },
      ];
    }
    found.push({ kind: "capture", text: text.slice(brace + 1, end) });
    at = end + 1;
  }
  return found;
}

function failed(message: string): Invalid {
  return new Invalid("BuildFailed", `failed to expand path pattern: ${message}`);
}

function quote(text: string): string {
  return JSON.stringify(text);
}
