import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Clock } from "@capstan/kube";
import { afterEach } from "vitest";
import { GitClient, type GitClientOptions } from "../client.js";
import { GitRunner } from "../runner.js";
import { type GitServerOptions, gitHttpHandler } from "../server.js";

const cleanups: (() => void)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

export function onCleanup(cleanup: () => void): void {
  cleanups.push(cleanup);
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "capstan-git-test-"));
  onCleanup(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

export function testRunner(timeoutMs = 20_000): GitRunner {
  return new GitRunner({ clock: realClock, environment: { PATH: process.env["PATH"] }, timeoutMs });
}

export function testClient(options: Partial<GitClientOptions> = {}): GitClient {
  return new GitClient({
    runner: testRunner(),
    cacheDirectory: join(temporaryDirectory(), "cache"),
    temporaryDirectory: temporaryDirectory(),
    allowLocal: true,
    ...options,
  });
}

/** A work tree with the plain git command line, as a user has it. */
export class WorkTree {
  readonly directory: string;
  #time = 1_700_000_000;

  constructor(directory = temporaryDirectory(), branch = "main") {
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
      GIT_ALLOW_PROTOCOL: "file:http",
    };
    const output = execFileSync("git", args, { cwd: this.directory, env, stdio: ["ignore", "pipe", "pipe"] });
    return output.toString().trim();
  }

  write(path: string, content: string | Buffer, mode?: number): void {
    const file = join(this.directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    if (mode !== undefined) chmodSync(file, mode);
  }

  /** Commits `files` and gives the commit's id. Each commit is a minute younger than the one before. */
  commit(message: string, files: Record<string, string | Buffer> = {}, ...flags: string[]): string {
    this.#time += 60;
    for (const [path, content] of Object.entries(files)) this.write(path, content);
    this.git("add", "--all");
    this.git("commit", "--quiet", "--allow-empty", "-m", message, ...flags);
    return this.git("rev-parse", "HEAD");
  }

  tag(name: string, annotated = true): void {
    this.#time += 60;
    this.git("tag", ...(annotated ? ["-a", "-m", name] : []), name);
  }
}

/** A git server over HTTP for the given directories, by name; gives its origin. */
export async function serveGit(
  repositories: Record<string, string>,
  options: Partial<GitServerOptions> = {},
): Promise<{ origin: string; server: Server; requests: string[] }> {
  const requests: string[] = [];
  const handler = gitHttpHandler({
    runner: testRunner(),
    repository: (name) => repositories[name],
    ...options,
  });
  const server = createServer((request, response) => {
    requests.push(
      `${request.method} ${request.url} ${request.headers.authorization ? "with" : "without"} token`,
    );
    void handler(request, response).then((handled) => {
      if (!handled) response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onCleanup(() => server.close());
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, requests };
}

/** The files of a checkout as text, by path. */
export async function contents(checkout: {
  entries: readonly { kind: string; path: string; read?: () => Promise<Uint8Array> }[];
}): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const entry of checkout.entries) {
    if (entry.read !== undefined) files[entry.path] = Buffer.from(await entry.read()).toString();
  }
  return files;
}
