import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { succeed } from "./run.js";

const identity = {
  GIT_AUTHOR_NAME: "you",
  GIT_AUTHOR_EMAIL: "you@example.com",
  GIT_COMMITTER_NAME: "you",
  GIT_COMMITTER_EMAIL: "you@example.com",
  GIT_TERMINAL_PROMPT: "0",
  GIT_CONFIG_NOSYSTEM: "1",
};

/** Runs the real git, which must succeed. */
export function git(directory: string, ...args: string[]): Promise<string> {
  return succeed("git", args, { cwd: directory, env: { ...process.env, ...identity }, timeout: 60_000 });
}

/** A work tree with a branch `main`, whose path is also its address. */
export class LocalRepository {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(path: string): Promise<LocalRepository> {
    mkdirSync(path, { recursive: true });
    await git(path, "init", "--quiet", "--initial-branch=main");
    return new LocalRepository(path);
  }

  /** Writes files (`undefined` removes one, `link:` makes a symbolic link) and commits all. */
  async commit(files: Readonly<Record<string, string | undefined>>): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.path, name);
      rmSync(path, { recursive: true, force: true });
      if (content === undefined) continue;
      mkdirSync(dirname(path), { recursive: true });
      if (content.startsWith("link:")) symlinkSync(content.slice(5), path);
      else writeFileSync(path, content);
    }
    await git(this.path, "add", "--all");
    await git(this.path, "commit", "--quiet", "--allow-empty", "--message", "change");
    return (await git(this.path, "rev-parse", "HEAD")).trim();
  }
}
