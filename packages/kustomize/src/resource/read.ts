import { KustomizeError } from "../errors.js";
import type { Scopes } from "../schema/scopes.js";
import { YamlSyntaxError } from "../yaml/error.js";
import { expandAliases } from "../yaml/expand.js";
import { valueToNode } from "../yaml/from-value.js";
import { getField, isNull, isNullOrEmpty, scalarText, type YamlNode } from "../yaml/node.js";
import { parseDocument } from "../yaml/parser.js";
import { decodeNode, type YamlValue } from "../yaml/value.js";
import { Resource } from "./resource.js";

interface Located {
  readonly node: YamlNode;
  readonly line: number;
}

/**
 * Reads the objects of a file: its documents in order, lists taken apart.
 * @throws KustomizeError `yaml` or `resource` with file and line
 */
export function readResources(text: string, file: string, scopes: Scopes): Resource[] {
  const documents = readDocuments(text, file);
  const kept = documents.filter(({ node }) => !isNullOrEmpty(node));
  for (const document of kept) checkObject(document, file);
  return inlineLists(kept, file).map(({ node, line }) => new Resource(node, file, line, scopes));
}

interface Chunk {
  readonly text: string;
  /** Lines of the file before this one. */
  readonly before: number;
}

/** Splits where a line starts with `---`; what else stands on that line may only be a comment. */
function splitChunks(text: string, file: string): Chunk[] {
  const chunks: Chunk[] = [];
  let from = 0;
  let before = 0;
  let at = text.indexOf("\n---");
  while (at >= 0) {
    const end = text.indexOf("\n", at + 1);
    if (end < 0) break;
    const rest = text.slice(at + 4, end).trim();
    if (rest !== "" && !rest.startsWith("#")) {
      const line = before + countLines(text, from, at) + 2;
      const separator = text.slice(at + 1, end).trim();
      throw new KustomizeError("yaml", `invalid document separator: ${separator}`, { file, line });
    }
    const chunk = text.slice(from, at + 1);
    chunks.push({ text: chunk, before });
    before += countLines(text, from, end) + 1;
    from = end + 1;
    // The break that ended this separator may not begin another one.
    at = text.indexOf("\n---", from);
  }
  chunks.push({ text: text.slice(from), before });
  return chunks;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let at = text.indexOf("\n", from); at >= 0 && at < to; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

function readDocuments(text: string, file: string): Located[] {
  const chunks = splitChunks(text.includes("\r\n") ? text.replaceAll("\r\n", "\n") : text, file);
  const documents: Located[] = [];
  for (const chunk of chunks) {
    try {
      const node = parseDocument(chunk.text);
      if (node === undefined || isNull(node)) continue;
      const root = node.kind === "alias" ? node : expandAliases(node);
      const located = { node: root, line: chunk.before + Math.max(root.line, 1) };
      documents.push(...(chunks.length === 1 ? unwrapList(located) : [located]));
    } catch (error) {
      throw malformed(error, file, chunk.before);
    }
  }
  return documents;
}

function malformed(error: unknown, file: string, before: number): unknown {
  if (!(error instanceof YamlSyntaxError)) return error;
  const prefix = error.message.startsWith("yaml:") ? "MalformedYAMLError: " : "";
  const place = { file, line: error.line + before, cause: error };
  return new KustomizeError(error.limit ? "limit" : "yaml", `${prefix}${error.message}`, place);
}

/** A file that is one `List` stands for its items. */
function unwrapList(document: Located): Located[] {
  const { node } = document;
  const kind = scalarText(getField(node, "kind"));
  if (kind !== "List" && kind !== "ResourceList") return [document];
  const items = getField(node, "items");
  if (items === undefined) return getField(node, "functionConfig") === undefined ? [document] : [];
  return items.content.map((item) => ({ node: item, line: item.line + document.line - node.line }));
}

/** Goes through documents, putting the items of lists behind all that came before. */
function inlineLists(documents: readonly Located[], file: string): Located[] {
  const result: Located[] = [];
  const queue = documents.slice();
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const kind = scalarText(getField(next.node, "kind"));
    if (!kind.endsWith("List") || getField(next.node, "items") === undefined) {
      result.push(next);
    } else {
      queue.push(...listItems(next, kind, file));
    }
  }
  return result;
}

function listItems(list: Located, kind: string, file: string): Located[] {
  const items = getField(list.node, "items") as YamlNode;
  const value = plainValue(items, file, list.line);
  if (value === null) return [];
  if (!Array.isArray(value)) {
    throw new KustomizeError("resource", `expected array in ${kind}/items, but found ${goType(value)}`, {
      file,
      line: list.line,
    });
  }
  const found: Located[] = [];
  for (const [index, item] of value.entries()) {
    const line = (items.content[index]?.line ?? 1) + list.line - list.node.line;
    const located = { node: valueToNode(item, "json"), line };
    if (isNullOrEmpty(located.node)) continue;
    for (const inner of unwrapList({ node: located.node, line })) {
      if (isNullOrEmpty(inner.node)) continue;
      checkObject({ ...inner, line }, file);
      found.push({ ...inner, line });
    }
  }
  return found;
}

function plainValue(node: YamlNode, file: string, line: number): YamlValue {
  try {
    return decodeNode(node);
  } catch (error) {
    throw KustomizeError.from(error, "resource", file, line);
  }
}

function goType(value: YamlValue): string {
  switch (typeof value) {
    case "string":
      return "string";
    case "boolean":
      return "bool";
    case "object":
      return "map[string]interface {}";
    default:
      return Number.isInteger(value) ? "int" : "float64";
  }
}

/** What every object must have: a kind and, unless it is a list, a name. */
export function checkObject(document: Located, file: string): void {
  const { node, line } = document;
  const kind = scalarText(getField(node, "kind"));
  const apiVersion = scalarText(getField(node, "apiVersion"));
  const metadata = getField(node, "metadata");
  const fail = (message: string): never => {
    throw new KustomizeError("resource", message, { file, line });
  };
  if (node.kind !== "map" || (kind === "" && apiVersion === "" && !hasMetadata(metadata))) {
    fail("missing Resource metadata");
  }
  const namespace = scalarText(getField(metadata, "namespace"));
  const name = scalarText(getField(metadata, "name"));
  const shown = (): string => `{{${apiVersion} ${kind}} {{${name} ${namespace}} map[] map[]}}`;
  if (kind === "") fail(`missing kind in object ${shown()}`);
  if (!kind.endsWith("List") && name === "") fail(`missing metadata.name in object ${shown()}`);
}

function hasMetadata(metadata: YamlNode | undefined): boolean {
  return ["name", "namespace", "labels", "annotations"].some(
    (field) => !isNullOrEmpty(getField(metadata, field)),
  );
}
