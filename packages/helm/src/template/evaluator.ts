import { GoMap, GoStruct, type GoValue, type ParamType, truth, typeName } from "../value/go-value.js";
import { quote } from "../value/quote.js";
import { checkedArgument, constant, literalArgument, nilArgument } from "./argument.js";
import { type Budget, BudgetError } from "./budget.js";
import { ChartMessage, FunctionError, TemplateError, TemplateExecError } from "./error.js";
import type { FunctionTable, TemplateFunction } from "./function.js";
import { methodOf } from "./method-map.js";
import {
  type ArgNode,
  type ChainNode,
  type CommandNode,
  type FieldNode,
  type IdentNode,
  locate,
  nodeText,
  type PipeNode,
  type Template,
  type TemplateNode,
  type VariableNode,
} from "./node.js";
import { type Variable, VariableStack } from "./variables.js";

/** What executing a template needs. */
export interface ExecContext {
  readonly find: (name: string) => Template | undefined;
  readonly functions: FunctionTable;
  readonly budget: Budget;
}

type Located = ArgNode | CommandNode | TemplateNode;
type Selector = FieldNode | ChainNode | VariableNode;

/** Stands for the absence of a piped value, which nil is not. */
const missing = Symbol("missing");
type Final = GoValue | typeof missing;

/**
 * Evaluates the pipelines of one template. ArgumentError and BudgetError mean the present node; whoever runs
 * the template turns them into its errors.
 */
export class Evaluator {
  readonly variables = new VariableStack();
  /** Where evaluation is, for errors. */
  node: Located | undefined;
  /** Whether dot is held in an interface. */
  boxedDot = false;
  private readonly context: ExecContext;
  private readonly template: Template;

  constructor(context: ExecContext, template: Template) {
    this.context = context;
    this.template = template;
  }

  /** An error at the present node. */
  fail(message: string, inner?: Error): TemplateError {
    if (this.node === undefined)
      return new TemplateError(`template: ${this.template.name}: ${message}${inner?.message ?? ""}`);
    const location = locate(this.template, this.node.at);
    return new TemplateExecError(location, this.template.name, nodeText(this.node), message, inner);
  }

  /** Changes a variable that is visible. */
  assign(name: string, value: GoValue): void {
    const variable = this.variable(name);
    variable.value = value;
    variable.boxed = false;
  }

  private variable(name: string): Variable {
    const variable = this.variables.find(name);
    if (variable === undefined) throw this.fail(`undefined variable: ${name}`);
    return variable;
  }

  /** The value of a pipeline; nil comes out as no value. */
  pipeline(dot: GoValue, pipe: PipeNode): GoValue {
    this.node = pipe;
    let value: Final = missing;
    for (const command of pipe.cmds) {
      const result: GoValue = this.command(dot, command, value);
      value = result === null ? undefined : result;
    }
    const result = value === missing ? undefined : value;
    for (const variable of pipe.decl) {
      const name = variable.idents[0] ?? "";
      if (pipe.isAssign) this.assign(name, result);
      else this.variables.declare(name, result);
    }
    return result;
  }

  private noArguments(args: readonly ArgNode[], final: Final): void {
    const [head] = args;
    if (args.length > 1 || final !== missing)
      throw this.fail(`can't give argument to non-function ${head === undefined ? "" : nodeText(head)}`);
  }

  private command(dot: GoValue, command: CommandNode, final: Final): GoValue {
    const [first] = command.args;
    if (first === undefined) throw this.fail("empty command");
    switch (first.kind) {
      case "field":
        return this.fieldNode(dot, first, command.args, final);
      case "chain":
        return this.chainNode(dot, first, command.args, final);
      case "ident":
        return this.functionCall(dot, first, command, command.args, final);
      case "pipe":
        this.noArguments(command.args, final);
        return this.pipeline(dot, first);
      case "variable":
        return this.variableNode(dot, first, command.args, final);
    }
    this.node = first;
    this.noArguments(command.args, final);
    switch (first.kind) {
      case "bool":
        return first.value;
      case "dot":
        return dot;
      case "number":
        return constant(first);
      case "string":
        return first.text;
      default:
        throw this.fail("nil is not a command");
    }
  }

  private fieldNode(dot: GoValue, node: FieldNode, args: readonly ArgNode[], final: Final): GoValue {
    this.node = node;
    return this.fieldChain(dot, dot, this.boxedDot, node, node.idents, args, final);
  }

  private chainNode(dot: GoValue, node: ChainNode, args: readonly ArgNode[], final: Final): GoValue {
    this.node = node;
    if (node.node.kind === "nil") throw this.fail(`indirection through explicit nil in ${nodeText(node)}`);
    const value = this.value(dot, node.node);
    return this.fieldChain(dot, value, false, node, node.fields, args, final);
  }

  private variableNode(dot: GoValue, node: VariableNode, args: readonly ArgNode[], final: Final): GoValue {
    this.node = node;
    const [name = "", ...fields] = node.idents;
    const variable = this.variable(name);
    if (fields.length === 0) {
      this.noArguments(args, final);
      return variable.value;
    }
    return this.fieldChain(dot, variable.value, variable.boxed, node, fields, args, final);
  }

  private fieldChain(
    dot: GoValue,
    start: GoValue,
    boxed: boolean,
    node: Selector,
    idents: readonly string[],
    args: readonly ArgNode[],
    final: Final,
  ): GoValue {
    let receiver = start;
    let inInterface = boxed;
    const last = idents.length - 1;
    for (let index = 0; index < last; index += 1) {
      receiver = this.field(dot, idents[index] ?? "", node, [], missing, receiver, inInterface);
      inInterface = true;
    }
    return this.field(dot, idents[last] ?? "", node, args, final, receiver, inInterface);
  }

  private field(
    dot: GoValue,
    name: string,
    node: Selector,
    args: readonly ArgNode[],
    final: Final,
    receiver: GoValue,
    boxed: boolean,
  ): GoValue {
    if (receiver === undefined) return undefined;
    if (receiver === null) throw this.fail(`nil pointer evaluating interface {}.${name}`);
    const method = methodOf(receiver, name);
    if (method !== undefined) {
      const variadic = method.variadic === true;
      const fn: TemplateFunction = {
        params: method.params,
        variadic,
        run: (...given) => method.run(...given),
      };
      return this.invoke(dot, fn, node, name, args, final);
    }
    const hasArgs = args.length > 1 || final !== missing;
    if (receiver instanceof GoMap) {
      if (hasArgs) throw this.fail(`${name} is not a method but has arguments`);
      const value = receiver.get(name);
      if (value !== undefined) return value;
      return receiver.typeName === "map[string]string" ? "" : null;
    }
    if (receiver instanceof GoStruct) {
      const value = receiver.field(name);
      if (value !== undefined) {
        if (hasArgs) throw this.fail(`${name} has arguments but cannot be invoked as function`);
        return value;
      }
    }
    throw this.fail(`can't evaluate field ${name} in type ${boxed ? "interface {}" : typeName(receiver)}`);
  }

  private functionCall(
    dot: GoValue,
    node: IdentNode,
    command: Located,
    args: readonly ArgNode[],
    final: Final,
  ): GoValue {
    this.node = node;
    const fn = this.context.functions.get(node.name);
    if (fn === undefined) throw this.fail(`${quote(node.name)} is not a defined function`);
    return this.invoke(dot, fn, command, node.name, args, final);
  }

  private invoke(
    dot: GoValue,
    fn: TemplateFunction,
    node: Located,
    name: string,
    words: readonly ArgNode[],
    final: Final,
  ): GoValue {
    const given = Math.max(words.length - 1, 0);
    const count = given + (final === missing ? 0 : 1);
    const fixed = fn.variadic ? fn.params.length - 1 : fn.params.length;
    if (fn.variadic ? count < fixed : count !== fixed) {
      const wanted = fn.variadic ? `at least ${fixed} got ${given}` : `${fixed} got ${count}`;
      throw this.fail(`wrong number of args for ${name}: want ${wanted}`);
    }
    if (fn.shortCircuit !== undefined)
      return this.shortCircuit(dot, fn.shortCircuit, name, words.slice(1), final);
    const paramAt = (index: number): ParamType => fn.params[Math.min(index, fn.params.length - 1)] ?? "any";
    const values: GoValue[] = [];
    for (let index = 0; index < given; index += 1) {
      const word = words[index + 1];
      if (word !== undefined) values.push(this.argument(dot, paramAt(index), word));
    }
    const [, head] = words;
    if (fn.takesText === true)
      values.unshift(
        head === undefined ? `<${typeName(final === missing ? null : final)} Value>` : nodeText(head),
      );
    if (final !== missing) values.push(checkedArgument(final, paramAt(given)));
    return this.apply(fn, node, name, values);
  }

  private apply(fn: TemplateFunction, node: Located, name: string, values: GoValue[]): GoValue {
    try {
      const { budget } = this.context;
      budget.call(name);
      const result = fn.run(...values);
      budget.result(name, result);
      return result;
    } catch (error) {
      this.node = node;
      if (error instanceof TemplateError || error instanceof FunctionError || error instanceof ChartMessage)
        throw this.fail(`error calling ${name}: `, error);
      if (error instanceof RangeError || error instanceof BudgetError)
        throw this.fail(`error calling ${name}: `, new FunctionError(error.message));
      throw error;
    }
  }

  private shortCircuit(
    dot: GoValue,
    kind: "and" | "or",
    name: string,
    args: readonly ArgNode[],
    final: Final,
  ): GoValue {
    if (args.length === 0 && final === missing)
      throw this.fail(`wrong number of args for ${name}: want at least 1 got 0`);
    let value: GoValue;
    for (const arg of args) {
      value = this.argument(dot, "any", arg);
      if (truth(value) === (kind === "or")) return value;
    }
    return final === missing ? value : final;
  }

  /** An argument whose type does not matter. */
  private value(dot: GoValue, node: ArgNode): GoValue {
    switch (node.kind) {
      case "dot":
        return dot;
      case "nil":
        return null;
      case "field":
        return this.fieldNode(dot, node, [node], missing);
      case "variable":
        return this.variableNode(dot, node, [], missing);
      case "pipe":
        return this.pipeline(dot, node);
      case "ident":
        return this.functionCall(dot, node, node, [node], missing);
      case "chain":
        return this.chainNode(dot, node, [node], missing);
      case "bool":
        return node.value;
      case "string":
        return node.text;
      case "number":
        this.node = node;
        return constant(node);
    }
  }

  private argument(dot: GoValue, type: ParamType, node: ArgNode): GoValue {
    this.node = node;
    switch (node.kind) {
      case "nil":
        return nilArgument(type);
      case "bool":
      case "string":
      case "number":
        return literalArgument(type, node);
      default:
        return checkedArgument(this.value(dot, node), type);
    }
  }
}
