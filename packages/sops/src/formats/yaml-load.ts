import {
  parseYamlEvents,
  resolvePlainScalar,
  resolveTaggedScalar,
  YamlError,
  type YamlScalar,
} from "@capstan/kube";
import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from "js-yaml";
import { SopsError } from "../errors.js";
import { Budget, MAX_DEPTH } from "../tree/bounds.js";
import type { Comment, MapItem, MapNode, Scalar, Tree, TreeNode } from "../tree/tree.js";
import { NULL } from "../tree/tree.js";
import { commentsOf, type SourceComment } from "./yaml-comments.js";

type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;

interface Frame {
  readonly kind: "document" | "map" | "list";
  readonly items: (MapItem | TreeNode | Comment)[];
  readonly anchor: string | undefined;
  readonly flow: boolean;
  /** Column of its keys or items; -1 while it has none. */
  column: number;
  key: { readonly text: string } | undefined;
  readonly keys: Set<string>;
}

/**
 * Reads YAML as yaml.v3 does for SOPS: ordered mappings, comments between members, documents that are
 * mappings.
 *
 * @throws {SopsError} `malformed` or `too-large`
 */
export function loadYaml(text: string): Tree {
  try {
    const { text: source, events } = parseYamlEvents(text, {
      file: undefined,
      maxLength: Number.POSITIVE_INFINITY,
      maxDepth: MAX_DEPTH,
    });
    return new Loader(source, events).load();
  } catch (cause) {
    if (cause instanceof YamlError) throw new SopsError("malformed", cause.message, { cause });
    throw cause;
  }
}

class Loader {
  readonly #source: string;
  readonly #events: readonly Event[];
  readonly #comments: readonly SourceComment[];
  readonly #budget = new Budget();
  readonly #frames: Frame[] = [];
  readonly #documents: MapNode[] = [];
  #anchors = new Map<string, TreeNode>();
  /** The next comment that has no place yet. */
  #next = 0;
  /** Comments that wait for what they stand before. */
  #waiting: SourceComment[] = [];
  /** The event at hand. */
  #at = 0;
  /** Where the last scalar ended. */
  #lastEnd = 0;

  constructor(source: string, events: readonly Event[]) {
    this.#source = source;
    this.#events = events;
    this.#comments = commentsOf(source, events);
  }

  load(): Tree {
    for (const event of this.#events) {
      this.#take(event);
      this.#at += 1;
    }
    return this.#documents;
  }

  #take(event: Event): void {
    switch (event.type) {
      case EVENT_ID.DOCUMENT:
        this.#anchors = new Map();
        this.#frames.push({
          kind: "document",
          flow: false,
          items: [],
          anchor: undefined,
          column: -1,
          key: undefined,
          keys: new Set(),
        });
        return;
      case EVENT_ID.MAPPING:
      case EVENT_ID.SEQUENCE: {
        this.#begin(event, offsetOf(event));
        const kind = event.type === EVENT_ID.MAPPING ? "map" : "list";
        const flow = event.style === COLLECTION_STYLE.FLOW;
        this.#frames.push({
          kind,
          flow,
          items: [],
          anchor: this.#name(event),
          column: -1,
          key: undefined,
          keys: new Set(),
        });
        return;
      }
      case EVENT_ID.SCALAR:
        this.#begin(event, offsetOf(event));
        this.#scalar(event);
        return;
      case EVENT_ID.ALIAS: {
        this.#begin(event, event.anchorStart);
        const name = this.#source.slice(event.anchorStart, event.anchorEnd);
        const node = this.#anchors.get(name);
        if (node === undefined) throw new SopsError("malformed", "yaml: unknown anchor referenced");
        this.#add(this.#copy(node, this.#frames.length), event.anchorEnd);
        return;
      }
      case EVENT_ID.POP:
        this.#close();
    }
  }

  /** A node starts at `offset`: comments before it find their place. */
  #begin(event: Event, offset: number | undefined): void {
    this.#budget.spend(this.#frames.length);
    const frame = this.#frames.at(-1);
    if (frame === undefined || offset === undefined) return;
    if (frame.kind === "map" && frame.key !== undefined) {
      if (event.type === EVENT_ID.SCALAR || event.type === EVENT_ID.ALIAS) this.#upTo(offset, frame);
      return;
    }
    // Comments are told apart by columns in block style only; looking for those of one long line is slow.
    if (frame.column < 0 && !frame.flow) {
      const start = frame.kind === "list" ? this.#source.lastIndexOf("-", offset) : offset;
      frame.column = Math.max(0, start - (this.#source.lastIndexOf("\n", start - 1) + 1));
    }
    this.#upTo(offset, frame);
  }

  /** Comments before `offset` stand before the next item of `frame`. */
  #upTo(offset: number, frame: Frame): void {
    for (; (this.#comments[this.#next]?.offset ?? offset) < offset; this.#next++) {
      const comment = this.#comments[this.#next];
      if (comment !== undefined) this.#waiting.push(comment);
    }
    if (frame.kind === "document") return;
    for (const { value } of this.#waiting.splice(0))
      frame.items.push({ type: "comment", value, inline: false });
  }

  #scalar(event: ScalarEvent): void {
    this.#lastEnd = Math.max(this.#lastEnd, event.valueEnd);
    const frame = this.#frames.at(-1);
    const value = this.#value(event);
    if (frame?.kind === "map" && frame.key === undefined) {
      if (value.type !== "str") throw new SopsError("malformed", "only text can be a key in a file of SOPS");
      if (this.#documents.length === 0 && frame.keys.has(value.value)) {
        throw new SopsError("malformed", `yaml: mapping key ${JSON.stringify(value.value)} already defined`);
      }
      frame.keys.add(value.value);
      frame.key = { text: value.value };
      this.#remember(event, value);
      return;
    }
    this.#remember(event, value);
    this.#add(value, event.valueEnd);
  }

  #value(event: ScalarEvent): Scalar {
    const text = getScalarValue(this.#source, event);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    if (event.tagStart < 0) {
      if (!plain) return { type: "str", value: text };
      return scalarOf(resolvePlainScalar(text, "kustomize"), text);
    }
    const tag = /^(?:!!|!<tag:yaml\.org,2002:)([a-z]+)>?$/.exec(
      this.#source.slice(event.tagStart, event.tagEnd),
    );
    const value = resolveTaggedScalar(tag?.[1] ?? "str", text, plain, "kustomize");
    if (value === undefined) throw new SopsError("malformed", "yaml: a scalar does not fit its tag");
    if (tag?.[1] === "timestamp" && typeof value === "string") return { type: "time", value };
    if (tag?.[1] === "float" && typeof value === "number") return { type: "float", value };
    return typeof value === "string" ? { type: "str", value } : scalarOf(value, text);
  }

  #add(value: TreeNode, end: number): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return;
    this.#trailing(frame, value, end);
    if (frame.kind !== "map") {
      frame.items.push(value);
      return;
    }
    const { key } = frame;
    if (key === undefined) throw new SopsError("malformed", "only text can be a key in a file of SOPS");
    frame.key = undefined;
    frame.items.push({ type: "entry", key: key.text, value });
  }

  /** A comment behind a scalar stands before it in the tree, marked as inline. */
  #trailing(frame: Frame, value: TreeNode, end: number): void {
    const comment = this.#comments[this.#next];
    if (comment === undefined || !comment.trailing || value.type === "map" || value.type === "list") return;
    if (end < 0 || comment.offset < end || this.#source.slice(end, comment.offset).includes("\n")) return;
    this.#next += 1;
    frame.items.push({ type: "comment", value: comment.value, inline: true });
  }

  #close(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) return;
    if (frame.kind === "document") {
      this.#documents.push(documentOf(frame));
      return;
    }
    if (!frame.flow) this.#footOf(frame);
    const node: TreeNode =
      frame.kind === "map"
        ? { type: "map", items: frame.items as MapItem[] }
        : { type: "list", items: frame.items as (TreeNode | Comment)[] };
    if (frame.anchor !== undefined) this.#anchors.set(frame.anchor, node);
    this.#add(node, -1);
  }

  /** Comments below the last item of a collection belong to it as far as they are indented like it. */
  #footOf(frame: Frame): void {
    const root = this.#frames.at(-1)?.kind === "document";
    const limit = this.#nextStart();
    for (; this.#next < this.#comments.length; this.#next++) {
      const comment = this.#comments[this.#next];
      if (comment === undefined || comment.offset > limit) return;
      if (!root && (comment.trailing || comment.column < frame.column)) return;
      frame.items.push({ type: "comment", value: comment.value, inline: false });
    }
  }

  /** Where the next node starts, or the next document. */
  #nextStart(): number {
    for (let at = this.#at + 1; at < this.#events.length; at++) {
      const event = this.#events[at];
      if (event === undefined || event.type === EVENT_ID.POP) continue;
      if (event.type === EVENT_ID.DOCUMENT) {
        const separator = this.#source.indexOf("\n---", this.#lastEnd);
        return separator < 0 ? this.#source.length : separator;
      }
      const offset = offsetOf(event);
      if (offset !== undefined) return offset;
    }
    return this.#source.length;
  }

  #remember(event: ScalarEvent, value: Scalar): void {
    const name = this.#name(event);
    if (name !== undefined) this.#anchors.set(name, value);
  }

  #name(event: Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>): string | undefined {
    return event.anchorStart < 0 ? undefined : this.#source.slice(event.anchorStart, event.anchorEnd);
  }

  #copy(node: TreeNode, depth: number): TreeNode {
    this.#budget.spend(depth);
    if (node.type === "map") {
      const items = node.items.map((item) =>
        item.type === "entry" && item.value.type !== "comment"
          ? { ...item, value: this.#copy(item.value, depth + 1) }
          : item,
      );
      return { type: "map", items };
    }
    if (node.type !== "list") return node;
    return {
      type: "list",
      items: node.items.map((item) => (item.type === "comment" ? item : this.#copy(item, depth + 1))),
    };
  }
}

function offsetOf(
  event: Exclude<Event, { type: typeof EVENT_ID.DOCUMENT | typeof EVENT_ID.POP }>,
): number | undefined {
  if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
  const start = event.type === EVENT_ID.SCALAR ? event.valueStart : event.start;
  const candidates = [event.tagStart, event.anchorStart, start].filter((offset) => offset >= 0);
  return candidates.length === 0 ? undefined : Math.min(...candidates);
}

const TIMESTAMP = /^\d{4}-\d{1,2}-\d{1,2}(?:$|[Tt ])/;

/** A plain scalar by what it was resolved to; a timestamp is told from other text by its looks. */
function scalarOf(value: YamlScalar, source: string): Scalar {
  switch (typeof value) {
    case "boolean":
      return { type: "bool", value };
    case "bigint":
      if (value > 2n ** 63n - 1n) throw new SopsError("malformed", "an integer does not fit 64 bits");
      return { type: "int", value };
    case "number":
      return isFloat(value, source) ? { type: "float", value } : { type: "int", value: BigInt(value) };
    case "string":
      return timeOrText(value, source);
    default:
      return NULL;
  }
}

function timeOrText(value: string, source: string): Scalar {
  const isTime =
    TIMESTAMP.test(source) && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/.test(value);
  return isTime ? { type: "time", value } : { type: "str", value };
}

/** Whether a number is written as a float: `1.0` is one, `1` is none. */
function isFloat(value: number, source: string): boolean {
  return (
    !Number.isInteger(value) ||
    (!/^[-+]?0[xX]/.test(source) && /[.eE]/.test(source)) ||
    !Number.isSafeInteger(value)
  );
}

function documentOf(frame: Frame): MapNode {
  const root = frame.items.find((item) => item.type !== "comment");
  const comments = frame.items.filter((item) => item.type === "comment");
  if (root === undefined || root.type === "null") return { type: "map", items: comments };
  if (root.type === "list")
    throw new SopsError("malformed", "YAML documents that are sequences are not supported");
  if (root.type !== "map")
    throw new SopsError("malformed", "YAML documents that are values are not supported");
  return root;
}
