import type { Scopes } from "../schema/scopes.js";
import { compareText } from "../yaml/compare-text.js";
import {
  copyNode,
  getField,
  isNullOrEmpty,
  newMap,
  newScalar,
  newString,
  removeField,
  TAG_NULL,
  type YamlNode,
} from "../yaml/node.js";
import { setScalarField } from "../yaml/set.js";
import { type ResId, splitApiVersion } from "./id.js";

/** One step that acted on a resource. */
export interface Touch {
  /** The kustomization file that asked for the step; a path in the tree. */
  readonly configuredIn: string;
  /** The built-in transformer or generator (`PatchTransformer`). */
  readonly by: string;
}

/** What a generated object does to one that is there. */
export type GeneratorBehavior = "create" | "merge" | "replace";

/** Annotations that kustomize uses for itself and removes from every result, whoever set them. */
export const BUILD_ANNOTATIONS: readonly string[] = [
  ...[
    "previousKinds",
    "previousNames",
    "prefixes",
    "suffixes",
    "previousNamespaces",
    "allowNameChange",
    "allowKindChange",
    "refBy",
    "generatorBehavior",
    "needsHashSuffix",
    "path",
    "index",
    "seqindent",
    "id",
    "annotations-migration-resource-id",
  ].map((name) => `internal.config.kubernetes.io/${name}`),
  "config.kubernetes.io/path",
  "config.kubernetes.io/index",
  "config.k8s.io/id",
];

const HASH_ANNOTATION = "internal.config.kubernetes.io/needsHashSuffix";

interface PreviousId {
  readonly name: string;
  readonly namespace: string;
  readonly kind: string;
}

/** An object on its way through a build: its document, and what happened to its name. */
export class Resource {
  node: YamlNode;
  /** Where the object was declared: a path in the tree, or a URL. */
  file: string;
  /** 1-based line of the object in `file`; 0 for a generated one. */
  line: number;
  readonly scopes: Scopes;
  previous: PreviousId[] = [];
  prefixes: string[] = [];
  suffixes: string[] = [];
  behavior: GeneratorBehavior = "create";
  needsHash = false;
  allowNameChange = false;
  allowKindChange = false;
  varNames: string[] = [];
  /** Made by a generator and not read from a file. */
  generated = false;
  touches: Touch[] = [];
  #id: ResId | undefined;

  constructor(node: YamlNode, file: string, line: number, scopes: Scopes) {
    this.node = node;
    this.file = file;
    this.line = line;
    this.scopes = scopes;
    this.needsHash = this.annotation(HASH_ANNOTATION) === "enabled";
  }

  copy(): Resource {
    const copy = new Resource(copyNode(this.node), this.file, this.line, this.scopes);
    copy.previous = this.previous.slice();
    copy.prefixes = this.prefixes.slice();
    copy.suffixes = this.suffixes.slice();
    copy.behavior = this.behavior;
    copy.needsHash = this.needsHash;
    copy.generated = this.generated;
    copy.allowNameChange = this.allowNameChange;
    copy.allowKindChange = this.allowKindChange;
    copy.varNames = this.varNames.slice();
    copy.touches = this.touches.slice();
    return copy;
  }

  /** Forgets what was read from the document; called by whoever changes it. */
  changed(): void {
    this.#id = undefined;
  }

  get apiVersion(): string {
    return getField(this.node, "apiVersion")?.value ?? "";
  }

  get kind(): string {
    return getField(this.node, "kind")?.value ?? "";
  }

  get name(): string {
    return this.#metaText("name");
  }

  get namespace(): string {
    return this.#metaText("namespace");
  }

  #metaText(field: string): string {
    const node = getField(this.metadata(), field);
    return isNullOrEmpty(node) ? "" : (node as YamlNode).value;
  }

  metadata(): YamlNode | undefined {
    const metadata = getField(this.node, "metadata");
    return isNullOrEmpty(metadata) ? undefined : metadata;
  }

  get id(): ResId {
    this.#id ??= this.#readId();
    return this.#id;
  }

  #readId(): ResId {
    const { apiVersion, kind } = this;
    const { group, version } = splitApiVersion(apiVersion);
    const clusterScoped = this.scopes.isClusterScoped(apiVersion, kind);
    return { group, version, kind, name: this.name, namespace: this.namespace, clusterScoped };
  }

  /** What it was called before, oldest first; group and version are today's. */
  previousIds(): ResId[] {
    const { group, version } = this.id;
    return this.previous.map((id) => ({ ...id, group, version, clusterScoped: false }));
  }

  originalId(): ResId {
    const first = this.previous[0];
    if (first === undefined) return this.id;
    return { ...first, group: this.id.group, version: this.id.version, clusterScoped: false };
  }

  /** Any of its ids, previous ones first. */
  matchesAnyId(matches: (id: ResId) => boolean): boolean {
    return this.previousIds().some(matches) || matches(this.id);
  }

  storePreviousId(): void {
    const { name, kind, namespace, clusterScoped } = this.id;
    const effective = clusterScoped ? "_non_namespaceable_" : namespace === "" ? "default" : namespace;
    this.previous.push({ name, namespace: effective, kind });
    this.#settleAnnotations();
  }

  /**
   * kustomize keeps former names among the annotations. Where the field is there twice and the first one is
   * empty, it writes them to the second, and no longer sees the first.
   */
  #settleAnnotations(): void {
    const metadata = this.metadata();
    const keys = metadata?.content.filter((_, index) => index % 2 === 0) ?? [];
    if (keys.filter((key) => key.value === "annotations").length < 2) return;
    if (isNullOrEmpty(getField(metadata, "annotations"))) removeField(metadata, "annotations");
  }

  /** Forgets its former names, as a patch that replaces all annotations makes kustomize do. */
  forgetHistory(): void {
    this.previous = [];
    this.prefixes = [];
    this.suffixes = [];
    this.needsHash = false;
  }

  setName(name: string): void {
    setScalarField(this.#ensureMetadata(), "name", newScalar(name));
    this.changed();
  }

  setNamespace(namespace: string): void {
    if (namespace === "") removeField(getField(this.node, "metadata"), "namespace");
    else setScalarField(this.#ensureMetadata(), "namespace", newScalar(namespace));
    this.changed();
  }

  setKind(kind: string): void {
    setScalarField(this.node, "kind", newScalar(kind));
    this.changed();
  }

  setApiVersion(apiVersion: string): void {
    setScalarField(this.node, "apiVersion", newScalar(apiVersion));
    this.changed();
  }

  #ensureMetadata(): YamlNode {
    const metadata = getField(this.node, "metadata");
    if (metadata !== undefined && metadata.tag !== TAG_NULL) return metadata;
    const made = newMap();
    removeField(this.node, "metadata");
    this.node.content.push(newScalar("metadata"), made);
    return made;
  }

  labels(): Map<string, string> {
    return textMap(getField(this.metadata(), "labels"));
  }

  annotations(): Map<string, string> {
    return textMap(getField(this.metadata(), "annotations"));
  }

  annotation(key: string): string | undefined {
    return getField(getField(this.metadata(), "annotations"), key)?.value;
  }

  setLabels(labels: ReadonlyMap<string, string>): void {
    this.#setMetadataMap("labels", labels);
  }

  /** Writes annotations anew: sorted, every value a string, no map at all where there are none. */
  setAnnotations(annotations: ReadonlyMap<string, string>): void {
    this.#setMetadataMap("annotations", annotations);
  }

  #setMetadataMap(field: string, entries: ReadonlyMap<string, string>): void {
    const metadata = this.#ensureMetadata();
    removeField(metadata, field);
    if (entries.size === 0) return;
    // Where the field was there twice, the second one is still there, and is filled.
    let map = getField(metadata, field);
    if (map === undefined) {
      map = newMap();
      metadata.content.push(newScalar(field), map);
    }
    for (const key of [...entries.keys()].sort(compareText)) {
      setScalarField(map, key, newString(entries.get(key) as string));
    }
  }

  touch(touch: Touch): void {
    const last = this.touches[this.touches.length - 1];
    if (last?.by !== touch.by || last.configuredIn !== touch.configuredIn) this.touches.push(touch);
  }
}

/** A map of scalars as texts; the first of duplicate keys is overwritten by the last. */
export function textMap(node: YamlNode | undefined): Map<string, string> {
  const map = new Map<string, string>();
  if (node === undefined || node.kind !== "map") return map;
  for (let i = 0; i < node.content.length; i += 2) {
    map.set((node.content[i] as YamlNode).value, (node.content[i + 1] as YamlNode).value);
  }
  return map;
}
