import { ArtifactError } from "../error.js";
import type { TreeEntry } from "../tree.js";
import { type IgnorePattern, matchesIgnorePattern, parseIgnorePatterns } from "./pattern.js";

/** The file whose lines exclude paths from an artifact, in any directory of the tree. */
export const IGNORE_FILE = ".sourceignore";

const VCS = [".git/", ".gitignore", ".gitmodules", ".gitattributes"];
const EXTENSIONS = ["*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip"];
const CI = [
  ".github/",
  ".circleci/",
  ".travis.yml",
  ".gitlab-ci.yml",
  "appveyor.yml",
  ".drone.yml",
  "cloudbuild.yaml",
  "codeship-services.yml",
  "codeship-steps.yml",
];
const EXTRA = ["**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"];

const MAX_IGNORE_FILE_BYTES = 1024 * 1024;

const VCS_PATTERNS = parseIgnorePatterns(VCS.join("\n"));
const DEFAULT_PATTERNS = parseIgnorePatterns([...EXTENSIONS, ...CI, ...EXTRA].join("\n"));

/** Says of each path of a tree whether it stays out of the artifact. */
export interface IgnoreRules {
  ignores(path: string, isDirectory: boolean): boolean;
}

/**
 * The rules that `patterns` make, the last match deciding. Version control files are always excluded
 * first; images, archives and CI files only where no pattern was given at all.
 */
export function ignoreRules(patterns: readonly IgnorePattern[]): IgnoreRules {
  const all = [...VCS_PATTERNS, ...(patterns.length === 0 ? DEFAULT_PATTERNS : []), ...patterns].reverse();
  return {
    ignores(path, isDirectory) {
      const segments = path.split("/");
      const decisive = all.find((pattern) => matchesIgnorePattern(pattern, segments, isDirectory));
      return decisive !== undefined && !decisive.inclusion;
    },
  };
}

/**
 * The rules of a tree: every `.sourceignore` in it, scoped to its directory, then `extra` (`spec.ignore`)
 * over the whole tree. Throws `ArtifactError` `too-large` for an ignore file past 1 MiB.
 */
export async function loadIgnoreRules(entries: readonly TreeEntry[], extra?: string): Promise<IgnoreRules> {
  const patterns: IgnorePattern[] = [];
  for (const entry of entries) {
    if (entry.kind !== "file") continue;
    if (entry.path !== IGNORE_FILE && !entry.path.endsWith(`/${IGNORE_FILE}`)) continue;
    if (entry.size > MAX_IGNORE_FILE_BYTES) {
      throw new ArtifactError(
        "too-large",
        `ignore file "${entry.path}" is larger than ${MAX_IGNORE_FILE_BYTES} bytes`,
      );
    }
    const text = new TextDecoder().decode(await entry.read());
    patterns.push(...parseIgnorePatterns(text, entry.path.split("/").slice(0, -1)));
  }
  if (extra !== undefined) patterns.push(...parseIgnorePatterns(extra));
  return ignoreRules(patterns);
}
