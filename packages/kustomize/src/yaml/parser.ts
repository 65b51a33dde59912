import { parseError } from "./cursor.js";
import { YamlSyntaxError } from "./error.js";
import { TAG_MAP, TAG_NULL, TAG_SEQ, TAG_STR, YamlNode } from "./node.js";
import { resolvePlain } from "./resolve.js";
import { Scanner } from "./scanner.js";
import type { Token } from "./token.js";

/** Nesting that no honest manifest reaches, and that the recursion over a document can bear. */
const MAX_DEPTH = 500;

/** Nodes of one document, which bounds the memory that a file can ask for. */
const MAX_NODES = 2_000_000;

/** Fields of one map; looking them up is linear. */
const MAX_FIELDS = 50_000;

const LONG_TAG = "tag:yaml.org,2002:";

/**
 * Reads the first document of `text`; undefined where there is none. Aliases stay alias nodes.
 * @throws YamlSyntaxError worded as go-yaml words it
 */
export function parseDocument(text: string): YamlNode | undefined {
  return new Parser(text).document();
}

class Parser {
  readonly #scanner: Scanner;
  readonly #anchors = new Map<string, YamlNode>();
  #tagPrefixes: Map<string, string> | undefined;
  #nodes = 0;

  constructor(text: string) {
    this.#scanner = new Scanner(text, MAX_DEPTH);
  }

  document(): YamlNode | undefined {
    const scanner = this.#scanner;
    while (scanner.peek().kind === "document-end") scanner.next();
    if (scanner.peek().kind === "stream-end") return undefined;
    let directives = false;
    while (scanner.peek().kind === "directive") {
      this.#directive(scanner.next());
      directives = true;
    }
    const first = scanner.peek();
    if (first.kind === "document-start") scanner.next();
    else if (directives) throw parseError("did not find expected <document start>", first.line, first.line);
    const at = scanner.peek();
    const empty =
      at.kind === "document-start" ||
      at.kind === "document-end" ||
      at.kind === "directive" ||
      at.kind === "stream-end";
    // What follows the first document is not looked at.
    return empty ? emptyScalar(at.line) : this.#node(true, 0);
  }

  #directive(directive: Token): void {
    const parts = directive.value.split(/[ \t]+/);
    if (parts[0] === "%TAG" && parts[1] !== undefined && parts[2] !== undefined) {
      this.#tagPrefixes ??= new Map();
      this.#tagPrefixes.set(parts[1], parts[2]);
    } else if (parts[0] === "%YAML" && !/^1\.\d+$/.test(parts[1] ?? "")) {
      throw parseError("found incompatible YAML document", directive.line, directive.line);
    }
  }

  #node(block: boolean, depth: number, indentless = false): YamlNode {
    const scanner = this.#scanner;
    let at = scanner.peek();
    if (depth > MAX_DEPTH) throw tooDeep(at.line);
    if (++this.#nodes > MAX_NODES) {
      const problem = `yaml: line ${at.line + 1}: document has more than ${MAX_NODES} nodes`;
      throw new YamlSyntaxError(problem, at.line + 1, true);
    }
    if (at.kind === "alias") return this.#alias(scanner.next());
    const line = at.line;
    let anchor: string | undefined;
    let tag: string | undefined;
    while ((at.kind === "anchor" && anchor === undefined) || (at.kind === "tag" && tag === undefined)) {
      if (at.kind === "anchor") anchor = at.value;
      else tag = this.#resolveTag(at);
      scanner.next();
      at = scanner.peek();
    }
    const node = this.#content(at, block, depth, indentless, anchor, tag, line);
    return node;
  }

  #content(
    at: Token,
    block: boolean,
    depth: number,
    indentless: boolean,
    anchor: string | undefined,
    tag: string | undefined,
    line: number,
  ): YamlNode {
    switch (at.kind) {
      case "scalar":
        this.#scanner.next();
        return this.#scalar(at, anchor, tag);
      case "flow-seq-start":
        return this.#flowSequence(this.#collection("seq", anchor, tag, line), depth);
      case "flow-map-start":
        return this.#flowMap(this.#collection("map", anchor, tag, line), depth);
      case "block-seq-start":
        if (block) return this.#blockSequence(this.#collection("seq", anchor, tag, line), depth);
        break;
      case "block-map-start":
        if (block) return this.#blockMap(this.#collection("map", anchor, tag, line), depth);
        break;
      case "block-entry":
        if (indentless) return this.#indentlessSequence(this.#collection("seq", anchor, tag, line), depth);
        break;
    }
    if (anchor !== undefined || tag !== undefined) {
      return this.#scalar({ kind: "scalar", line, value: "", style: "plain" }, anchor, tag);
    }
    throw parseError("did not find expected node content", at.line, at.line);
  }

  #alias(alias: Token): YamlNode {
    const target = this.#anchors.get(alias.value);
    if (target === undefined) {
      throw new YamlSyntaxError(`yaml: unknown anchor '${alias.value}' referenced`, alias.line + 1);
    }
    const node = new YamlNode("alias", "", alias.value, "plain", alias.line + 1);
    node.target = target;
    return node;
  }

  #collection(
    kind: "map" | "seq",
    anchor: string | undefined,
    tag: string | undefined,
    line: number,
  ): YamlNode {
    const standard = kind === "map" ? TAG_MAP : TAG_SEQ;
    const node = new YamlNode(kind, tag === undefined || tag === "!" ? standard : tag, "", "plain", line + 1);
    this.#remember(node, anchor);
    return node;
  }

  #remember(node: YamlNode, anchor: string | undefined): void {
    if (anchor === undefined) return;
    node.anchor = anchor;
    this.#anchors.set(anchor, node);
  }

  #scalar(at: Token, anchor: string | undefined, tag: string | undefined): YamlNode {
    let resolved = tag;
    let tagged = true;
    if (tag === undefined || tag === "!") {
      tagged = false;
      resolved = tag === undefined && at.style === "plain" ? resolvePlain(at.value).tag : TAG_STR;
    }
    const node = new YamlNode("scalar", resolved as string, at.value, at.style, at.line + 1);
    node.tagged = tagged;
    this.#remember(node, anchor);
    return node;
  }

  #resolveTag(at: Token): string {
    const raw = at.value;
    if (raw.startsWith("!<")) return shortTag(raw.slice(2, -1));
    const second = raw.indexOf("!", 1);
    const handle = second > 0 ? raw.slice(0, second + 1) : "!";
    const prefix = this.#tagPrefixes?.get(handle);
    if (prefix !== undefined) return shortTag(prefix + raw.slice(handle.length));
    if (handle !== "!" && handle !== "!!") {
      throw parseError("found undefined tag handle", at.line, at.line);
    }
    return raw;
  }

  #blockSequence(node: YamlNode, depth: number): YamlNode {
    const scanner = this.#scanner;
    const start = scanner.next();
    while (scanner.peek().kind === "block-entry") {
      const entry = scanner.next();
      const at = scanner.peek().kind;
      const empty = at === "block-entry" || at === "block-end";
      node.content.push(empty ? emptyScalar(entry.line) : this.#node(true, depth + 1));
    }
    const end = scanner.peek();
    if (end.kind !== "block-end")
      throw parseError("did not find expected '-' indicator", start.line, end.line);
    scanner.next();
    return node;
  }

  #indentlessSequence(node: YamlNode, depth: number): YamlNode {
    const scanner = this.#scanner;
    while (scanner.peek().kind === "block-entry") {
      const entry = scanner.next();
      const at = scanner.peek().kind;
      const empty = at === "block-entry" || at === "key" || at === "value" || at === "block-end";
      node.content.push(empty ? emptyScalar(entry.line) : this.#node(true, depth + 1));
    }
    return node;
  }

  #blockMap(node: YamlNode, depth: number): YamlNode {
    const scanner = this.#scanner;
    const start = scanner.next();
    for (;;) {
      const at = scanner.peek();
      if (at.kind === "block-end") break;
      if (at.kind !== "key" && at.kind !== "value") {
        throw parseError("did not find expected key", start.line, at.line);
      }
      node.content.push(this.#blockPart("key", at, depth), this.#blockPart("value", at, depth));
      checkFields(node, at.line);
    }
    scanner.next();
    return node;
  }

  /** A key or a value of a block map; either may be absent, which is null. */
  #blockPart(part: "key" | "value", at: Token, depth: number): YamlNode {
    const scanner = this.#scanner;
    if (scanner.peek().kind !== part) return emptyScalar(at.line);
    const line = scanner.next().line;
    const next = scanner.peek().kind;
    if (next === "key" || next === "value" || next === "block-end") return emptyScalar(line);
    return this.#node(true, depth + 1, true);
  }

  #flowSequence(node: YamlNode, depth: number): YamlNode {
    const scanner = this.#scanner;
    node.flow = true;
    const start = scanner.next();
    for (let first = true; scanner.peek().kind !== "flow-seq-end"; first = false) {
      if (!first) {
        const comma = scanner.peek();
        if (comma.kind !== "flow-entry")
          throw parseError("did not find expected ',' or ']'", start.line, comma.line);
        scanner.next();
        if (scanner.peek().kind === "flow-seq-end") break;
      }
      node.content.push(scanner.peek().kind === "key" ? this.#pair(depth + 1) : this.#node(false, depth + 1));
    }
    scanner.next();
    return node;
  }

  /** `[a: b]`: a map of one pair inside a flow sequence. */
  #pair(depth: number): YamlNode {
    const line = this.#scanner.next().line;
    const pair = new YamlNode("map", TAG_MAP, "", "plain", line + 1);
    pair.flow = true;
    pair.content.push(
      this.#flowPart(line, depth, "flow-seq-end"),
      this.#flowValue(line, depth, "flow-seq-end"),
    );
    return pair;
  }

  #flowPart(line: number, depth: number, end: Token["kind"]): YamlNode {
    const at = this.#scanner.peek().kind;
    if (at === "value" || at === "flow-entry" || at === end) return emptyScalar(line);
    return this.#node(false, depth + 1);
  }

  #flowValue(line: number, depth: number, end: Token["kind"]): YamlNode {
    if (this.#scanner.peek().kind !== "value") return emptyScalar(line);
    this.#scanner.next();
    const at = this.#scanner.peek().kind;
    if (at === "flow-entry" || at === end) return emptyScalar(line);
    return this.#node(false, depth + 1);
  }

  #flowMap(node: YamlNode, depth: number): YamlNode {
    const scanner = this.#scanner;
    node.flow = true;
    const start = scanner.next();
    for (let first = true; scanner.peek().kind !== "flow-map-end"; first = false) {
      if (!first) {
        const comma = scanner.peek();
        if (comma.kind !== "flow-entry")
          throw parseError("did not find expected ',' or '}'", start.line, comma.line);
        scanner.next();
        if (scanner.peek().kind === "flow-map-end") break;
      }
      const at = scanner.peek();
      checkFields(node, at.line);
      if (at.kind === "key") {
        scanner.next();
        node.content.push(this.#flowPart(at.line, depth, "flow-map-end"));
        node.content.push(this.#flowValue(at.line, depth, "flow-map-end"));
      } else if (at.kind === "value") {
        node.content.push(emptyScalar(at.line), this.#flowValue(at.line, depth, "flow-map-end"));
      } else {
        node.content.push(this.#node(false, depth + 1), emptyScalar(at.line));
      }
    }
    scanner.next();
    return node;
  }
}

function checkFields(node: YamlNode, line: number): void {
  if (node.content.length <= MAX_FIELDS * 2) return;
  throw new YamlSyntaxError(`yaml: line ${line + 1}: a map has more than ${MAX_FIELDS} keys`, line + 1, true);
}

function shortTag(tag: string): string {
  return tag.startsWith(LONG_TAG) ? `!!${tag.slice(LONG_TAG.length)}` : tag;
}

function emptyScalar(line: number): YamlNode {
  return new YamlNode("scalar", TAG_NULL, "", "plain", line + 1);
}

function tooDeep(line: number): YamlSyntaxError {
  return new YamlSyntaxError(`yaml: line ${line + 1}: exceeded max depth of ${MAX_DEPTH}`, line + 1, true);
}
