import { readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** What a running `capstan up` writes down so that other commands find it (`<data-dir>/capstan.json`). */
export interface RunningState {
  readonly pid: number;
  readonly version: string;
  readonly apiServer: string;
  readonly kubeconfig: string;
  readonly artifactServer: string;
  /** Base URL of the built-in Git remote, where there is one. */
  readonly gitRemote?: string;
  readonly startedAt: string;
  /** When the process started, in the kernel's own ticks, where the system tells it. */
  readonly processStart?: string;
}

/** Paths inside a data directory; nothing else in the code base spells them. */
export interface DataDirectory {
  readonly root: string;
  readonly store: string;
  readonly artifacts: string;
  readonly gitCache: string;
  readonly remotes: string;
  readonly renderCache: string;
  readonly kubeconfig: string;
  readonly gitToken: string;
  readonly state: string;
  readonly log: string;
}

/** The directory of `--data-dir`, else of `CAPSTAN_DATA_DIR`, else `~/.capstan`. */
export function dataDirectory(option: string | undefined, environment: NodeJS.ProcessEnv): DataDirectory {
  const root = resolve(option ?? environment["CAPSTAN_DATA_DIR"] ?? join(homedir(), ".capstan"));
  return {
    root,
    store: join(root, "store"),
    artifacts: join(root, "artifacts"),
    gitCache: join(root, "git-cache"),
    remotes: join(root, "git"),
    renderCache: join(root, "render-cache"),
    kubeconfig: join(root, "kubeconfig"),
    gitToken: join(root, "git-token"),
    state: join(root, "capstan.json"),
    log: join(root, "capstan.log"),
  };
}

/** Makes the directory, readable by its owner alone. */
export async function prepareDataDirectory(directory: DataDirectory): Promise<void> {
  await mkdir(directory.root, { recursive: true, mode: 0o700 });
}

/** Writes the state whole or not at all. */
export async function writeState(
  directory: DataDirectory,
  state: Omit<RunningState, "processStart">,
): Promise<void> {
  const processStart = startOf(state.pid);
  const full: RunningState = { ...state, ...(processStart === undefined ? {} : { processStart }) };
  const temporary = `${directory.state}.${state.pid}`;
  await writeFile(temporary, `${JSON.stringify(full, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, directory.state);
}

export async function removeState(directory: DataDirectory): Promise<void> {
  await rm(directory.state, { force: true });
}

/** The state of the process that runs on this directory; `undefined` when none does. */
export async function readState(directory: DataDirectory): Promise<RunningState | undefined> {
  let text: string;
  try {
    text = await readFile(directory.state, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const state = JSON.parse(text) as RunningState;
  return isAlive(state.pid) && isSame(state) ? state : undefined;
}

/** Whether a process with this id exists; one of another user counts. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Whether the process that has the id now is the one that wrote the state: ids are used again. */
function isSame({ pid, processStart }: RunningState): boolean {
  const start = startOf(pid);
  return start === undefined || processStart === undefined || start === processStart;
}

function startOf(pid: number): string | undefined {
  try {
    // The command in parentheses may hold blanks; the fields after it do not.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    // Not Linux, or ended meanwhile: then the id is all there is to go by.
    return undefined;
  }
}
