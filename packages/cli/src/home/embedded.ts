import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { artifactHandler } from "@capstan/artifacts";
import {
  type AuditLogOptions,
  type ControlPlane,
  openControlPlane,
  StoreError,
} from "@capstan/control-plane";
import { type Client, createClient, createManager, type Logger, type Manager } from "@capstan/controller";
import { gitHttpHandler } from "@capstan/git";
import type { Clock, Random } from "@capstan/kube";
import { registerWorkloads, simulatedLogs, simulatedRuntime } from "@capstan/workloads";
import { type DataDirectory, prepareDataDirectory } from "../data-directory.js";
import { CommandError, exitCode } from "../exit-code.js";
import { openArtifactHome } from "./artifact-home.js";
import { routeConsole } from "./console-to-log.js";
import { ensureDemoRepository, repositoryPath } from "./demo-repository.js";
import { collectWhenIdle } from "./idle-memory.js";
import { type LocalServer, listenOn, portError } from "./listen.js";
import { openLogFile } from "./log-file.js";
import { logEvent } from "./log-stream.js";
import { definitions, installDefinitions, registerReconcilers } from "./reconcilers.js";
import type { SourceSettings } from "./source-settings.js";
import { holdHeapGrowth, v8Engine } from "./v8-engine.js";

export interface EmbeddedHomeOptions {
  readonly directory: DataDirectory;
  /** Port of the API; the Git remote and the artifacts take the next one. 0: free ones. */
  readonly port: number;
  /** Whether to make and serve the demo repository. */
  readonly demo: boolean;
  /** Whether to leave out what fetches and delivers, its definitions too. */
  readonly apiOnly: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly environment: NodeJS.ProcessEnv;
  readonly sources: SourceSettings;
  readonly onLogFailure: (error: unknown) => void;
  /** Where requests to the API are written down; nowhere where it is left out. */
  readonly audit?: AuditLogOptions;
}

/** A running embedded home. */
export interface EmbeddedHome {
  readonly client: Client;
  readonly apiServer: string;
  /** Base URL of artifacts and of the built-in Git remote. */
  readonly httpUrl: string;
  /** Rejects when the controllers cannot go on. */
  readonly failed: Promise<never>;
  /** Drains the controllers, ends watches, syncs the store. */
  close(): Promise<void>;
}

/**
 * Starts everything of the embedded home in this process: API, workloads, sources, delivery, the Git
 * remote. Rejects with `CommandError` where a person can help: the directory in use, a port taken, a
 * damaged store. What was started by then is stopped again.
 */
export async function startEmbeddedHome(options: EmbeddedHomeOptions): Promise<EmbeddedHome> {
  const { directory, clock, random, environment } = options;
  holdHeapGrowth();
  const undo: (() => Promise<void>)[] = [];
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    await prepareDataDirectory(directory);
    const log = openLogFile(directory.log, { clock, onFailure: options.onLogFailure });
    undo.push(() => log.flush());
    const plane = await openPlane(options, log);
    undo.push(() => plane.close());
    const endRoute = routeConsole(log);
    undo.push(async () => endRoute());
    const stop = new AbortController();
    const artifacts = openArtifactHome({
      directory,
      clock,
      random,
      environment,
      allowLocal: true,
      settings: options.sources,
      baseUrl: () => http.url,
      localRepository: (url) => localRepository(directory, http.url, url),
    });
    let pushed: (url: string) => void = () => undefined;
    const http = await serveFiles(options, plane.port, artifacts, (url) => pushed(url));
    undo.push(() => http.close());
    const client = createClient(plane.transport());
    await Promise.all([
      ...(options.apiOnly
        ? []
        : [installDefinitions(client, definitions({ allowLocal: true }), stop.signal)]),
      ...(options.demo ? [ensureDemoRepository(artifacts.runner, directory.remotes, clock)] : []),
    ]);
    const manager = createManager({
      client,
      clock,
      random,
      logger: log,
      instance: "capstan",
      onEvent: logEvent(log),
    });
    const reconcilers = options.apiOnly
      ? undefined
      : registerReconcilers(manager, { ...artifacts, allowLocal: true });
    pushed = (url) => void reconcilers?.sources.pushed(url);
    registerWorkloads(manager, { runtime: simulatedRuntime() });
    plane.setPodRuntime(simulatedLogs());
    plane.setWorkloadCheck(startCheck(manager));
    log.info("the embedded home has started", { apiServer: plane.url, http: http.url });
    const running = runManager(manager, stop.signal);
    const endCollecting = collectWhenIdle(v8Engine(), clock);
    undo.push(async () => {
      endCollecting();
      stop.abort();
      await manager.drain();
      await reconcilers?.delivery.close();
    });
    return { client, apiServer: plane.url, httpUrl: http.url, failed: running, close: unwind };
  } catch (error) {
    await unwind();
    throw directoryProblem(error, directory.root);
  }
}

/** What keeps workloads from being placed and run: undefined once every controller runs. */
function startCheck(manager: Manager): () => string | undefined {
  let wrong: string | undefined = "the controllers of workloads are starting";
  const settle = (text: string | undefined) => {
    wrong = text;
  };
  manager.ready().then(
    () => settle(undefined),
    (error: unknown) => settle(error instanceof Error ? error.message : String(error)),
  );
  return () => wrong;
}

function runManager(manager: Manager, signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    manager.start(signal).catch(reject);
  });
}

/** The directory behind a URL of this process's own remote, so that nothing is fetched over HTTP. */
function localRepository(directory: DataDirectory, base: string, url: string): string | undefined {
  if (!url.startsWith(`${base}/`)) return undefined;
  return repositoryPath(directory.remotes, url.slice(base.length + 1).replace(/\.git$/, ""));
}

/** Serves the Git remote and the artifacts on one port, the next after the API's. */
async function serveFiles(
  options: EmbeddedHomeOptions,
  apiPort: number,
  artifacts: ReturnType<typeof openArtifactHome>,
  onPush: (url: string) => void,
): Promise<LocalServer & { readonly url: string }> {
  const { directory } = options;
  await mkdir(directory.remotes, { recursive: true, mode: 0o700 });
  const git = gitHttpHandler({
    runner: artifacts.runner,
    repository: (name) => repositoryPath(directory.remotes, name),
    pushToken: await pushToken(directory.gitToken),
    onPush: ({ name }) => onPush(`${url()}/${name}.git`),
  });
  const files = artifactHandler(artifacts.storage);
  const server = await listenOn(
    { host: "127.0.0.1", port: options.port === 0 ? 0 : apiPort + 1 },
    (request, response) => {
      void git(request, response).then((handled) => (handled ? undefined : files(request, response)));
    },
  );
  const url = () => `http://127.0.0.1:${server.port}`;
  return { ...server, url: url() };
}

async function openPlane(options: EmbeddedHomeOptions, log: Logger): Promise<ControlPlane> {
  const { directory, port, clock, random, audit } = options;
  try {
    return await openControlPlane({
      dataDir: directory.root,
      port,
      clock,
      random,
      onFailure: (part, subject, error) =>
        log.error("the control plane goes on after an error", { part, subject, error: String(error) }),
      ...(audit === undefined ? {} : { audit }),
    });
  } catch (error) {
    if (error instanceof StoreError) throw storeProblem(error, directory.root);
    throw portError(error as NodeJS.ErrnoException, port);
  }
}

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on its disk",
  EDQUOT: "its disk quota is used up",
  EACCES: "permission denied",
  EPERM: "not permitted",
  EROFS: "its file system is read-only",
  ENOTDIR: "it is not a directory",
  EEXIST: "it is not a directory",
};

/** Turns what the system has against the data directory into a sentence that names it; other errors pass. */
function directoryProblem(error: unknown, root: string): unknown {
  if (!(error instanceof Error) || error instanceof CommandError) return error;
  const words = SYSTEM_WORDS[(error as NodeJS.ErrnoException).code ?? ""];
  if (words === undefined) return error;
  return new CommandError(`cannot use the data directory ${root}: ${words}`, exitCode.failure, {
    cause: error,
  });
}

/** What the store refuses, with the command that helps. */
function storeProblem(error: StoreError, root: string): CommandError {
  const at = `--data-dir ${root}`;
  switch (error.code) {
    case "locked":
      return new CommandError(
        `${error.message}: \`capstan down ${at}\` stops it, --data-dir chooses another`,
        exitCode.inUse,
        { cause: error },
      );
    case "corrupt":
      return new CommandError(
        `${error.message}\nThe data directory is ${root}. \`capstan restore FILE ${at}\` brings a backup back.`,
        exitCode.failure,
        { cause: error },
      );
    default:
      return new CommandError(error.message, exitCode.failure, { cause: error });
  }
}

/** The bearer token for pushes to the built-in remote; made once, readable by the owner alone. */
async function pushToken(path: string): Promise<string> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    const token = randomBytes(24).toString("base64url");
    await writeFile(path, `${token}\n`, { mode: 0o600 });
    return token;
  }
}
