import { type FieldSpec, fieldWalks, wrongKind } from "../fieldspec/field-spec.js";
import type { Image } from "../kustomization/types.js";
import type { ResMap } from "../resource/res-map.js";
import { compilePattern } from "../selector/regex.js";
import { getField, isNull, newScalar, type YamlNode } from "../yaml/node.js";
import { setScalar } from "../yaml/set.js";
import type { Note, Transformer } from "./transformer.js";

const TAG_OR_DIGEST = "(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$";
const LITERAL_NAME = /^[A-Za-z0-9/:_-]*$/;
const TAG_OR_DIGEST_HERE = /^(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$/;

/** The parts of an image reference; what is absent is empty. */
export interface ImageParts {
  readonly name: string;
  readonly tag: string;
  readonly digest: string;
}

/** Splits `registry:5000/app:1@sha256:…`; a colon before the first slash belongs to the name. */
export function splitImage(image: string): ImageParts {
  const slash = Math.max(image.indexOf("/"), 0);
  const at = image.indexOf("@", slash);
  const colon = image.indexOf(":", slash);
  if (at >= 0 && (colon < 0 || at < colon)) {
    return { name: image.slice(0, at), tag: "", digest: image.slice(at + 1) };
  }
  if (colon < 0) return { name: image, tag: "", digest: "" };
  const end = at < 0 ? image.length : at;
  return {
    name: image.slice(0, colon),
    tag: image.slice(colon + 1, end),
    digest: at < 0 ? "" : image.slice(at + 1),
  };
}

/** What becomes of an image whose name matches. */
export function rewriteImage(image: string, change: Image): string {
  const parts = splitImage(image);
  const name = change.newName || parts.name;
  let { tag, digest } = parts;
  if (change.newTag) {
    tag = change.newTag;
    digest = change.digest ?? "";
  } else if (change.digest) {
    tag = "";
    digest = change.digest;
  } else if (change.tagSuffix) {
    tag += change.tagSuffix;
    digest = "";
  }
  return name + (tag === "" ? "" : `:${tag}`) + (digest === "" ? "" : `@${digest}`);
}

/** `name` is a regular expression, as in kustomize, though few know. */
function nameMatcher(name: string): (image: string) => boolean {
  if (LITERAL_NAME.test(name)) {
    return (image) => image.startsWith(name) && TAG_OR_DIGEST_HERE.test(image.slice(name.length));
  }
  const pattern = compilePattern(`^${name}${TAG_OR_DIGEST}`);
  return (image) => pattern.find(image);
}

/** Changes name, tag or digest of images: in every list of containers, then in the specs' fields. */
export function imageTransformer(change: Image, specs: readonly FieldSpec[]): Transformer {
  return { kind: "ImageTagTransformer", transform: (map, note) => transformImages(map, change, specs, note) };
}

function transformImages(map: ResMap, change: Image, specs: readonly FieldSpec[], note: Note): void {
  const walks = fieldWalks(specs, "none");
  const matches = nameMatcher(change.name ?? "");
  let changed = false;
  const set = (node: YamlNode): void => {
    if (isNull(node)) return;
    if (node.kind !== "scalar") throw wrongKind("ScalarNode", node);
    if (!matches(node.value)) return;
    setScalar(node, newScalar(rewriteImage(node.value, change)));
    changed = true;
  };
  // Two passes over all resources, and a field that both reach is changed twice.
  for (const resource of map.resources) {
    changed = false;
    if (resource.kind !== "CustomResourceDefinition") visitContainers(resource.node, set);
    if (changed) note(resource);
  }
  for (const resource of map.resources) {
    changed = false;
    if (resource.kind === "CustomResourceDefinition") continue;
    for (const walk of walks) walk.apply(resource.node, resource.id, set);
    if (changed) note(resource);
  }
  map.changed();
}

function visitContainers(node: YamlNode, set: (image: YamlNode) => void): void {
  if (node.kind === "seq") {
    for (const item of node.content) visitContainers(item, set);
    return;
  }
  if (node.kind !== "map") return;
  for (let i = 0; i < node.content.length; i += 2) {
    const key = (node.content[i] as YamlNode).value;
    const value = node.content[i + 1] as YamlNode;
    visitContainers(value, set);
    if ((key === "containers" || key === "initContainers") && value.kind === "seq") setAll(value, set);
  }
}

function setAll(containers: YamlNode, set: (image: YamlNode) => void): void {
  for (const container of containers.content) {
    if (isNull(container)) continue;
    if (container.kind !== "map") throw wrongKind("MappingNode", container);
    const image = getField(container, "image");
    if (image !== undefined) set(image);
  }
}
