import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  readonly input?: string | object;
  readonly env?: NodeJS.ProcessEnv;
}

/** The real kubectl and helm, speaking to the API of a kubeconfig with caches of their own. */
export class Tools {
  readonly #directory: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(kubeconfig: string, directory: string) {
    this.#directory = directory;
    this.#environment = { ...process.env, HOME: directory, KUBECONFIG: kubeconfig };
  }

  /** Writes a file below the run's own directory; gives its path. */
  file(name: string, content: string): string {
    const path = join(this.#directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** Runs kubectl, whatever its exit status. */
  kubectl(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return this.#run(process.env["CAPSTAN_KUBECTL"] ?? "kubectl", args, options);
  }

  helm(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return this.#run(process.env["CAPSTAN_HELM"] ?? "helm", args, options);
  }

  #run(command: string, args: readonly string[], { input, env }: RunOptions): Promise<Finished> {
    return new Promise((resolve, reject) => {
      const child = spawn(command, args, { env: { ...this.#environment, ...env } });
      let stdout = "";
      let stderr = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      const timer = setTimeout(() => {
        child.kill("SIGKILL");
        reject(new Error(`took too long: ${args.join(" ")}\n${stdout}${stderr}`));
      }, 60_000);
      child.on("error", (error) => {
        clearTimeout(timer);
        reject(error);
      });
      child.on("close", (code) => {
        clearTimeout(timer);
        resolve({ code, stdout, stderr });
      });
      // A tool that ends before it has read its input has said why on standard error.
      child.stdin.on("error", () => undefined);
      child.stdin.end(typeof input === "object" ? JSON.stringify(input) : (input ?? ""));
    });
  }
}

/** Standard output of a command that must have succeeded. */
export function succeeded({ code, stdout, stderr }: Finished): string {
  if (code !== 0) throw new Error(`ended with ${code}: ${stderr.trim() || stdout.trim()}`);
  return stdout;
}

/** Standard error of a command that must have failed with this status. */
export function failed({ code, stdout, stderr }: Finished, status = 1): string {
  if (code !== status)
    throw new Error(`ended with ${code}, not ${status}: ${stderr.trim() || stdout.trim()}`);
  return stderr;
}
