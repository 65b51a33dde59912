import { readFileSync } from "node:fs";
import {
  Engine,
  fromPlain,
  GoMap,
  type GoValue,
  RenderError,
  renderError,
  TemplateError,
} from "@capstan/helm";

interface ExpressionCase {
  readonly id: string;
  readonly tpl: string;
  readonly ctx: unknown;
  readonly ok: boolean;
  readonly output?: string;
  readonly error?: string;
  readonly nondeterministic: boolean;
}

/** The cases of a file with one template a line; those whose output is random only have to render. */
export function expressionCases(file: string): { name: string; problem: () => string | undefined }[] {
  const dot: unknown = JSON.parse(readFileSync(file.replace(/\.jsonl$/, ".tval.json"), "utf8")).tval;
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ExpressionCase)
    .map((test) => ({ name: `${test.id} ${test.tpl.slice(0, 60)}`, problem: () => problemOf(test, dot) }));
}

function problemOf(test: ExpressionCase, tval: unknown): string | undefined {
  const result = evaluate(test.tpl, fromPlain(test.ctx === "tval" ? tval : test.ctx));
  if (test.ok) {
    if (result instanceof RenderError) return `failed: ${result.message}`;
    if (test.nondeterministic || result === test.output) return undefined;
    return `gave ${JSON.stringify(result)}, wanted ${JSON.stringify(test.output)}`;
  }
  if (!(result instanceof RenderError))
    return `gave ${JSON.stringify(result)}, wanted an error: ${test.error}`;
  return normalized(result.message) === normalized(test.error ?? "")
    ? undefined
    : `failed with ${result.message}\nwanted ${test.error}`;
}

/** Errors are compared without the places of the files that the case was wrapped in. */
function normalized(message: string): string {
  return message
    .replace(/^Error: /, "")
    .replace(/\n\nUse --debug flag to render out invalid YAML\s*$/, "")
    .trim();
}

function evaluate(tpl: string, ctx: GoValue): string | RenderError {
  const engine = new Engine({
    clock: { now: () => Date.parse("2026-11-23T12:00:00Z"), after: () => () => undefined },
    random: { float: () => 0.5, bytes: (length) => new Uint8Array(length).map((_, index) => index * 37) },
  });
  try {
    engine.add(
      "x/templates/o.yaml",
      `\n\n\n\n\n      {{ include "x/templates/_e.tpl" .Values.ctx | toJson }}`,
    );
    engine.add("x/templates/_e.tpl", tpl);
    const output = engine.render("x/templates/o.yaml", new GoMap([["Values", new GoMap([["ctx", ctx]])]]));
    return JSON.parse(output) as string;
  } catch (error) {
    if (error instanceof TemplateError) return renderError(error);
    throw error;
  }
}
