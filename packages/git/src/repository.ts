import { mkdir } from "node:fs/promises";
import type { GitSignature } from "./commit.js";
import { GitError } from "./error.js";
import { type GitRemote, type RemoteOptions, runOptions, withCredentials } from "./remote.js";
import type { GitRunner } from "./runner.js";
import { redactUrl } from "./url.js";

/** A file of a commit to be made; no content removes the path. */
export interface FileChange {
  readonly path: string;
  readonly content: Uint8Array | string | undefined;
  readonly executable?: boolean;
}

export interface CommitDraft {
  /** Full name of the branch to move, `refs/heads/main`; made if it is not there. */
  readonly ref: string;
  readonly message: string;
  readonly author: GitSignature;
  readonly committer?: GitSignature;
  readonly changes: readonly FileChange[];
  readonly signal?: AbortSignal;
}

const ZERO = "0".repeat(40);

/** A bare repository of this machine that Capstan itself writes to. */
export class GitRepository {
  readonly gitDir: string;
  readonly #runner: GitRunner;

  constructor(runner: GitRunner, gitDir: string) {
    this.#runner = runner;
    this.gitDir = gitDir;
  }

  /** Makes an empty bare repository with `branch` as its HEAD, or leaves one that is there as it is. */
  static async init(runner: GitRunner, gitDir: string, branch = "main"): Promise<GitRepository> {
    await mkdir(gitDir, { recursive: true, mode: 0o700 });
    await runner.run({
      args: [
        "init",
        "--quiet",
        "--bare",
        "--template=",
        `--initial-branch=${branch}`,
        "--end-of-options",
        gitDir,
      ],
      attempt: "making a repository",
    });
    return new GitRepository(runner, gitDir);
  }

  /** What `ref` points at, or `undefined`. */
  async resolve(ref: string): Promise<string | undefined> {
    const output = await this.#git(
      ["rev-parse", "--verify", "--quiet", "--end-of-options", ref],
      "resolving",
      {
        acceptExitCodes: [1],
      },
    );
    return output.exitCode === 0 ? output.stdout.toString("utf8").trim() : undefined;
  }

  /**
   * Commits `changes` on top of `draft.ref` and moves it, unless somebody moved it meanwhile (`GitError`
   * `rejected`). No work tree, index or hook is involved. Gives the commit's id, or `undefined` where the
   * changes change nothing.
   */
  async commit(draft: CommitDraft): Promise<string | undefined> {
    const parent = await this.resolve(draft.ref);
    const author = draft.author;
    const committer = draft.committer ?? author;
    const staging = `refs/capstan/staging/${draft.ref.replace(/^refs\//, "")}`;
    const commands: (string | Buffer)[] = [
      `commit ${staging}\n`,
      `author ${identity(author)}\n`,
      `committer ${identity(committer)}\n`,
      dataBlock(draft.message),
      parent === undefined ? "" : `from ${parent}\n`,
      ...draft.changes.flatMap(changeCommand),
      "done\n",
    ];
    const before = parent === undefined ? undefined : await this.resolve(`${parent}^{tree}`);
    await this.#git(["fast-import", "--quiet", "--force", "--done"], "committing", {
      stdin: Buffer.concat(commands.map((part) => Buffer.from(part))),
      ...(draft.signal === undefined ? {} : { signal: draft.signal }),
    });
    const commit = await this.resolve(staging);
    const after = await this.resolve(`${staging}^{tree}`);
    await this.#git(["update-ref", "-d", staging], "committing");
    if (commit === undefined) throw new GitError("failed", "the commit was not written");
    if (after === before) return undefined;
    try {
      await this.#git(
        ["update-ref", "--end-of-options", draft.ref, commit, parent ?? ZERO],
        "moving the branch",
      );
    } catch (error) {
      throw new GitError("rejected", `${draft.ref} was moved by somebody else`, { cause: error });
    }
    return commit;
  }

  /**
   * Pushes `refspec` (`refs/heads/main`, `+refs/heads/a:refs/heads/b`) to a remote. Throws `GitError`:
   * `rejected` where the remote does not take it, otherwise as every remote operation.
   */
  async push(remote: GitRemote, refspec: string, options: RemoteOptions): Promise<void> {
    await withCredentials(remote, options, (prepared) =>
      options.runner.run({
        ...runOptions(options, prepared),
        cwd: this.gitDir,
        args: ["push", "--quiet", "--no-verify", "--", remote.url.text, refspec],
        variables: { ...prepared.variables, GIT_DIR: this.gitDir },
        protocols: [remote.url.protocol],
        attempt: `pushing to ${redactUrl(remote.url.text)}`,
      }),
    );
  }

  #git(args: readonly string[], attempt: string, more: object = {}) {
    return this.#runner.run({
      args,
      cwd: this.gitDir,
      variables: { GIT_DIR: this.gitDir },
      attempt: `${attempt} in the repository`,
      ...more,
    });
  }
}

function identity({ name, email, time }: GitSignature): string {
  const clean = (text: string) => text.replace(/[<>\n\r\0]/g, "").trim();
  return `${clean(name)} <${clean(email)}> ${Math.floor(time / 1000)} +0000`;
}

function dataBlock(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content);
  return Buffer.concat([Buffer.from(`data ${bytes.byteLength}\n`), bytes, Buffer.from("\n")]);
}

function changeCommand({ path, content, executable }: FileChange): (string | Buffer)[] {
  const segments = path.split("/");
  if (
    segments.some((segment) => segment === "" || segment === "." || segment === ".." || segment === ".git")
  ) {
    throw new GitError("failed", `"${path}" cannot be a path of a commit`);
  }
  if (content === undefined) return [`D ${quotePath(path)}\n`];
  return [`M ${executable === true ? "100755" : "100644"} inline ${quotePath(path)}\n`, dataBlock(content)];
}

function quotePath(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}
