import {
  type Comment,
  type Entry,
  type ListNode,
  type MapNode,
  NULL,
  type Tree,
  type TreeNode,
} from "../tree/tree.js";
import { printYamlScalar } from "./yaml-scalar.js";

const STEP = 4;
/** Longer keys, in bytes, are printed as `? key`. */
const MAX_SIMPLE_KEY = 128;

/** The next level below `indent`: levels are multiples of the step. */
function below(indent: number): number {
  return STEP * Math.floor((indent + STEP) / STEP);
}

/** Prints documents as SOPS does: in order, indented by four, comments where they stand. */
export function printYaml(tree: Tree): string {
  return tree.map(printDocument).join("---\n");
}

function printDocument(document: MapNode): string {
  const lines = new Lines();
  printMap(document, 0, lines);
  const text = lines.text();
  return hasEntries(document) ? text : `${text}{}\n`;
}

/** Lines that are written piece by piece. */
class Lines {
  readonly #parts: string[] = [];
  #open = false;

  /** Starts a line, or goes on with the one that was left open. */
  start(indent: number): void {
    if (this.#open) this.#open = false;
    else this.#parts.push(" ".repeat(indent));
  }

  push(text: string): void {
    this.#parts.push(text);
  }

  end(): void {
    if (this.#parts.at(-1)?.endsWith("\n") !== true) this.#parts.push("\n");
  }

  /** What comes next goes on behind the dash. */
  leaveOpen(): void {
    this.#open = true;
  }

  comments(comments: readonly string[], indent: number): void {
    for (const comment of comments) {
      for (const line of `#${comment}`.split("\n")) {
        this.start(indent);
        this.#parts.push(`${line}\n`);
      }
    }
  }

  text(): string {
    return this.#parts.join("");
  }
}

function printMap(node: MapNode, indent: number, lines: Lines): void {
  let head: string[] = [];
  let inline: string[] = [];
  for (const item of node.items) {
    if (item.type === "comment") {
      (item.inline ? inline : head).push(item.value);
      continue;
    }
    const key = printYamlScalar({ type: "str", value: item.key }, below(indent), true);
    const simple = Buffer.byteLength(key) <= MAX_SIMPLE_KEY;
    const { comments, value } = simple ? { comments: [], value: memberOf(item) } : hoisted(memberOf(item));
    lines.comments([...head, ...comments], indent);
    lines.start(indent);
    lines.push(simple ? `${key}:` : `? ${key}\n${" ".repeat(indent)}:`);
    if (simple) printValue(value, indent, inline, lines);
    else printItem(value, below(indent), below(indent) - indent - 1, inline, lines);
    head = [];
    inline = [];
  }
  lines.comments([...head, ...inline], indent);
}

function printList(node: ListNode, indent: number, lines: Lines): void {
  let head: string[] = [];
  let inline: string[] = [];
  for (const item of node.items) {
    if (item.type === "comment") {
      (item.inline ? inline : head).push(item.value);
      continue;
    }
    const { comments, value } = hoisted(item);
    lines.comments([...head, ...comments], indent);
    lines.start(indent);
    lines.push("-");
    printItem(value, indent + 2, 1, inline, lines);
    head = [];
    inline = [];
  }
  lines.comments([...head, ...inline], indent);
}

/** The value of a key: on its line where it is a scalar or empty. */
function printValue(value: TreeNode, indent: number, inline: readonly string[], lines: Lines): void {
  if ((value.type === "map" || value.type === "list") && hasEntries(value)) {
    lines.push(suffix(inline));
    lines.end();
    if (value.type === "map") printMap(value, below(indent), lines);
    else printList(value, below(indent), lines);
    return;
  }
  lines.push(" ");
  printLeaf(value, below(indent), inline, lines);
}

/** What starts behind a dash or the colon of a long key, also where it is a collection. */
function printItem(
  value: TreeNode,
  indent: number,
  gap: number,
  inline: readonly string[],
  lines: Lines,
): void {
  if ((value.type === "map" || value.type === "list") && hasEntries(value)) {
    lines.push(" ".repeat(gap));
    lines.leaveOpen();
    if (value.type === "map") printMap(value, indent, lines);
    else printList(value, indent, lines);
    return;
  }
  lines.push(" ");
  printLeaf(value, indent, inline, lines);
}

function printLeaf(value: TreeNode, indent: number, inline: readonly string[], lines: Lines): void {
  if (value.type === "map") lines.push("{}");
  else if (value.type === "list") lines.push("[]");
  else lines.push(printYamlScalar(value, indent));
  lines.push(suffix(inline));
  lines.end();
}

function memberOf(entry: Entry): TreeNode {
  return entry.value.type === "comment" ? NULL : entry.value;
}

/** Comments at the head of a collection that starts behind a sign stand above that sign. */
function hoisted(node: TreeNode): { readonly comments: readonly string[]; readonly value: TreeNode } {
  if ((node.type !== "map" && node.type !== "list") || !hasEntries(node))
    return { comments: [], value: node };
  const comments: string[] = [];
  for (const item of node.items) {
    if (item.type !== "comment" || item.inline) break;
    comments.push(item.value);
  }
  const rest = comments.length;
  const value: TreeNode =
    node.type === "map"
      ? { type: "map", items: node.items.slice(rest) }
      : { type: "list", items: node.items.slice(rest) };
  return { comments, value };
}

function suffix(inline: readonly string[]): string {
  return inline.length === 0 ? "" : ` ${inline.map((comment) => `#${comment}`).join("\n")}`;
}

function hasEntries(node: MapNode | ListNode): boolean {
  const items: readonly (MapNode["items"][number] | TreeNode | Comment)[] = node.items;
  return items.some((item) => item.type !== "comment");
}
