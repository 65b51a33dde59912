import { RE2JS, RE2JSException } from "re2js";
import { ArrayKeywords } from "./array-keywords.js";
import { conditionProblems } from "./condition-keywords.js";
import { isMultiple, sameJson } from "./equality.js";
import { objectProblems } from "./object-keywords.js";
import { grouped, joined, type Problem, pointer, quoted } from "./problem.js";
import {
  isObject,
  type Json,
  type JsonObject,
  member,
  type SchemaDocument,
  SchemaError,
  type SchemaNode,
} from "./schema-document.js";

/** What of a value some schema has looked at; `undefined` where nobody asks. */
export interface Evaluated {
  readonly names: Set<string>;
  readonly items: Set<number>;
}

/** How a schema came to be applied to a value. */
export interface Scope {
  readonly node: SchemaNode;
  readonly keyword: string;
  readonly parent: Scope | undefined;
  /** The same value as for the parent. */
  readonly sameValue: boolean;
}

export interface Verdict {
  readonly problem: Problem | undefined;
  readonly evaluated: Evaluated;
}

/** Keywords of one schema while they are applied to one value. */
export interface Application {
  readonly validator: Validator;
  readonly scope: Scope;
  readonly schema: JsonObject;
  readonly at: string;
  readonly problems: Problem[];
  readonly evaluated: Evaluated;
}

const maxSteps = 200_000;
const maxDepth = 500;

/** Applies a schema to values. Bounded in steps and depth. */
export class Validator {
  readonly document: SchemaDocument;
  private steps = maxSteps;
  private depth = 0;
  private readonly patterns = new Map<string, RE2JS>();

  constructor(document: SchemaDocument) {
    this.document = document;
  }

  /** What is wrong with a value; several problems are joined. Throws SchemaError for a schema that cannot be used. */
  validate(node: SchemaNode, value: Json): Problem | undefined {
    return this.apply({ node, keyword: "", parent: undefined, sameValue: false }, value, "").problem;
  }

  /** Whether a text matches a pattern, unanchored, by RE2. */
  matches(pattern: string, text: string): boolean {
    let compiled = this.patterns.get(pattern);
    if (compiled === undefined) {
      try {
        compiled = RE2JS.compile(pattern);
      } catch (error) {
        if (error instanceof RE2JSException)
          throw new SchemaError(`${quoted(pattern)} is not valid regex: ${error.message}`);
        throw error;
      }
      this.patterns.set(pattern, compiled);
    }
    return compiled.matcher(text).find();
  }

  apply(scope: Scope, value: Json, at: string): Verdict {
    this.steps -= 1;
    if (this.steps < 0) throw new SchemaError("validation takes more than the maximum number of steps");
    if (this.depth >= maxDepth) throw new SchemaError("validation is nested too deeply");
    this.depth += 1;
    try {
      return this.applyNode(scope, value, at);
    } finally {
      this.depth -= 1;
    }
  }

  private applyNode(scope: Scope, value: Json, at: string): Verdict {
    const evaluated: Evaluated = { names: new Set(), items: new Set() };
    const { json } = scope.node;
    if (typeof json === "boolean")
      return { problem: json ? undefined : { at, text: "false schema", causes: [] }, evaluated };
    const cycle = cycleOf(scope);
    if (cycle !== undefined) return { problem: { at, text: cycle, causes: [] }, evaluated };
    const wrong =
      scope.node.draft < 2019 && typeof member(json, "$ref") === "string"
        ? undefined
        : basicProblem(json, value);
    if (wrong !== undefined) return { problem: { at, text: wrong, causes: [] }, evaluated };
    const application: Application = { validator: this, scope, schema: json, at, problems: [], evaluated };
    const reference = member(json, "$ref");
    if (typeof reference === "string") {
      this.applyReference(application, "$ref", this.document.resolve(scope.node, reference), value);
      if (scope.node.draft < 2019) return { problem: joined(at, application.problems), evaluated };
    }
    if (isObject(value)) objectProblems(application, value);
    else if (Array.isArray(value)) new ArrayKeywords(application, value as readonly Json[]).run();
    else if (typeof value === "string") this.textProblems(application, value);
    else if (typeof value === "number") numberProblems(application, value);
    if (scope.node.draft >= 2019) this.applyDynamic(application, value);
    conditionProblems(application, value);
    if (scope.node.draft >= 2019) this.applyUnevaluated(application, value);
    return { problem: joined(at, application.problems), evaluated };
  }

  /** Applies a schema inside another to the same value; what it looked at counts for both when it fits. */
  applySelf(
    application: Application,
    json: Json | undefined,
    keyword: string,
    value: Json,
  ): Problem | undefined {
    if (!isObject(json) && typeof json !== "boolean") return undefined;
    const node = this.document.node(json, application.scope.node);
    const { problem, evaluated } = this.apply(
      { node, keyword, parent: application.scope, sameValue: true },
      value,
      application.at,
    );
    if (problem === undefined) absorb(application.evaluated, evaluated);
    return problem;
  }

  /** Applies a schema inside another to a part of the value. */
  applyChild(
    application: Application,
    json: Json | undefined,
    keyword: string,
    value: Json,
    name: string | number,
  ): Problem | undefined {
    if (!isObject(json) && typeof json !== "boolean") return undefined;
    const node = this.document.node(json, application.scope.node);
    const scope: Scope = { node, keyword, parent: application.scope, sameValue: false };
    return this.apply(scope, value, pointer(application.at, name)).problem;
  }

  private applyReference(
    application: Application,
    keyword: string,
    node: SchemaNode | undefined,
    value: Json,
  ): void {
    if (node === undefined) return;
    const { at, scope } = application;
    const { problem, evaluated } = this.apply({ node, keyword, parent: scope, sameValue: true }, value, at);
    if (problem === undefined) absorb(application.evaluated, evaluated);
    else {
      const causes = problem.grouping === "group" ? problem.causes : [problem];
      application.problems.push({ at, text: "validation failed", grouping: "reference", causes });
    }
  }

  private applyDynamic(application: Application, value: Json): void {
    const { scope, schema } = application;
    const recursive = member(schema, "$recursiveRef");
    if (typeof recursive === "string") {
      const target = this.document.resolve(scope.node, recursive);
      const isDynamic =
        target !== undefined && isObject(target.json) && member(target.json, "$recursiveAnchor") === true;
      this.applyReference(
        application,
        "$recursiveRef",
        isDynamic ? this.outermost(scope, "", target) : target,
        value,
      );
    }
    const dynamic = member(schema, "$dynamicRef");
    if (typeof dynamic !== "string") return;
    const target = this.document.resolve(scope.node, dynamic);
    const anchor = dynamic.slice(dynamic.indexOf("#") + 1);
    const isDynamic =
      target !== undefined && isObject(target.json) && member(target.json, "$dynamicAnchor") === anchor;
    this.applyReference(
      application,
      "$dynamicRef",
      isDynamic ? this.outermost(scope, anchor, target) : target,
      value,
    );
  }

  private outermost(scope: Scope, anchor: string, found: SchemaNode): SchemaNode {
    let outer = found;
    for (let at: Scope | undefined = scope; at !== undefined; at = at.parent)
      outer = this.document.dynamic(at.node.base, anchor) ?? outer;
    return outer;
  }

  private applyUnevaluated(application: Application, value: Json): void {
    const { schema, evaluated, problems } = application;
    if (isObject(value) && Object.hasOwn(schema, "unevaluatedProperties")) {
      for (const name of Object.keys(value)
        .filter((key) => !evaluated.names.has(key))
        .sort()) {
        push(
          problems,
          this.applyChild(
            application,
            member(schema, "unevaluatedProperties"),
            "unevaluatedProperties",
            value[name] ?? null,
            name,
          ),
        );
        evaluated.names.add(name);
      }
    }
    if (Array.isArray(value) && Object.hasOwn(schema, "unevaluatedItems")) {
      for (const [index, item] of (value as readonly Json[]).entries()) {
        if (evaluated.items.has(index)) continue;
        push(
          problems,
          this.applyChild(application, member(schema, "unevaluatedItems"), "unevaluatedItems", item, index),
        );
        evaluated.items.add(index);
      }
    }
  }

  private textProblems({ schema, at, problems }: Application, text: string): void {
    const add = (message: string): void => void problems.push({ at, text: message, causes: [] });
    const length = [...text].length;
    const least = member(schema, "minLength");
    const most = member(schema, "maxLength");
    const pattern = member(schema, "pattern");
    if (typeof least === "number" && length < least)
      add(`minLength: got ${grouped(length)}, want ${grouped(least)}`);
    if (typeof most === "number" && length > most)
      add(`maxLength: got ${grouped(length)}, want ${grouped(most)}`);
    if (typeof pattern === "string" && !this.matches(pattern, text))
      add(`${quoted(text)} does not match pattern ${quoted(pattern)}`);
  }
}

/** Adds a problem; several of one schema are added one by one. */
export function push(problems: Problem[], problem: Problem | undefined): void {
  if (problem === undefined) return;
  if (problem.grouping === "group") problems.push(...problem.causes);
  else problems.push(problem);
}

function absorb(into: Evaluated, from: Evaluated): void {
  for (const name of from.names) into.names.add(name);
  for (const item of from.items) into.items.add(item);
}

function cycleOf(scope: Scope): string | undefined {
  for (let at = scope; at.parent !== undefined && at.sameValue; at = at.parent) {
    if (at.parent.node.json === scope.node.json)
      return `both ${keywordPath(scope)} and ${keywordPath(at.parent)} resolve to "${scope.node.location}" causing reference cycle`;
  }
  return undefined;
}

function keywordPath(scope: Scope): string {
  let path = "";
  for (let at = scope; at.parent !== undefined; at = at.parent) path = `/${at.keyword}${path}`;
  return path;
}

/** The kinds of values, in the order in which they are listed. */
function kindOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "object" ? "object" : typeof value;
}

function basicProblem(schema: JsonObject, value: Json): string | undefined {
  const type = member(schema, "type");
  const wanted = typeof type === "string" ? [type] : Array.isArray(type) ? type.map(String) : [];
  const kind = kindOf(value);
  const isWhole = kind === "number" && Number.isInteger(value);
  if (wanted.length > 0 && !wanted.includes(kind) && !(isWhole && wanted.includes("integer")))
    return `got ${kind}, want ${[...new Set(wanted)].sort().join(" or ")}`;
  const constant = member(schema, "const");
  if (constant !== undefined && !sameJson(value, constant))
    return typeof constant === "object" && constant !== null
      ? "'const' failed"
      : `value must be ${shown(constant)}`;
  const options = member(schema, "enum");
  if (!Array.isArray(options)) return undefined;
  const allowed = options as readonly Json[];
  if (allowed.some((option) => sameJson(option, value))) return undefined;
  if (allowed.some((option) => typeof option === "object" && option !== null)) return "'enum' failed";
  const [only] = allowed;
  return allowed.length === 1
    ? `value must be ${shown(only ?? null)}`
    : `value must be one of ${allowed.map(shown).join(", ")}`;
}

function shown(value: Json): string {
  return typeof value === "string" ? quoted(value) : value === null ? "<nil>" : String(value);
}

function numberProblems({ schema, at, problems, scope }: Application, value: number): void {
  const check = (keyword: string, fails: (limit: number) => boolean): void => {
    const limit = member(schema, keyword);
    if (typeof limit !== "number" || !fails(limit)) return;
    problems.push({ at, text: `${keyword}: got ${grouped(value)}, want ${grouped(limit)}`, causes: [] });
  };
  const strict = (bound: "minimum" | "maximum", keyword: string): boolean =>
    scope.node.draft === 4 && member(schema, keyword) === true && value === member(schema, bound);
  check("minimum", (limit) => value < limit);
  check("maximum", (limit) => value > limit);
  check("exclusiveMinimum", (limit) => value <= limit);
  check("exclusiveMaximum", (limit) => value >= limit);
  for (const [bound, keyword] of [
    ["minimum", "exclusiveMinimum"],
    ["maximum", "exclusiveMaximum"],
  ] as const) {
    if (strict(bound, keyword))
      problems.push({ at, text: `${keyword}: got ${grouped(value)}, want ${grouped(value)}`, causes: [] });
  }
  check("multipleOf", (of) => !isMultiple(value, of));
}
