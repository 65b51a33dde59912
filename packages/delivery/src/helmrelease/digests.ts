import { encodeGoJson, sha256Hex, stringifyYaml } from "@capstan/kube";
import type { HelmReleaseSpec } from "./resource.js";

const EMPTY = `sha256:${sha256Hex("")}`;

/** What identifies values, as Flux has it: `sha256:` of their YAML, keys in byte order; of nothing where empty. */
export function valuesDigest(values: Readonly<Record<string, unknown>> | undefined): string {
  if (values === undefined || Object.keys(values).length === 0) return EMPTY;
  return `sha256:${sha256Hex(stringifyYaml(values, { keys: "bytes" }))}`;
}

/** What identifies `spec.postRenderers`; empty where there are none. */
export function postRenderersDigest(spec: HelmReleaseSpec): string {
  return spec.postRenderers === undefined ? "" : digestOf(spec.postRenderers);
}

/** What identifies `spec.commonMetadata`; empty where there is none. */
export function commonMetadataDigest(spec: HelmReleaseSpec): string {
  return spec.commonMetadata === undefined ? "" : digestOf(spec.commonMetadata);
}

function digestOf(value: unknown): string {
  return `sha256:${sha256Hex(`${encodeGoJson(value)}\n`)}`;
}
