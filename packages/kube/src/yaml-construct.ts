import { COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from "js-yaml";
import { formatGoFloat } from "./go-number.js";
import { lineAt, YamlError } from "./yaml-error.js";
import { resolvePlainScalar, resolveTaggedScalar, type YamlDialect, type YamlScalar } from "./yaml-scalar.js";

/** How many nodes all aliases of a text may expand to. */
const maxAliasNodes = 1_000_000;

type Mapping = Record<string, unknown>;
type ScalarEvent = Extract<Event, { type: typeof EVENT_ID.SCALAR }>;
type CollectionEvent = Extract<Event, { type: typeof EVENT_ID.MAPPING | typeof EVENT_ID.SEQUENCE }>;

interface Frame {
  readonly kind: "document" | "sequence" | "mapping";
  readonly value: unknown[] | Mapping;
  readonly flow: boolean;
  readonly anchor: Anchor | undefined;
  /** The pending key of a mapping; `undefined` while the next node is a key. */
  key: string | undefined;
  keyOffset: number;
  merging: boolean;
  /** Whether a merge key was seen. */
  merged: boolean;
  /** Where own keys were seen, for errors about duplicates; kept by the kustomize dialect only. */
  own: Map<string, number> | undefined;
}

interface Anchor {
  value: unknown;
  complete: boolean;
}

interface Settings {
  readonly dialect: YamlDialect;
  readonly file: string | undefined;
  readonly bigIntegers: "bigint" | "error" | "float";
  readonly maxDepth: number;
}

/** Builds JSON data from parser events. One instance reads one text. */
export class YamlConstructor {
  readonly #source: string;
  readonly #settings: Settings;
  readonly #documents: { value: unknown; line: number }[] = [];
  #frames: Frame[] = [];
  #anchors = new Map<string, Anchor>();
  #aliasNodes = 0;
  #offset = 0;

  constructor(source: string, settings: Settings) {
    this.#source = source;
    this.#settings = settings;
  }

  construct(events: readonly Event[]): { value: unknown; line: number }[] {
    let line = 1;
    let counted = 0;
    for (let at = 0; at < events.length; at++) {
      const event = events[at] as Event;
      switch (event.type) {
        case EVENT_ID.SCALAR:
          this.#scalar(event);
          break;
        case EVENT_ID.MAPPING:
        case EVENT_ID.SEQUENCE:
          this.#open(event);
          break;
        case EVENT_ID.POP:
          this.#close(line);
          break;
        case EVENT_ID.ALIAS:
          this.#offset = event.anchorStart;
          this.#alias(this.#source.slice(event.anchorStart, event.anchorEnd));
          break;
        case EVENT_ID.DOCUMENT: {
          const start = YamlConstructor.offsetOf(events[at + 1]) ?? counted;
          line = lineAt(this.#source, start, counted, line);
          counted = start;
          this.#anchors = new Map();
          this.#frames = [frame("document", [], false, undefined)];
        }
      }
    }
    return this.#documents;
  }

  /** Where a node starts, its tag and anchor included; `undefined` for what has no place (an empty node). */
  static offsetOf(event: Event | undefined): number | undefined {
    if (event === undefined || event.type === EVENT_ID.DOCUMENT || event.type === EVENT_ID.POP)
      return undefined;
    if (event.type === EVENT_ID.ALIAS) return event.anchorStart;
    if (event.tagStart >= 0) return event.tagStart;
    if (event.anchorStart >= 0) return event.anchorStart;
    const start = event.type === EVENT_ID.SCALAR ? event.valueStart : event.start;
    return start >= 0 ? start : undefined;
  }

  /** The mapping key that a node stands for; `undefined` for what cannot be one. */
  static keyText(source: string, event: Event | undefined, dialect: YamlDialect): string | undefined {
    if (event?.type !== EVENT_ID.SCALAR) return undefined;
    const text = getScalarValue(source, event);
    if (event.style !== SCALAR_STYLE.PLAIN) return text;
    const value = resolvePlainScalar(text, dialect);
    return typeof value === "string" ? value : String(value);
  }

  #fail(reason: string, offset = this.#offset): never {
    throw YamlError.at(this.#source, offset, reason, this.#settings.file);
  }

  #scalar(event: ScalarEvent): void {
    const at = YamlConstructor.offsetOf(event);
    if (at !== undefined) this.#offset = at;
    const text = this.#textOf(event);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    let value: YamlScalar;
    if (event.tagStart >= 0) value = this.#tagged(event, text, plain);
    else if (plain && text === "" && this.#settings.dialect === "kustomize" && this.#inFlow()) value = "";
    else value = plain ? resolvePlainScalar(text, this.#settings.dialect) : text;
    if (event.anchorStart >= 0) {
      const name = this.#source.slice(event.anchorStart, event.anchorEnd);
      this.#anchors.set(name, { value, complete: true });
    }
    const merge = plain && text === "<<" && event.tagStart < 0;
    this.#add(value, false, merge);
  }

  /** What a scalar says. A block that the text ends in keeps no line break that is not there. */
  #textOf(event: ScalarEvent): string {
    const text = getScalarValue(this.#source, event);
    if (event.style !== SCALAR_STYLE.LITERAL_BLOCK && event.style !== SCALAR_STYLE.FOLDED_BLOCK) return text;
    const cutOff = event.valueEnd === this.#source.length && !this.#source.endsWith("\n");
    return cutOff && text.endsWith("\n") ? text.slice(0, -1) : text;
  }

  #inFlow(): boolean {
    return this.#frames[this.#frames.length - 1]?.flow === true;
  }

  #tagged(event: ScalarEvent, text: string, plain: boolean): YamlScalar {
    const tag = tagName(this.#source.slice(event.tagStart, event.tagEnd));
    const value = resolveTaggedScalar(tag, text, plain, this.#settings.dialect);
    if (value === undefined) this.#fail(`cannot decode a scalar as a !!${tag}`);
    return value;
  }

  #open(event: CollectionEvent): void {
    this.#offset = YamlConstructor.offsetOf(event) ?? this.#offset;
    const flow = event.style === COLLECTION_STYLE.FLOW;
    const mapping = event.type === EVENT_ID.MAPPING;
    const value: unknown[] | Mapping = mapping ? {} : [];
    let anchor: Anchor | undefined;
    if (event.anchorStart >= 0) {
      anchor = { value, complete: false };
      this.#anchors.set(this.#source.slice(event.anchorStart, event.anchorEnd), anchor);
    }
    this.#frames.push(frame(mapping ? "mapping" : "sequence", value, flow, anchor));
  }

  #close(line: number): void {
    const closed = this.#frames.pop();
    if (closed === undefined) return;
    if (closed.kind === "document") {
      this.#documents.push({ value: (closed.value as unknown[])[0] ?? null, line });
      return;
    }
    if (closed.anchor !== undefined) closed.anchor.complete = true;
    this.#add(closed.value, true);
  }

  #alias(name: string): void {
    const anchor = this.#anchors.get(name);
    if (anchor === undefined) this.#fail(`unknown anchor '${name}' referenced`);
    if (!anchor.complete) this.#fail(`anchor '${name}' value contains itself`);
    const value = this.#copy(anchor.value, this.#frames.length);
    this.#add(value, typeof value === "object");
  }

  #copy(value: unknown, depth: number): unknown {
    if (++this.#aliasNodes > maxAliasNodes) this.#fail("document contains excessive aliasing");
    if (typeof value !== "object" || value === null) return value;
    if (depth > this.#settings.maxDepth) this.#fail(`nesting exceeded maxDepth (${this.#settings.maxDepth})`);
    if (Array.isArray(value)) return value.map((item) => this.#copy(item, depth + 1));
    const copy: Mapping = {};
    for (const key of Object.keys(value)) setKey(copy, key, this.#copy((value as Mapping)[key], depth + 1));
    return copy;
  }

  #add(value: unknown, isNode: boolean, isMergeKey = false): void {
    const parent = this.#frames[this.#frames.length - 1];
    if (parent === undefined) return;
    if (parent.kind !== "mapping") {
      (parent.value as unknown[]).push(isNode ? value : this.#jsonScalar(value as YamlScalar));
      return;
    }
    if (parent.merging) {
      parent.merging = false;
      this.#merge(parent, value);
    } else if (parent.key === undefined) {
      parent.keyOffset = this.#offset;
      if (isMergeKey) this.#startMerge(parent);
      else parent.key = typeof value === "string" ? value : this.#keyOf(value);
    } else {
      const key = parent.key;
      parent.key = undefined;
      this.#set(parent, key, isNode ? value : this.#jsonScalar(value as YamlScalar));
    }
  }

  #jsonScalar(value: YamlScalar): unknown {
    if (typeof value === "number" && !Number.isFinite(value)) {
      const text = Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
      this.#fail(`json: unsupported value: ${text}`);
    }
    if (typeof value !== "bigint" || this.#settings.bigIntegers === "bigint") return value;
    if (this.#settings.bigIntegers === "float") return Number(value);
    this.#fail(`the integer ${value} is too large to be kept exactly; write it as a string`);
  }

  #keyOf(value: unknown): string {
    if (value === null) {
      if (this.#settings.dialect === "helm") this.#fail("unsupported map key of type: nil");
      return "null";
    }
    if (typeof value === "object") {
      this.#fail(`invalid map key: ${Array.isArray(value) ? "a sequence" : "a mapping"}`);
    }
    if (this.#settings.dialect === "kustomize" && this.#frames.length > 2) {
      this.#fail("json: unsupported type: map[interface {}]interface {}");
    }
    return typeof value === "number" ? keyOfNumber(value) : String(value);
  }

  #startMerge(parent: Frame): void {
    if (this.#settings.dialect === "kustomize" && parent.merged) this.#fail("duplicate merge key");
    parent.merging = true;
    parent.merged = true;
  }

  #set(parent: Frame, key: string, value: unknown): void {
    const target = parent.value as Mapping;
    if (this.#settings.dialect === "kustomize") {
      parent.own ??= new Map();
      const before = parent.own.get(key);
      if (before !== undefined) {
        const line = lineAt(this.#source, before);
        this.#fail(`mapping key ${JSON.stringify(key)} already defined at line ${line}`, parent.keyOffset);
      }
      parent.own.set(key, parent.keyOffset);
    }
    setKey(target, key, value);
  }

  #merge(parent: Frame, source: unknown): void {
    const sources = Array.isArray(source) ? source : [source];
    const target = parent.value as Mapping;
    const taken = new Set<string>();
    for (const each of sources) {
      if (typeof each !== "object" || each === null || Array.isArray(each)) {
        this.#fail("map merge requires map or sequence of maps as the value", parent.keyOffset);
      }
      for (const key of Object.keys(each)) {
        const ownWins = this.#settings.dialect === "kustomize" && Object.hasOwn(target, key);
        if (taken.has(key) || ownWins) continue;
        taken.add(key);
        setKey(target, key, (each as Mapping)[key]);
      }
    }
  }
}

function frame(
  kind: Frame["kind"],
  value: unknown[] | Mapping,
  flow: boolean,
  anchor: Anchor | undefined,
): Frame {
  return {
    kind,
    value,
    flow,
    anchor,
    key: undefined,
    keyOffset: 0,
    merging: false,
    merged: false,
    own: undefined,
  };
}

function setKey(target: Mapping, key: string, value: unknown): void {
  if (key === "__proto__") {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else target[key] = value;
}

function tagName(raw: string): string {
  const core = "!<tag:yaml.org,2002:";
  if (raw.startsWith("!!")) return raw.slice(2);
  return raw.startsWith(core) ? raw.slice(core.length, -1) : raw;
}

function keyOfNumber(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? ".nan" : value > 0 ? ".inf" : "-.inf";
  return Number.isInteger(value) && Math.abs(value) < 1e21 && !Object.is(value, -0)
    ? String(value)
    : formatGoFloat(value, 6);
}
