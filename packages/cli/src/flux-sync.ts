import { spawnSync } from "node:child_process";
import { parseYamlDocuments, YamlError } from "@capstan/kube";
import { isFields } from "./rehearsal/scan.js";

/** The name and the namespace that `flux bootstrap` gives the source of a repository and its Kustomization. */
export const FLUX_SYNC = "flux-system";

const MAX_FILES = 200;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Whether a directory of a local repository is one that `flux bootstrap` synchronises: its Kustomizations, as
 * committed, build from the source `flux-system`, or it makes artifacts of that.
 */
export function isFluxSync(repository: string, path: string): boolean {
  const directory = path.replace(/^(\.?\/)+/, "").replace(/\/+$/, "") || ".";
  const listed = git(repository, ["grep", "-lzF", `name: ${FLUX_SYNC}`, "HEAD", "--", directory]);
  const files = listed.split("\0").filter((file) => /\.ya?ml$/.test(file));
  return files
    .slice(0, MAX_FILES)
    .some((file) => objectsIn(git(repository, ["show", file])).some(buildsFromSync));
}

function buildsFromSync(object: unknown): boolean {
  if (!isFields(object) || typeof object["apiVersion"] !== "string" || !isFields(object["spec"]))
    return false;
  const { spec, apiVersion } = object;
  if (apiVersion.startsWith("kustomize.toolkit.fluxcd.io/")) return isSync(spec["sourceRef"]);
  if (!apiVersion.startsWith("source.extensions.fluxcd.io/")) return false;
  return Array.isArray(spec["sources"]) && spec["sources"].some(isSync);
}

function isSync(reference: unknown): boolean {
  return isFields(reference) && reference["kind"] === "GitRepository" && reference["name"] === FLUX_SYNC;
}

function objectsIn(text: string): readonly unknown[] {
  try {
    return parseYamlDocuments(text).map(({ value }) => value);
  } catch (error) {
    // What is no YAML says nothing about its directory; the build will tell of it.
    if (error instanceof YamlError) return [];
    throw error;
  }
}

function git(repository: string, args: readonly string[]): string {
  const options = { encoding: "utf8", timeout: 15_000, maxBuffer: MAX_BYTES } as const;
  return spawnSync("git", ["-C", repository, ...args], options).stdout ?? "";
}
