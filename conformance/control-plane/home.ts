import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** An API server to check, and the directory where the checks keep their files. */
export interface Home {
  readonly kubeconfig: string;
  readonly directory: string;
  /** Whether the server is somebody else's: only what a bare API server has is checked then. */
  readonly foreign: boolean;
  /** The audit log of a server that was started with `audit-policy.yaml`. */
  readonly auditLog: string | undefined;
  /** Ends the server with a signal and starts it again on the same data. */
  restart(signal: NodeJS.Signals): Promise<void>;
  close(): Promise<void>;
}

/** The API of `CONFORMANCE_KUBECONFIG` (and its log of `CONFORMANCE_AUDIT_LOG`), or an embedded one in a process of its own. */
export async function openHome(): Promise<Home> {
  const directory = mkdtempSync(join(tmpdir(), "capstan-conformance-"));
  const remove = () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  const given = process.env["CONFORMANCE_KUBECONFIG"];
  if (given !== undefined) {
    const restart = () => Promise.reject(new Error("a foreign server is not restarted"));
    const auditLog = process.env["CONFORMANCE_AUDIT_LOG"];
    return { kubeconfig: given, directory, foreign: true, auditLog, restart, close: async () => remove() };
  }
  const data = join(directory, "data");
  const auditLog = join(directory, "audit.log");
  let child = await start(data, auditLog);
  return {
    kubeconfig: join(data, "kubeconfig"),
    directory,
    foreign: false,
    auditLog,
    restart: async (signal) => {
      await stop(child, signal);
      child = await start(data, auditLog);
    },
    close: async () => {
      await stop(child, "SIGTERM");
      remove();
    },
  };
}

async function start(data: string, auditLog: string): Promise<ChildProcess> {
  // Bundled into the module of the folder above, whose address `import.meta.url` is.
  const script = fileURLToPath(new URL("./control-plane/serve.mjs", import.meta.url));
  const child = spawn(process.execPath, [script, data, auditLog], { stdio: ["ignore", "pipe", "inherit"] });
  const serving = await Promise.race([
    once(child.stdout, "data").then(() => true),
    once(child, "exit").then(() => false),
  ]);
  if (!serving) throw new Error("the API ended before it served");
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
