import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Finished, run } from "../../e2e/support/run.js";

const TIMEOUT_MS = 60_000;

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
    return run(command, args, {
      env: { ...this.#environment, ...env },
      input: typeof input === "object" ? JSON.stringify(input) : (input ?? ""),
      timeout: TIMEOUT_MS,
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
