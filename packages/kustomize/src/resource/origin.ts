import { entrySetter, FieldWalk } from "../fieldspec/field-spec.js";
import { cleanRelative } from "../tree/path.js";
import { goQuote } from "../yaml/go-quote.js";
import { TAG_STR } from "../yaml/node.js";
import { plainNeedsQuotes, readsAsOther } from "../yaml/quoting.js";
import type { Resource } from "./resource.js";

/** Where an object is from. */
export const ORIGIN_ANNOTATION = "config.kubernetes.io/origin";
export const TRANSFORMATIONS_ANNOTATION = "alpha.config.kubernetes.io/transformations";

/** Where a build is, relative to its root: what origin annotations are made of. */
export interface Origin {
  readonly path: string;
  readonly repo?: string;
  readonly ref?: string;
}

/** The step that made or changed an object. */
export interface StepOrigin {
  readonly repo?: string;
  readonly ref?: string;
  readonly configuredIn: string;
  readonly configuredBy: {
    readonly apiVersion: string;
    readonly kind: string;
    readonly name?: string;
    readonly namespace?: string;
  };
}

/** The origin of what a build at `origin` finds at `path`. */
export function appendOrigin(origin: Origin, path: string): Origin {
  return { ...origin, path: cleanRelative(origin.path === "" ? path : `${origin.path}/${path}`) };
}

/** A built-in of a kustomization file as a step. */
export function builtinStep(origin: Origin, fileName: string, kind: string): StepOrigin {
  return {
    ...(origin.repo !== undefined && { repo: origin.repo }),
    ...(origin.ref !== undefined && { ref: origin.ref }),
    configuredIn: appendOrigin(origin, fileName).path,
    configuredBy: { apiVersion: "builtin", kind },
  };
}

function line(key: string, value: string | undefined, indent = ""): string {
  return value ? `${indent}${key}: ${formatText(value)}\n` : "";
}

function formatText(text: string): string {
  if (readsAsOther(text)) return goQuote(text);
  return plainNeedsQuotes(text) ? `'${text.replaceAll("'", "''")}'` : text;
}

/** The annotation's text for an object read from a file. */
export function formatOrigin(origin: Origin): string {
  return line("path", origin.path) + line("repo", origin.repo) + line("ref", origin.ref);
}

/** The annotation's text for an object that a step made. */
export function formatStep(step: StepOrigin): string {
  const { apiVersion, kind, name, namespace } = step.configuredBy;
  return (
    line("repo", step.repo) +
    line("ref", step.ref) +
    line("configuredIn", step.configuredIn) +
    "configuredBy:\n" +
    line("apiVersion", apiVersion, "  ") +
    line("kind", kind, "  ") +
    line("name", name, "  ") +
    line("namespace", namespace, "  ")
  );
}

function formatItem(step: StepOrigin): string {
  return formatStep(step)
    .trimEnd()
    .split("\n")
    .map((text, index) => `${index === 0 ? "- " : "  "}${text}\n`)
    .join("");
}

const ANNOTATIONS = new FieldWalk({ path: "metadata/annotations", create: true }, "map");

/** Notes where a file's object is from, touching no other annotation. */
export function addOriginText(resource: Resource, text: string): void {
  ANNOTATIONS.apply(resource.node, resource.id, entrySetter(ORIGIN_ANNOTATION, text, TAG_STR));
}

/** Notes an origin; on the way all annotations become texts. */
export function setOriginText(resource: Resource, text: string): void {
  resource.setAnnotations(resource.annotations().set(ORIGIN_ANNOTATION, text));
}

/** Notes a transformer in the annotations; on an object of no known origin it becomes the origin. */
export function annotateStep(resource: Resource, step: StepOrigin): void {
  const annotations = resource.annotations();
  if (!annotations.has(ORIGIN_ANNOTATION)) {
    setOriginText(resource, formatStep(step));
    return;
  }
  const known = annotations.get(TRANSFORMATIONS_ANNOTATION) ?? "";
  resource.setAnnotations(annotations.set(TRANSFORMATIONS_ANNOTATION, known + formatItem(step)));
}
