import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Finished, type RunOptions, run, succeed, until } from "./run.js";

const binary =
  process.env["CAPSTAN_E2E_BINARY"] ??
  fileURLToPath(new URL("../../packages/cli/bin/capstan.js", import.meta.url));
const kubectlBinary = process.env["CAPSTAN_KUBECTL"] ?? "kubectl";
const helmBinary = process.env["CAPSTAN_HELM"] ?? "helm";

interface State {
  readonly pid: number;
  readonly apiServer: string;
  readonly kubeconfig: string;
  readonly gitRemote: string;
}

/** Any object as `kubectl get -o json` prints it. */
export interface LiveObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation?: number;
    readonly resourceVersion: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
    readonly deletionTimestamp?: string;
  };
  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind
  readonly spec: any;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into objects of every kind
  readonly status: any;
  readonly data?: Record<string, string>;
}

/** A new directory below the system's temporary one, and the call that removes it. */
export function temporaryDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "capstan-e2e-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Starts `capstan` with these arguments without waiting for anything; its output goes to `output`. */
function launch(args: readonly string[]): { readonly child: ChildProcess; output(): string } {
  const child = spawn(process.execPath, [binary, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return { child, output: () => output };
}

/** Runs a `capstan` command to its end. */
export function capstan(args: readonly string[], options?: RunOptions): Promise<Finished> {
  return run(process.execPath, [binary, ...args], options);
}

/** A running `capstan up`, and real tools that talk to it. */
export class Capstan {
  readonly dataDir: string;
  readonly state: State;
  readonly #child: ChildProcess;
  readonly #output: () => string;

  private constructor(dataDir: string, state: State, child: ChildProcess, output: () => string) {
    this.dataDir = dataDir;
    this.state = state;
    this.#child = child;
    this.#output = output;
  }

  /** Starts `capstan up` on a data directory and a free port; resolves when it says what it follows. */
  static async up(dataDir: string, args: readonly string[] = []): Promise<Capstan> {
    const { child, output } = launch(["up", ...args, "--data-dir", dataDir, "--port", "0"]);
    const file = join(dataDir, "capstan.json");
    try {
      const state = await until<State | "ended">(
        "capstan up is ready",
        () => {
          if (child.exitCode !== null || child.signalCode !== null) return "ended";
          if (!existsSync(file)) return undefined;
          const read = JSON.parse(readFileSync(file, "utf8")) as State;
          return read.pid === child.pid && output().includes("following") ? read : undefined;
        },
        60_000,
        output,
      );
      if (state === "ended") throw new Error(`capstan up ended with ${child.exitCode ?? child.signalCode}`);
      return new Capstan(dataDir, state, child, output);
    } catch (error) {
      child.kill("SIGKILL");
      throw new Error(`${(error as Error).message}\n${output()}`);
    }
  }

  /** Everything that it printed so far. */
  get output(): string {
    return this.#output();
  }

  /** Sends a signal and waits for the end: the exit status, or the signal that ended it. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<number | NodeJS.Signals | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const ended = once(this.#child, "exit");
      this.#child.kill(signal);
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), 20_000);
      await ended;
      clearTimeout(timer);
    }
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** The environment in which every Kubernetes tool finds this API, with caches of its own. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, HOME: this.dataDir, KUBECONFIG: this.state.kubeconfig };
  }

  /** Runs kubectl, which must succeed; gives its standard output. */
  kubectl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return succeed(kubectlBinary, args, { env: this.environment, ...options });
  }

  /** Runs kubectl, whatever its exit status. */
  tryKubectl(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
    return run(kubectlBinary, args, { env: this.environment, ...options });
  }

  /** Starts a kubectl that goes on until it is stopped. */
  start(args: readonly string[]): { output(): string; stop(): void } {
    const child = spawn(kubectlBinary, args, { env: this.environment, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
    return { output: () => output, stop: () => void child.kill("SIGKILL") };
  }

  /** Runs helm, which must succeed; gives its standard output. */
  helm(args: readonly string[]): Promise<string> {
    return succeed(helmBinary, args, { env: this.environment, timeout: 60_000 });
  }

  /** Applies manifests by `kubectl apply`. */
  apply(manifests: string | object | readonly object[]): Promise<string> {
    const input =
      typeof manifests === "string"
        ? manifests
        : JSON.stringify(
            Array.isArray(manifests) ? { apiVersion: "v1", kind: "List", items: manifests } : manifests,
          );
    return this.kubectl(["apply", "-f", "-"], { input });
  }

  /** One object, or `undefined` where there is none. */
  async get(kind: string, name: string, namespace = "default"): Promise<LiveObject | undefined> {
    const text = await this.kubectl(["get", kind, name, "-n", namespace, "-o", "json", "--ignore-not-found"]);
    return text.trim() === "" ? undefined : (JSON.parse(text) as LiveObject);
  }

  /** Waits until an object is as `test` wants it. */
  async has(
    kind: string,
    name: string,
    namespace: string,
    test: (object: LiveObject) => boolean = () => true,
    within?: number,
  ): Promise<LiveObject> {
    let last: LiveObject | undefined;
    return until(
      `${kind}/${name} in ${namespace} is as expected`,
      async () => {
        last = await this.get(kind, name, namespace);
        return last !== undefined && test(last) ? last : undefined;
      },
      within,
      () => last?.status ?? last ?? "no such object",
    );
  }

  /** Waits until an object is gone. */
  async gone(kind: string, name: string, namespace: string): Promise<void> {
    await until(`${kind}/${name} is gone`, async () => (await this.get(kind, name, namespace)) === undefined);
  }
}
