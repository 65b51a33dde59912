import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A work tree with the plain git command line, as a user has it. */
export class WorkTree {
  readonly directory: string;
  #time = 1_700_000_000;

  constructor(directory: string, branch = "main") {
    this.directory = directory;
    this.git("init", "--quiet", `--initial-branch=${branch}`);
    this.git("config", "user.name", "Ada");
    this.git("config", "user.email", "ada@example.com");
  }

  git(...args: string[]): string {
    const date = `${this.#time} +0000`;
    const env = {
      PATH: process.env["PATH"],
      HOME: this.directory,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_DATE: date,
    };
    const output = execFileSync("git", args, { cwd: this.directory, env, stdio: ["ignore", "pipe", "pipe"] });
    return output.toString().trim();
  }

  /** Commits `files` and gives the commit's id. */
  commit(message: string, files: Record<string, string | Buffer> = {}, ...flags: string[]): string {
    this.#time += 60;
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
    this.git("add", "--all", "--force");
    this.git("commit", "--quiet", "--allow-empty", "-m", message, ...flags);
    return this.git("rev-parse", "HEAD");
  }
}
