import { GoInt, GoMap, GoStruct, type GoValue, sliceType, sortedKeys, truth } from "../value/go-value.js";
import { printValue } from "../value/print.js";
import { quote } from "../value/quote.js";
import { ArgumentError } from "./argument.js";
import { BudgetError } from "./budget.js";
import { Evaluator, type ExecContext } from "./evaluator.js";
import type { BranchNode, ListNode, PipeNode, StatementNode, Template, TemplateNode } from "./node.js";

type Jump = "break" | "continue" | undefined;

const maxTemplateDepth = 1000;

/** Executes a template with a value for dot. Throws TemplateError. */
export function execute(context: ExecContext, template: Template, dot: GoValue): string {
  const out: string[] = [];
  new Execution(context, template, out, 0).run(dot);
  return out.join("");
}

/** Runs the statements of one template. */
class Execution {
  private readonly context: ExecContext;
  private readonly template: Template;
  private readonly out: string[];
  private readonly depth: number;
  private readonly evaluator: Evaluator;

  constructor(context: ExecContext, template: Template, out: string[], depth: number) {
    this.context = context;
    this.template = template;
    this.out = out;
    this.depth = depth;
    this.evaluator = new Evaluator(context, template);
  }

  run(dot: GoValue): void {
    this.evaluator.variables.declare("$", dot);
    try {
      this.list(dot, this.template.body);
    } catch (error) {
      if (error instanceof ArgumentError || error instanceof BudgetError)
        throw this.evaluator.fail(error.message);
      throw error;
    }
  }

  private write(text: string): void {
    this.context.budget.write(text.length);
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
    this.context.budget.step();
    switch (node.kind) {
      case "text":
        this.write(node.text);
        return undefined;
      case "action": {
        const value = this.evaluator.pipeline(dot, node.pipe);
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
    const { evaluator } = this;
    const { mark } = evaluator.variables;
    const value = evaluator.pipeline(dot, node.pipe);
    let jump: Jump;
    if (truth(value)) {
      const boxed = evaluator.boxedDot;
      if (node.kind === "with") evaluator.boxedDot = false;
      jump = this.list(node.kind === "with" ? value : dot, node.body);
      evaluator.boxedDot = boxed;
    } else if (node.otherwise !== undefined) jump = this.list(dot, node.otherwise);
    evaluator.variables.leave(mark);
    return jump;
  }

  private range(dot: GoValue, node: BranchNode): Jump {
    const { evaluator } = this;
    evaluator.node = node.pipe;
    const { mark } = evaluator.variables;
    const value = evaluator.pipeline(dot, node.pipe);
    const boxed = evaluator.boxedDot;
    const ran = this.iterate(value, node);
    evaluator.boxedDot = boxed;
    const jump = ran === "empty" && node.otherwise !== undefined ? this.list(dot, node.otherwise) : undefined;
    evaluator.variables.leave(mark);
    return jump;
  }

  private iterate(value: GoValue, node: BranchNode): "ran" | "empty" {
    const { evaluator } = this;
    const { mark } = evaluator.variables;
    let ran = false;
    const once = (index: GoValue, element: GoValue, boxed: boolean): boolean => {
      ran = true;
      this.bindIteration(node.pipe, index, element, boxed, mark);
      evaluator.boxedDot = boxed;
      const jump = this.list(element, node.body);
      evaluator.variables.leave(mark);
      return jump !== "break";
    };
    const items = value instanceof GoStruct ? (value.elements() ?? value) : value;
    if (items === undefined || items === null) return "empty";
    if (Array.isArray(items)) {
      const boxed = sliceType(items) === "[]interface {}";
      for (let index = 0; index < items.length; index += 1)
        if (!once(new GoInt(BigInt(index)), items[index], boxed)) break;
    } else if (items instanceof GoMap) {
      for (const key of sortedKeys(items)) if (!once(key, items.get(key), true)) break;
    } else if (items instanceof GoInt) this.count(items, node, once);
    else if (items instanceof Uint8Array) {
      for (const [index, byte] of items.entries())
        if (!once(new GoInt(BigInt(index)), new GoInt(BigInt(byte), "uint8"), false)) break;
    } else throw evaluator.fail(`range can't iterate over ${printValue(items)}`);
    return ran ? "ran" : "empty";
  }

  private count(
    limit: GoInt,
    node: BranchNode,
    once: (index: GoValue, element: GoValue, boxed: boolean) => boolean,
  ): void {
    if (node.pipe.decl.length > 1)
      throw this.evaluator.fail(`can't use ${limit.value} to iterate over more than one variable`);
    for (let index = 0n; index < limit.value; index += 1n) {
      const element = new GoInt(index, limit.kind);
      if (!once(element, element, false)) break;
    }
  }

  private bindIteration(pipe: PipeNode, index: GoValue, element: GoValue, boxed: boolean, top: number): void {
    const [first, second] = pipe.decl;
    if (first === undefined) return;
    const { evaluator } = this;
    if (pipe.isAssign) {
      evaluator.assign(first.idents[0] ?? "", second === undefined ? element : index);
      if (second !== undefined) evaluator.assign(second.idents[0] ?? "", element);
      return;
    }
    evaluator.variables.put(top - 1, element, boxed);
    if (second !== undefined) evaluator.variables.put(top - 2, index, false);
  }

  private call(dot: GoValue, node: TemplateNode): void {
    const { evaluator } = this;
    evaluator.node = node;
    const template = this.context.find(node.name);
    if (template === undefined) throw evaluator.fail(`template ${quote(node.name)} not defined`);
    if (this.depth >= maxTemplateDepth) throw evaluator.fail("exceeded maximum template depth (100000)");
    const value = node.pipe === undefined ? undefined : evaluator.pipeline(dot, node.pipe);
    new Execution(this.context, template, this.out, this.depth + 1).run(value);
  }
}
