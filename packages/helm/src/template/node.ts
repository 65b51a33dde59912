import { quote } from "../value/quote.js";

export interface TextNode {
  readonly kind: "text";
  readonly text: string;
}
export interface ActionNode {
  readonly kind: "action";
  readonly pipe: PipeNode;
}
export interface BranchNode {
  readonly kind: "if" | "range" | "with";
  readonly at: number;
  readonly pipe: PipeNode;
  readonly body: ListNode;
  readonly otherwise: ListNode | undefined;
}
export interface TemplateNode {
  readonly kind: "template";
  readonly at: number;
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}
export interface JumpNode {
  readonly kind: "break" | "continue";
}
export type StatementNode = TextNode | ActionNode | BranchNode | TemplateNode | JumpNode;
export type ListNode = readonly StatementNode[];

export interface PipeNode {
  readonly kind: "pipe";
  readonly at: number;
  readonly isAssign: boolean;
  readonly decl: readonly VariableNode[];
  readonly cmds: readonly CommandNode[];
}
export interface CommandNode {
  readonly kind: "command";
  readonly at: number;
  readonly args: readonly ArgNode[];
}
export interface VariableNode {
  readonly kind: "variable";
  readonly at: number;
  readonly idents: readonly string[];
}
export interface FieldNode {
  readonly kind: "field";
  readonly at: number;
  readonly idents: readonly string[];
}
export interface ChainNode {
  readonly kind: "chain";
  readonly at: number;
  readonly node: ArgNode;
  readonly fields: readonly string[];
}
export interface IdentNode {
  readonly kind: "ident";
  readonly at: number;
  readonly name: string;
}
export interface NumberNode {
  readonly kind: "number";
  readonly at: number;
  readonly text: string;
  readonly int: bigint | undefined;
  readonly uint: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: { readonly re: number; readonly im: number } | undefined;
}
export interface StringNode {
  readonly kind: "string";
  readonly at: number;
  readonly quoted: string;
  readonly text: string;
}
export interface BoolNode {
  readonly kind: "bool";
  readonly at: number;
  readonly value: boolean;
}
export interface MarkNode {
  readonly kind: "dot" | "nil";
  readonly at: number;
}
export type ArgNode =
  | PipeNode
  | VariableNode
  | FieldNode
  | ChainNode
  | IdentNode
  | NumberNode
  | StringNode
  | BoolNode
  | MarkNode;

/** A named template: its body, and the text it was read from for places in errors. */
export interface Template {
  readonly name: string;
  readonly file: string;
  readonly source: string;
  readonly body: ListNode;
}

/** A node printed again, as Go prints it in errors. */
export function nodeText(node: ArgNode | CommandNode | TemplateNode): string {
  switch (node.kind) {
    case "pipe": {
      const names = node.decl.map(nodeText).join(", ");
      const commands = node.cmds.map(nodeText).join(" | ");
      return names === "" ? commands : `${names} ${node.isAssign ? "=" : ":="} ${commands}`;
    }
    case "command":
      return node.args.map((arg) => (arg.kind === "pipe" ? `(${nodeText(arg)})` : nodeText(arg))).join(" ");
    case "variable":
      return node.idents.join(".");
    case "field":
      return node.idents.map((ident) => `.${ident}`).join("");
    case "chain": {
      const head = node.node.kind === "pipe" ? `(${nodeText(node.node)})` : nodeText(node.node);
      return head + node.fields.map((field) => `.${field}`).join("");
    }
    case "ident":
      return node.name;
    case "number":
      return node.text;
    case "string":
      return node.quoted;
    case "bool":
      return String(node.value);
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "template":
      return `{{template ${quote(node.name)}${node.pipe === undefined ? "" : ` ${nodeText(node.pipe)}`}}}`;
  }
}

/** `FILE:LINE:COLUMN` of an offset: lines from 1, columns from 0 in bytes. */
export function locate(template: Template, at: number): string {
  const before = template.source.slice(0, at);
  const lineStart = before.lastIndexOf("\n") + 1;
  const line = before.split("\n").length;
  return `${template.file}:${line}:${Buffer.byteLength(before.slice(lineStart))}`;
}
