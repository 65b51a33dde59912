import {
  type Client,
  createClient,
  httpTransport,
  KubeconfigError,
  loadKubeconfig,
} from "@capstan/controller";
import { ApiError } from "@capstan/kube";
import { dataDirectory, readState } from "./data-directory.js";
import { CommandError, exitCode } from "./exit-code.js";
import type { Io } from "./io.js";

/** Which API a command speaks to. */
export interface ConnectionOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly dataDir?: string;
}

/**
 * Runs `work` with a client of the API that the options name: a kubeconfig's, else that of the Capstan
 * which runs on the data directory. Rejects with `CommandError`: `unreachable` where there is none, `failure`
 * with the API's own message where it refused a request.
 */
export async function withClient<T>(
  options: ConnectionOptions,
  io: Io,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const { path, context } = await findKubeconfig(options, io);
  const client = createClient(
    httpTransport(await readConfig(path, context), {
      clock: io.clock,
      userAgent: "capstan",
      allowExec: true,
      env: io.environment,
    }),
  );
  try {
    return await work(client);
  } catch (error) {
    // What the API answered is the user's to read: its message says what it refused and why.
    if (error instanceof ApiError) throw new CommandError(error.message, exitCode.failure, { cause: error });
    if (!isUnreachable(error)) throw error;
    throw new CommandError(`cannot reach the API of ${path}: ${messageOf(error)}`, exitCode.unreachable, {
      cause: error,
    });
  } finally {
    await client.close();
  }
}

async function findKubeconfig(options: ConnectionOptions, io: Io) {
  const { kubeconfig, context, dataDir } = options;
  if (kubeconfig !== undefined) return { path: kubeconfig, context };
  const directory = dataDirectory(dataDir, io.environment);
  if ((await readState(directory)) !== undefined) return { path: directory.kubeconfig, context };
  throw new CommandError(
    `no Capstan runs on ${directory.root}; start one with \`capstan up\`, or name a cluster with --kubeconfig`,
    exitCode.unreachable,
  );
}

async function readConfig(path: string, context: string | undefined) {
  try {
    return await loadKubeconfig(path, context === undefined ? {} : { context });
  } catch (error) {
    if (error instanceof KubeconfigError)
      throw new CommandError(error.message, exitCode.failure, { cause: error });
    throw error;
  }
}

/** Codes of the system and of undici that mean: nobody answers, or not any more. */
const UNREACHABLE: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "ETIMEDOUT",
  "UND_ERR_SOCKET",
  "UND_ERR_CONNECT_TIMEOUT",
]);

function isUnreachable(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (UNREACHABLE.has((cause as NodeJS.ErrnoException).code ?? "")) return true;
  }
  return false;
}

/** What an error says, without its stack. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
