import { SopsError } from "../errors.js";
import type { Entry, MapNode, Tree } from "../tree/tree.js";
import { trim } from "./go-space.js";
import { plainText } from "./plain-text.js";

interface Line {
  readonly name: string;
  value: string;
  comment: string;
}

/**
 * Prints documents as sections, names padded to one width, as SOPS does.
 *
 * @throws {SopsError} `output` for what is no mapping of mappings of text
 */
export function printIni(tree: Tree): string {
  const sections = tree.flatMap(({ items }) => items.filter((item): item is Entry => item.type === "entry"));
  return sections.map((section, at) => printSection(section, at === 0, at === sections.length - 1)).join("");
}

function printSection({ key: name, value }: Entry, first: boolean, last: boolean): string {
  if (value.type !== "map") {
    throw new SopsError("output", "Error encoding section: Section values should always be TreeBranches");
  }
  const { comment, lines } = linesOf(value);
  const header = first && name.toUpperCase() === "DEFAULT" ? "" : `[${name}]\n`;
  if (header === "" && lines.length === 0) return printComment(comment, false);
  const written = lines.map((line) => ({ ...line, name: quotedName(line.name) }));
  const width = Math.max(0, ...lines.map((line) => nameWidth(line.name)));
  const body = written.map((line) => {
    const padding = " ".repeat(Math.max(0, width - Buffer.byteLength(line.name)));
    return `${printComment(line.comment, true)}${line.name}${padding} = ${quotedValue(line.value)}\n`;
  });
  return `${printComment(comment, false)}${header}${body.join("")}${last ? "" : "\n"}`;
}

function linesOf(section: MapNode): { readonly comment: string; readonly lines: readonly Line[] } {
  const [head, ...rest] = section.items;
  const comment = head?.type === "comment" ? head.value : "";
  const lines = new Map<string, Line>();
  let line: Line | undefined;
  for (const item of head === undefined || head.type === "comment" ? rest : section.items) {
    if (item.type === "comment") {
      if (line !== undefined) line.comment = item.value;
      continue;
    }
    const { key: name, value } = item;
    if (value.type === "map" || value.type === "list") {
      throw new SopsError("output", `Error encoding key: a section holds only text; offending key ${name}`);
    }
    if (name === "") throw new SopsError("output", "Error encoding key: empty key name");
    const written = value.type === "comment" ? value.value : plainText(value);
    line = lines.get(name);
    if (line === undefined) {
      line = { name, value: written, comment: "" };
      lines.set(name, line);
    } else line.value = written;
  }
  return { comment, lines: [...lines.values()] };
}

function printComment(comment: string, ofKey: boolean): string {
  if (comment === "") return "";
  const lines = comment.split("\n").map((line) => {
    if (/^[#;]/.test(line)) return `${line[0]} ${trim(line.slice(1))}`;
    return `; ${ofKey ? trim(line) : line}`;
  });
  return `${lines.join("\n")}\n`;
}

function quotedName(name: string): string {
  if (/["=:]/.test(name)) return `\`${name}\``;
  return name.includes("`") ? `"""${name}"""` : name;
}

function nameWidth(name: string): number {
  const length = Buffer.byteLength(name);
  if (/["=:]/.test(name)) return length + 2;
  return name.includes("`") ? length + 6 : length;
}

function quotedValue(value: string): string {
  if (/[\n`]/.test(value)) return `"""${value}"""`;
  if (/[#;]/.test(value)) return `\`${value}\``;
  return trim(value) === value ? value : `"${value}"`;
}
