import { KustomizeError } from "../errors.js";
import type { GeneratorArgs, GeneratorOptions } from "../kustomization/types.js";
import type { Loader } from "../loader/loader.js";
import { type GeneratorBehavior, Resource } from "../resource/resource.js";
import type { Scopes } from "../schema/scopes.js";
import { compareText } from "../yaml/compare-text.js";
import { getField, newMap, newScalar, newString, TAG_BOOL, type YamlNode } from "../yaml/node.js";
import { setScalarField } from "../yaml/set.js";
import { loadPairs } from "./sources.js";

/** Base64 beyond this length is broken into lines. */
const BASE64_LINE = 70;

/** Makes a ConfigMap or Secret of its sources. `file` is the kustomization that asks for it. */
export async function generateMap(
  kind: "ConfigMap" | "Secret",
  args: GeneratorArgs,
  loader: Loader,
  scopes: Scopes,
  file: string,
): Promise<Resource> {
  const node = newMap();
  setScalarField(node, "apiVersion", newString("v1"));
  setScalarField(node, "kind", newString(kind));
  if (!args.name) throw new KustomizeError("generator", "a configmap must have a name", { file });
  const metadata = newMap();
  node.content.push(newScalar("metadata"), metadata);
  setScalarField(metadata, "name", newString(args.name));
  if (args.namespace) setScalarField(metadata, "namespace", newString(args.namespace));
  if (kind === "Secret") setScalarField(node, "type", newString(args.type || "Opaque"));
  const pairs = await loadPairs(args, loader);
  if (kind === "Secret") fillSecret(node, pairs);
  else fillConfigMap(node, pairs);
  applyOptions(node, metadata, args.options);
  const resource = new Resource(node, file, 0, scopes);
  resource.generated = true;
  resource.needsHash = !args.options?.disableNameSuffixHash;
  resource.behavior = asBehavior(args.behavior);
  return resource;
}

function asBehavior(text: string | undefined): GeneratorBehavior {
  return text === "merge" || text === "replace" ? text : "create";
}

function sortedKeys(pairs: ReadonlyMap<string, unknown>): string[] {
  return [...pairs.keys()].sort(compareText);
}

/** Puts entries into `data`, or into `binaryData` what is no text. */
function fillConfigMap(node: YamlNode, pairs: ReadonlyMap<string, Uint8Array | string>): void {
  for (const key of sortedKeys(pairs)) {
    const value = pairs.get(key) as Uint8Array | string;
    const text = typeof value === "string" ? value : decodeText(value);
    if (text !== undefined) setScalarField(ensureMap(node, "data"), key, newString(text));
    else setScalarField(ensureMap(node, "binaryData"), key, newString(foldedBase64(value)));
  }
}

function fillSecret(node: YamlNode, pairs: ReadonlyMap<string, Uint8Array | string>): void {
  const data = ensureMap(node, "data");
  for (const key of sortedKeys(pairs)) {
    setScalarField(data, key, newString(foldedBase64(pairs.get(key) as Uint8Array | string)));
  }
}

function ensureMap(node: YamlNode, field: string): YamlNode {
  const known = getField(node, field);
  if (known !== undefined) return known;
  const made = newMap();
  node.content.push(newScalar(field), made);
  return made;
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // Bytes that are no UTF-8 are binary data, which is no failure.
    return undefined;
  }
}

/** Base64 as kustomize writes it: from 72 characters on in lines of 70, each ended by a break. */
export function foldedBase64(value: Uint8Array | string): string {
  const bytes = typeof value === "string" ? new TextEncoder().encode(value) : value;
  const encoded = base64(bytes);
  if (encoded.length <= BASE64_LINE) return encoded;
  const lines: string[] = [];
  for (let at = 0; at < encoded.length; at += BASE64_LINE) lines.push(encoded.slice(at, at + BASE64_LINE));
  return `${lines.join("\n")}\n`;
}

function base64(bytes: Uint8Array): string {
  const chunks: string[] = [];
  // A multiple of three, so that chunks can be joined, and small enough to spread.
  const size = 24_000;
  for (let at = 0; at < bytes.length; at += size) {
    chunks.push(btoa(String.fromCharCode(...bytes.subarray(at, at + size))));
  }
  return chunks.join("");
}

function applyOptions(node: YamlNode, metadata: YamlNode, options: GeneratorOptions | undefined): void {
  if (options === undefined) return;
  setEntries(metadata, "labels", options.labels);
  setEntries(metadata, "annotations", options.annotations);
  if (options.immutable) setScalarField(node, "immutable", newScalar("true", TAG_BOOL));
}

function setEntries(
  metadata: YamlNode,
  field: string,
  entries: ReadonlyMap<string, string> | undefined,
): void {
  if (entries === undefined) return;
  for (const key of sortedKeys(entries)) {
    setScalarField(ensureMap(metadata, field), key, newString(entries.get(key) as string));
  }
}

/** Options of one generator with those of the kustomization: its own labels win, its own `false` does not. */
export function withGlobalOptions(
  own: GeneratorOptions | undefined,
  global: GeneratorOptions | undefined,
): GeneratorOptions | undefined {
  if (global === undefined) return own;
  const labels = mergedEntries(global.labels, own?.labels);
  const annotations = mergedEntries(global.annotations, own?.annotations);
  return {
    ...(labels && { labels }),
    ...(annotations && { annotations }),
    disableNameSuffixHash: Boolean(own?.disableNameSuffixHash || global.disableNameSuffixHash),
    immutable: Boolean(own?.immutable || global.immutable),
  };
}

function mergedEntries(
  global: ReadonlyMap<string, string> | undefined,
  own: ReadonlyMap<string, string> | undefined,
): ReadonlyMap<string, string> | undefined {
  if (global === undefined && own === undefined) return undefined;
  return new Map([...(global ?? []), ...(own ?? [])]);
}
