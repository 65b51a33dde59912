import { lstat, readFile, realpath } from "node:fs/promises";
import { basename, resolve } from "node:path";
import {
  ArtifactError,
  composeTree,
  DEFAULT_TREE_LIMITS,
  matchesIgnorePattern,
  packTree,
  parseIgnorePatterns,
  readDirectoryTree,
  type TreeEntry,
} from "@capstan/artifacts";
import { CommandError, exitCode } from "../exit-code.js";
import { statIfThere } from "../stat-if-there.js";
import { readLinkedTree } from "./linked-tree.js";

export interface ContentOptions {
  /** Patterns in the format of .gitignore, each maybe several, separated by commas. */
  readonly ignorePaths?: readonly string[];
  readonly addIgnorePaths?: readonly string[];
  readonly resolveSymlinks?: boolean;
}

/** What stays out unless other patterns are given: version control, images and archives. */
export const DEFAULT_IGNORE = [
  ".git/",
  ".gitignore",
  ".gitmodules",
  ".gitattributes",
  "*.jpg",
  "*.jpeg",
  "*.gif",
  "*.png",
  "*.wmv",
  "*.flv",
  "*.tar.gz",
  "*.zip",
];

/** The files that an artifact of `path` holds: a directory's, or the one file. Throws `CommandError`. */
export async function contentsOf(path: string, options: ContentOptions): Promise<readonly TreeEntry[]> {
  const root = resolve(path);
  const found = await statIfThere(root);
  if (found === undefined) {
    const message = `invalid path '${path}', must point to an existing directory or file`;
    throw new CommandError(message, exitCode.usage);
  }
  try {
    const tree = found.isDirectory() ? await readTree(root, options) : [await fileEntry(root)];
    return composeTree([tree.filter(keeps(options))], DEFAULT_TREE_LIMITS);
  } catch (error) {
    if (!ArtifactError.is(error)) throw error;
    throw new CommandError(`${path}: ${error.message}`, exitCode.failure, { cause: error });
  }
}

/** One file's text as the only one of an artifact, as it is read from standard input. */
export function textContents(name: string, text: string): readonly TreeEntry[] {
  const bytes = Buffer.from(text.replace(/[\r\n]+$/, ""));
  return [{ kind: "file", path: name, size: bytes.length, executable: false, read: async () => bytes }];
}

/** The artifact of some files: the same files give the same bytes. */
export async function packContents(contents: readonly TreeEntry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of packTree(contents)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function readTree(root: string, { resolveSymlinks }: ContentOptions): Promise<readonly TreeEntry[]> {
  return resolveSymlinks === true ? readLinkedTree(root) : readDirectoryTree(await realpath(root));
}

async function fileEntry(path: string): Promise<TreeEntry> {
  const { size, mode } = await lstat(await realpath(path));
  const executable = (mode & 0o111) !== 0;
  return { kind: "file", path: basename(path), size, executable, read: () => readFile(path) };
}

function keeps(options: ContentOptions): (entry: TreeEntry) => boolean {
  const lines = [...(options.ignorePaths ?? DEFAULT_IGNORE), ...(options.addIgnorePaths ?? [])];
  const patterns = parseIgnorePatterns(lines.flatMap((line) => line.split(",")).join("\n")).reverse();
  return (entry) => {
    const segments = entry.path.split("/");
    const decisive = patterns.find((pattern) =>
      matchesIgnorePattern(pattern, segments, entry.kind === "directory"),
    );
    return decisive === undefined || decisive.inclusion;
  };
}
