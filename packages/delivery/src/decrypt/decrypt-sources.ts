import { parseYaml } from "@capstan/kube";
import { DEFAULT_LIMITS, type FileTree, isRemoteFile } from "@capstan/kustomize";
import { decrypt, formatOfPath, type KeyRing, looksEncrypted, type SopsFormat } from "@capstan/sops";
import { KUSTOMIZATION_FILES } from "../render/build-file.js";
import { RenderError } from "../render/desired-object.js";
import { joinPath } from "../render/tree-path.js";
import { failureText } from "./failure-text.js";
import { KeyWanted } from "./remote-keys.js";

const MAX_DIRECTORIES = 10_000;

/** A file that a kustomization reads before it builds, and what it would be decrypted as. */
interface SourceFile {
  readonly path: string;
  readonly format: SopsFormat;
}

/**
 * The files that kustomizations under a directory make Secrets of or patch with, in clear: those of
 * `secretGenerator` and `patches`, in the directory itself and in the bases and components it names. Keyed
 * by path, for {@link overlayTree}. What cannot be read is left to the build, which says so better. Throws
 * `RenderError` that names every file which does not decrypt.
 */
export async function decryptSources(
  tree: FileTree,
  directory: string,
  keys: KeyRing,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const plain = new Map<string, Uint8Array>();
  const problems: string[] = [];
  for (const { path, format } of sourceFiles(tree, directory)) {
    const place = tree.stat(path);
    if (place?.kind !== "file" || plain.has(place.path)) continue;
    try {
      const decrypted = await decryptFile(tree, place.path, place.size, format, keys);
      if (decrypted !== undefined) plain.set(place.path, decrypted);
    } catch (error) {
      if (error instanceof KeyWanted) continue;
      problems.push(`${place.path.slice(1)}: error decrypting sources: ${failureText(error)}`);
    }
  }
  if (problems.length > 0) throw new RenderError("BuildFailed", problems.join("\n"));
  return plain;
}

async function decryptFile(tree: FileTree, path: string, size: number, format: SopsFormat, keys: KeyRing) {
  // The build refuses such a file by itself.
  if (size > DEFAULT_LIMITS.fileBytes) return undefined;
  const bytes = tree.readFile(path);
  return looksEncrypted(bytes, format) ? decrypt(bytes, { format, keys }) : undefined;
}

/** The files, each once per place that names it. */
function* sourceFiles(tree: FileTree, start: string): Iterable<SourceFile> {
  const seen = new Set<string>();
  const waiting = [start];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const place = tree.stat(next);
    if (place?.kind !== "directory" || seen.has(place.path)) continue;
    seen.add(place.path);
    if (seen.size > MAX_DIRECTORIES) return;
    const fields = kustomizationOf(tree, place.path);
    if (fields === undefined) continue;
    yield* filesOf(fields, place.path);
    for (const list of ["resources", "components", "bases"]) {
      for (const path of textsOf(fields[list]))
        if (!isRemoteFile(path)) waiting.push(joinPath(place.path, path));
    }
  }
}

function kustomizationOf(tree: FileTree, directory: string): Record<string, unknown> | undefined {
  for (const name of KUSTOMIZATION_FILES) {
    const path = joinPath(directory, name);
    const place = tree.stat(path);
    if (place?.kind !== "file") continue;
    if (place.size > DEFAULT_LIMITS.fileBytes) return undefined;
    try {
      const parsed = parseYaml(Buffer.from(tree.readFile(path)).toString("utf8"), { file: path });
      return isFields(parsed) ? parsed : undefined;
    } catch {
      // The build reads it again and tells what is wrong with it.
      return undefined;
    }
  }
  return undefined;
}

function* filesOf(fields: Record<string, unknown>, directory: string): Iterable<SourceFile> {
  for (const generator of listOf(fields["secretGenerator"])) {
    for (const source of textsOf(generator["files"])) {
      const equals = source.indexOf("=");
      const path = equals < 0 ? source : source.slice(equals + 1);
      yield {
        path: joinPath(directory, path),
        format: formatOfPath(equals < 0 ? source : source.slice(0, equals)),
      };
    }
    for (const path of [...textsOf(generator["envs"]), ...textsOf([generator["env"]])]) {
      const format = formatOfPath(path);
      yield { path: joinPath(directory, path), format: format === "binary" ? "dotenv" : format };
    }
  }
  for (const patch of listOf(fields["patches"])) {
    for (const path of textsOf([patch["path"]])) {
      if (!isRemoteFile(path)) yield { path: joinPath(directory, path), format: formatOfPath(path) };
    }
  }
}

function listOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isFields) : [];
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === "string" && item !== "")
    : [];
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
