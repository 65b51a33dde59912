import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = dirname(fileURLToPath(import.meta.url));
const PACKAGES = join(HERE, "../../..");
const CACHE = join(PACKAGES, "../.cache/tests");

/** Bundles a program that imports this package's sources, so that it can run as a process of its own. */
export async function bundle(name: string, source: string): Promise<string> {
  mkdirSync(CACHE, { recursive: true });
  const outfile = join(CACHE, `${name}-${process.pid}.mjs`);
  await build({
    stdin: { contents: source, resolveDir: join(HERE, ".."), loader: "ts" },
    outfile,
    bundle: true,
    external: ["lmdb"],
    alias: {
      "@capstan/kube": join(PACKAGES, "kube/src/index.ts"),
      "@capstan/cel": join(PACKAGES, "cel/src/index.ts"),
    },
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "error",
  });
  return outfile;
}

/** A child and the lines that it prints. */
export interface Child {
  readonly process: ChildProcess;
  /** The next line, parsed as JSON. */
  readonly next: () => Promise<unknown>;
  readonly kill: () => Promise<void>;
}

/** Starts a bundled program; `wrap` puts a shell command in front of it. */
export function start(program: string, args: readonly string[], wrap?: string): Child {
  const child =
    wrap === undefined
      ? spawn(process.execPath, [program, ...args], { stdio: ["pipe", "pipe", "ignore"] })
      : spawn("bash", ["-c", `${wrap}; exec "$0" "$@"`, process.execPath, program, ...args], {
          stdio: ["pipe", "pipe", "ignore"],
        });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    next: async () => {
      const { value, done } = await lines.next();
      if (done === true) throw new Error("the child ended");
      return JSON.parse(String(value));
    },
    kill: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
