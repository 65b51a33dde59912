import {
  GoComplex,
  GoInt,
  GoMap,
  type GoMethod,
  GoStruct,
  type GoValue,
  type ParamType,
  sliceType,
  sortedKeys,
  truth,
  typeName,
} from "../value/go-value.js";
import { printValue } from "../value/print.js";
import { quote } from "../value/quote.js";
import { canBeNil, isAssignable, paramNames } from "./argument.js";
import { ChartMessage, FunctionError, TemplateError, TemplateExecError } from "./error.js";
import type { FunctionTable, TemplateFunction } from "./function.js";
import {
  type ArgNode,
  type BranchNode,
  type ChainNode,
  type CommandNode,
  type FieldNode,
  type IdentNode,
  type ListNode,
  locate,
  type NumberNode,
  nodeText,
  type PipeNode,
  type StatementNode,
  type Template,
  type TemplateNode,
  type VariableNode,
} from "./node.js";

/** What bounds one rendering; shared by everything a chart executes. */
export interface Budget {
  /** Statements that may still run. */
  steps: number;
  /** UTF-16 units that may still be written. */
  output: number;
}

/** What executing a template needs. */
export interface ExecContext {
  readonly find: (name: string) => Template | undefined;
  readonly functions: FunctionTable;
  readonly budget: Budget;
}

type Located = ArgNode | CommandNode | TemplateNode;

/** Stands for the absence of a piped value, which nil is not. */
const missing = Symbol("missing");
type Final = GoValue | typeof missing;

type Jump = "break" | "continue" | undefined;

const maxTemplateDepth = 1000;

/** Executes a template with a value for dot. Throws TemplateError. */
export function execute(context: ExecContext, template: Template, dot: GoValue): string {
  const out: string[] = [];
  new Execution(context, template, out, 0).run(dot);
  return out.join("");
}

interface Variable {
  readonly name: string;
  value: GoValue;
  /** Held in an interface, as elements of lists are. */
  boxed: boolean;
}

class Execution {
  private readonly context: ExecContext;
  private readonly template: Template;
  private readonly out: string[];
  private readonly depth: number;
  private readonly variables: Variable[] = [];
  private node: Located | undefined;
  private boxedDot = false;

  constructor(context: ExecContext, template: Template, out: string[], depth: number) {
    this.context = context;
    this.template = template;
    this.out = out;
    this.depth = depth;
  }

  run(dot: GoValue): void {
    this.variables.push({ name: "$", value: dot, boxed: false });
    this.list(dot, this.template.body);
  }

  private fail(message: string, inner?: Error): TemplateError {
    if (this.node === undefined)
      return new TemplateError(`template: ${this.template.name}: ${message}${inner?.message ?? ""}`);
    const location = locate(this.template, this.node.at);
    return new TemplateExecError(location, this.template.name, nodeText(this.node), message, inner);
  }

  private write(text: string): void {
    this.context.budget.output -= text.length;
    if (this.context.budget.output < 0) throw this.fail("output exceeds the maximum size");
    this.out.push(text);
  }

  private list(dot: GoValue, nodes: ListNode): Jump {
    for (const node of nodes) {
      const jump = this.statement(dot, node);
      if (jump !== undefined) return jump;
    }
    return undefined;
  }

  private statement(dot: GoValue, node: StatementNode): Jump {
    this.context.budget.steps -= 1;
    if (this.context.budget.steps < 0)
      throw this.fail("template runs longer than the maximum number of steps");
    switch (node.kind) {
      case "text":
        this.write(node.text);
        return undefined;
      case "action": {
        const value = this.pipeline(dot, node.pipe);
        if (node.pipe.decl.length === 0)
          this.write(value === undefined || value === null ? "<no value>" : printValue(value));
        return undefined;
      }
      case "if":
      case "with":
        return this.condition(dot, node);
      case "range":
        return this.range(dot, node);
      case "template":
        this.call(dot, node);
        return undefined;
      default:
        return node.kind;
    }
  }

  private condition(dot: GoValue, node: BranchNode): Jump {
    const mark = this.variables.length;
    const value = this.pipeline(dot, node.pipe);
    let jump: Jump;
    if (truth(value)) {
      const boxed = this.boxedDot;
      if (node.kind === "with") this.boxedDot = false;
      jump = this.list(node.kind === "with" ? value : dot, node.body);
      this.boxedDot = boxed;
    } else if (node.otherwise !== undefined) jump = this.list(dot, node.otherwise);
    this.variables.length = mark;
    return jump;
  }

  private range(dot: GoValue, node: BranchNode): Jump {
    this.node = node.pipe;
    const mark = this.variables.length;
    const value = this.pipeline(dot, node.pipe);
    const boxed = this.boxedDot;
    const ran = this.iterate(value, node);
    this.boxedDot = boxed;
    const jump = ran === "empty" && node.otherwise !== undefined ? this.list(dot, node.otherwise) : undefined;
    this.variables.length = mark;
    return jump;
  }

  private iterate(value: GoValue, node: BranchNode): "ran" | "empty" {
    const mark = this.variables.length;
    const once = (index: GoValue, element: GoValue, boxed: boolean): boolean => {
      this.bindIteration(node.pipe, index, element, boxed, mark);
      this.boxedDot = boxed;
      const jump = this.list(element, node.body);
      this.variables.length = mark;
      return jump !== "break";
    };
    if (value === undefined || value === null) return "empty";
    if (value instanceof GoStruct) {
      const elements = value.elements();
      if (elements !== undefined) return this.iterate(elements, node);
    }
    if (Array.isArray(value)) {
      if (value.length === 0) return "empty";
      const boxed = sliceType(value) === "[]interface {}";
      for (let index = 0; index < value.length; index += 1)
        if (!once(new GoInt(BigInt(index)), value[index], boxed)) break;
      return "ran";
    }
    if (value instanceof GoMap) {
      if (value.size === 0) return "empty";
      for (const key of sortedKeys(value)) if (!once(key, value.get(key), true)) break;
      return "ran";
    }
    if (value instanceof GoInt) {
      if (node.pipe.decl.length > 1)
        throw this.fail(`can't use ${value.value} to iterate over more than one variable`);
      if (value.value <= 0n) return "empty";
      for (let index = 0n; index < value.value; index += 1n) {
        if (!once(new GoInt(index, value.kind), new GoInt(index, value.kind), false)) break;
      }
      return "ran";
    }
    if (value instanceof Uint8Array) {
      for (const [index, byte] of value.entries()) {
        if (!once(new GoInt(BigInt(index)), new GoInt(BigInt(byte), "uint8"), false)) break;
      }
      return value.length === 0 ? "empty" : "ran";
    }
    throw this.fail(`range can't iterate over ${printValue(value)}`);
  }

  private bindIteration(pipe: PipeNode, index: GoValue, element: GoValue, boxed: boolean, top: number): void {
    const [first, second] = pipe.decl;
    if (first === undefined) return;
    if (pipe.isAssign) {
      this.assign(first.idents[0] ?? "", second === undefined ? element : index);
      if (second !== undefined) this.assign(second.idents[0] ?? "", element);
      return;
    }
    const last = this.variables[top - 1];
    if (last !== undefined) {
      last.value = element;
      last.boxed = boxed;
    }
    const before = second === undefined ? undefined : this.variables[top - 2];
    if (before !== undefined) {
      before.value = index;
      before.boxed = false;
    }
  }

  private call(dot: GoValue, node: TemplateNode): void {
    this.node = node;
    const template = this.context.find(node.name);
    if (template === undefined) throw this.fail(`template ${quote(node.name)} not defined`);
    if (this.depth >= maxTemplateDepth) throw this.fail("exceeded maximum template depth (100000)");
    const value = node.pipe === undefined ? undefined : this.pipeline(dot, node.pipe);
    new Execution(this.context, template, this.out, this.depth + 1).run(value);
  }

  private assign(name: string, value: GoValue): void {
    for (let index = this.variables.length - 1; index >= 0; index -= 1) {
      const variable = this.variables[index];
      if (variable?.name !== name) continue;
      variable.value = value;
      variable.boxed = false;
      return;
    }
    throw this.fail(`undefined variable: ${name}`);
  }

  private variable(name: string): Variable {
    for (let index = this.variables.length - 1; index >= 0; index -= 1) {
      const variable = this.variables[index];
      if (variable?.name === name) return variable;
    }
    throw this.fail(`undefined variable: ${name}`);
  }

  private pipeline(dot: GoValue, pipe: PipeNode): GoValue {
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
      else this.variables.push({ name, value: result, boxed: false });
    }
    return result;
  }

  private noArguments(args: readonly ArgNode[], final: Final): void {
    if (args.length > 1 || final !== missing) {
      const head = args[0];
      throw this.fail(
        `can't give argument to non-function ${head === undefined ? "" : head.kind === "pipe" ? nodeText(head) : nodeText(head)}`,
      );
    }
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
        return this.constant(first);
      case "string":
        return first.text;
      default:
        throw this.fail("nil is not a command");
    }
  }

  private constant(node: NumberNode): GoValue {
    this.node = node;
    if (node.complex !== undefined) return new GoComplex(node.complex.re, node.complex.im);
    const isHex = /^[+-]?0[xX]/.test(node.text) && !/[pP]/.test(node.text);
    if (node.float !== undefined && !isHex && !node.text.startsWith("'") && /[.eEpP]/.test(node.text))
      return node.float;
    if (node.int !== undefined) return new GoInt(node.int);
    throw this.fail(`${node.text} overflows int`);
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
    node: FieldNode | ChainNode | VariableNode,
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
    node: FieldNode | ChainNode | VariableNode,
    args: readonly ArgNode[],
    final: Final,
    receiver: GoValue,
    boxed: boolean,
  ): GoValue {
    if (receiver === undefined) return undefined;
    if (receiver === null) throw this.fail(`nil pointer evaluating interface {}.${name}`);
    const method = methodOf(receiver, name);
    if (method !== undefined) return this.invoke(dot, fromMethod(method), node, name, args, final);
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
    const args = words.slice(1);
    const count = args.length + (final === missing ? 0 : 1);
    const fixed = fn.variadic ? fn.params.length - 1 : fn.params.length;
    if (fn.variadic ? count < fixed : count !== fixed) {
      const wanted = fn.variadic ? `at least ${fixed} got ${args.length}` : `${fixed} got ${count}`;
      throw this.fail(`wrong number of args for ${name}: want ${wanted}`);
    }
    if (fn.shortCircuit !== undefined) return this.shortCircuit(dot, fn.shortCircuit, name, args, final);
    const paramAt = (index: number): ParamType => fn.params[Math.min(index, fn.params.length - 1)] ?? "any";
    const values: GoValue[] = args.map((arg, index) => this.argument(dot, paramAt(index), arg));
    if (final !== missing) values.push(this.validate(final, paramAt(args.length)));
    return this.apply(fn, node, name, values);
  }

  private apply(fn: TemplateFunction, node: Located, name: string, values: GoValue[]): GoValue {
    try {
      return fn.run(...values);
    } catch (error) {
      this.node = node;
      if (error instanceof TemplateError || error instanceof FunctionError || error instanceof ChartMessage) {
        throw this.fail(`error calling ${name}: `, error);
      }
      if (error instanceof RangeError)
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
        return this.constant(node);
    }
  }

  private argument(dot: GoValue, type: ParamType, node: ArgNode): GoValue {
    this.node = node;
    switch (node.kind) {
      case "nil":
        if (canBeNil(type)) return type === "value" ? undefined : null;
        throw this.fail(`cannot assign nil to ${paramNames[type]}`);
      case "bool":
      case "string":
      case "number":
        return this.literal(type, node);
      default:
        return this.validate(this.value(dot, node), type);
    }
  }

  private literal(type: ParamType, node: ArgNode & { kind: "bool" | "string" | "number" }): GoValue {
    switch (type) {
      case "any":
      case "value":
        return node.kind === "number" ? this.constant(node) : node.kind === "string" ? node.text : node.value;
      case "string":
        if (node.kind === "string") return node.text;
        throw this.fail(`expected string; found ${nodeText(node)}`);
      case "bool":
        if (node.kind === "bool") return node.value;
        throw this.fail(`expected bool; found ${nodeText(node)}`);
      case "int":
      case "int64":
        if (node.kind === "number" && node.int !== undefined) return new GoInt(node.int, type);
        throw this.fail(`expected integer; found ${nodeText(node)}`);
      case "duration":
        if (node.kind === "number" && node.int !== undefined) return new GoInt(node.int, "int64");
        throw this.fail(`expected integer; found ${nodeText(node)}`);
      case "float64":
        if (node.kind === "number" && node.float !== undefined) return node.float;
        throw this.fail(`expected float; found ${nodeText(node)}`);
      default:
        throw this.fail(`can't handle ${nodeText(node)} for arg of type ${paramNames[type]}`);
    }
  }

  private validate(value: GoValue, type: ParamType): GoValue {
    if (value === undefined) {
      if (canBeNil(type)) return type === "value" ? undefined : null;
      throw this.fail(`invalid value; expected ${paramNames[type]}`);
    }
    if (value === null) {
      if (type === "any" || type === "value") return null;
      if (canBeNil(type) && type !== "map") return null;
      throw this.fail(`wrong type for value; expected ${paramNames[type]}; got interface {}`);
    }
    if (isAssignable(value, type)) return value;
    throw this.fail(`wrong type for value; expected ${paramNames[type]}; got ${typeName(value)}`);
  }
}

function methodOf(receiver: Exclude<GoValue, null | undefined>, name: string): GoMethod | undefined {
  if (receiver instanceof GoStruct) return receiver.method(name);
  return receiver instanceof MethodMap ? receiver.method(name) : undefined;
}

/** A map type with methods, such as `.Values` and `.Files`. */
export abstract class MethodMap extends GoMap {
  abstract method(name: string): GoMethod | undefined;
}

function fromMethod(method: GoMethod): TemplateFunction {
  return { params: method.params, variadic: method.variadic === true, run: (...args) => method.run(...args) };
}
