import type { Clock, Random } from "@capstan/kube";
import { builtinFunctions } from "../functions/builtin.js";
import { collectionFunctions } from "../functions/collections.js";
import { cryptoFunctions } from "../functions/crypto.js";
import { dateFunctions } from "../functions/dates.js";
import { encodingFunctions } from "../functions/encoding.js";
import { mathFunctions } from "../functions/math.js";
import { pathFunctions } from "../functions/paths.js";
import { randomFunctions } from "../functions/random.js";
import { regexFunctions } from "../functions/regex.js";
import { semverFunctions } from "../functions/semver.js";
import { stringFunctions } from "../functions/strings.js";
import { urlFunctions } from "../functions/urls.js";
import { wellFormed } from "../value/bytes.js";
import { fromPlain, GoMap, type GoValue } from "../value/go-value.js";
import { quote } from "../value/quote.js";
import { Budget, type RenderLimits } from "./budget.js";
import { ChartMessage, FunctionError, TemplateError, TemplateParseError } from "./error.js";
import { execute } from "./exec.js";
import { type FunctionTable, fn, type TemplateFunction } from "./function.js";
import type { Template } from "./node.js";
import { isEmptyBody, parseTemplate } from "./parser.js";
import { StabilityWatch, type UnstableTemplate } from "./unstable.js";

/** Reads live objects for `lookup`: the object, a list object for an empty name, nothing when absent. */
export type LookupPort = (apiVersion: string, kind: string, namespace: string, name: string) => unknown;

export interface EngineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly lookup?: LookupPort;
  readonly limits?: RenderLimits;
}

const maxIncludes = 1000;
const maxTplDepth = 200;
const noValue = "<no value>";

/** Functions of their arguments alone, which all engines share. */
const pureFunctions: ReadonlyMap<string, TemplateFunction> = new Map(
  Object.entries({
    ...builtinFunctions,
    ...stringFunctions,
    ...collectionFunctions,
    ...mathFunctions,
    ...regexFunctions,
    ...encodingFunctions,
    ...semverFunctions,
    ...pathFunctions,
    ...urlFunctions,
  }),
);

/** What files parsed to; the functions are the same for all engines. */
const parsedFiles = new WeakMap<object, { readonly name: string; readonly templates: readonly Template[] }>();

/** One rendering's templates and functions. */
export class Engine {
  private readonly budget: Budget;
  private readonly functions: FunctionTable;
  private readonly names: readonly string[];
  private templates = new Map<string, Template>();
  private readonly active = new Map<string, number>();
  private tplDepth = 0;
  private readonly stability: StabilityWatch;

  constructor(options: EngineOptions) {
    this.budget = new Budget(options.limits);
    const watch = new StabilityWatch(options.clock, options.random);
    this.stability = watch;
    const own = new Map(
      Object.entries({
        ...watch.watch({
          ...dateFunctions(watch.clock),
          ...randomFunctions(watch.random),
          ...cryptoFunctions(watch.clock, watch.random),
        }),
        ...this.ownFunctions(options.lookup),
      }),
    );
    this.names = [...own.keys()];
    this.functions = {
      get: (name) => own.get(name) ?? pureFunctions.get(name),
      has: (name) => own.has(name) || pureFunctions.has(name),
    };
  }

  /** Templates rendered so far whose text differs each time. */
  get unstable(): readonly UnstableTemplate[] {
    return this.stability.unstable;
  }

  /** The functions that templates can call. */
  get functionNames(): readonly string[] {
    return [...pureFunctions.keys(), ...this.names];
  }

  /** Adds a file's templates; a later one replaces an earlier one of its name unless it is empty. Throws TemplateError. */
  add(name: string, source: string): void {
    this.parseInto(this.templates, name, source);
  }

  /** As `add`, for a file that may be rendered again: it is parsed once. Throws TemplateError. */
  addFile(name: string, file: object, source: () => string): void {
    const known = parsedFiles.get(file);
    const templates = known?.name === name ? known.templates : this.parse(name, source());
    if (known?.name !== name) parsedFiles.set(file, { name, templates });
    this.take(this.templates, templates);
  }

  private parse(name: string, source: string): readonly Template[] {
    return parseTemplate(name, source, (fn) => this.functions.has(fn));
  }

  private take(into: Map<string, Template>, templates: readonly Template[]): void {
    for (const template of templates)
      if (!into.has(template.name) || !isEmptyBody(template.body)) into.set(template.name, template);
  }

  private parseInto(templates: Map<string, Template>, name: string, source: string): void {
    this.take(templates, this.parse(name, source));
  }

  /** Executes a template by name; `<no value>` is dropped from the result. Throws TemplateError. */
  render(name: string, dot: GoValue): string {
    this.stability.template = name;
    return wellFormed(this.execute(name, dot).replaceAll(noValue, ""));
  }

  private execute(name: string, dot: GoValue): string {
    const template = this.templates.get(name);
    if (template === undefined)
      throw new TemplateError(`template: no template ${quote(name)} associated with template "gotpl"`);
    const context = {
      find: (wanted: string) => this.templates.get(wanted),
      functions: this.functions,
      budget: this.budget,
    };
    // A nil is no value where a template starts.
    return execute(context, template, dot ?? undefined);
  }

  private include(name: string, data: GoValue): string {
    const count = this.active.get(name) ?? 0;
    if (count > maxIncludes) {
      throw new FunctionError(
        `rendering template has a nested reference name: ${name}: unable to execute template`,
      );
    }
    this.active.set(name, count + 1);
    try {
      return this.execute(name, data);
    } finally {
      this.active.set(name, count);
    }
  }

  private tpl(text: string, data: GoValue): string {
    if (this.tplDepth >= maxTplDepth) throw new FunctionError("tpl calls itself too deeply");
    const outer = this.templates;
    const inner = new Map(outer);
    this.tplDepth += 1;
    this.templates = inner;
    try {
      this.parseInto(inner, "gotpl", text);
      return this.execute("gotpl", data).replaceAll(noValue, "");
    } catch (error) {
      if (error instanceof TemplateParseError)
        throw new FunctionError(`cannot parse template ${quote(text)}: ${error.message}`);
      if (error instanceof TemplateError && !holdsMessage(error)) {
        throw new FunctionError(`error during tpl function execution for ${quote(text)}: ${error.message}`);
      }
      throw error;
    } finally {
      this.templates = outer;
      this.tplDepth -= 1;
    }
  }

  private ownFunctions(lookup: LookupPort | undefined): Record<string, TemplateFunction> {
    return {
      include: fn("string any", (name: string, data: GoValue) => this.include(name, data)),
      tpl: fn("string any", (text: string, data: GoValue) => this.tpl(text, data)),
      required: fn("string any", (message: string, value: GoValue) => {
        if (value === null || value === undefined || value === "") throw new ChartMessage(message);
        return value;
      }),
      fail: fn("string", (message: string) => {
        throw new ChartMessage(message);
      }),
      lookup: fn(
        "string string string string",
        (apiVersion: string, kind: string, namespace: string, name: string) => {
          const found = lookup?.(apiVersion, kind, namespace, name);
          return found === undefined || found === null ? new GoMap() : fromPlain(found);
        },
      ),
      getHostByName: fn("string", () => ""),
    };
  }
}

function holdsMessage(error: Error): boolean {
  if (error instanceof ChartMessage) return true;
  return "inner" in error && error.inner instanceof Error && holdsMessage(error.inner);
}
