import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Random } from "@capstan/kube";
import { assertSound } from "../store/lmdb-file.js";
import { StoreError } from "../store/store.js";

/** The format of data directories that this version writes; one of a newer format is left alone. */
export const STORE_FORMAT = 1;
const SECRET = 0o600;

/** The directory that a control plane keeps everything in, locked against a second process. */
export class DataDirectory {
  readonly path: string;
  readonly #lock: string;

  private constructor(path: string, lock: string) {
    this.path = path;
    this.#lock = lock;
  }

  /**
   * Creates or opens the directory and locks it. Throws `StoreError`: `locked` while another process
   * uses it, `format` when a newer version wrote it, `corrupt` when its store file is damaged.
   */
  static open(path: string, random: Random): DataDirectory {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const lock = join(path, "lock");
    takeLock(path, lock, random);
    try {
      const directory = new DataDirectory(path, lock);
      directory.#checkFormat();
      mkdirSync(directory.storePath, { recursive: true, mode: 0o700 });
      assertSound(join(directory.storePath, "data.mdb"));
      return directory;
    } catch (error) {
      rmSync(lock, { force: true });
      throw error;
    }
  }

  get storePath(): string {
    return join(this.path, "store");
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** The content of a file, or undefined where it does not exist. */
  read(name: string): string | undefined {
    const path = this.file(name);
    return existsSync(path) ? readFileSync(path, "utf8") : undefined;
  }

  /** Replaces a file in one step, readable by its owner only. */
  write(name: string, content: string): void {
    const path = this.file(name);
    const draft = `${path}.new`;
    rmSync(draft, { force: true });
    const handle = openSync(draft, "wx", SECRET);
    try {
      writeFileSync(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(draft, path);
  }

  release(): void {
    rmSync(this.#lock, { force: true });
  }

  #checkFormat(): void {
    const text = this.read("format");
    if (text === undefined) {
      this.write("format", `${STORE_FORMAT}\n`);
      return;
    }
    const format = Number(text.trim());
    if (format === STORE_FORMAT) return;
    throw new StoreError(
      "format",
      format > STORE_FORMAT
        ? `the data directory ${this.path} was written by a newer version (format ${format}, this one knows ${STORE_FORMAT}); start that version, or use another data directory`
        : `the data directory ${this.path} has the unknown format ${JSON.stringify(text.trim())}`,
    );
  }
}

interface Holder {
  readonly pid: number;
  /** Start time of the process, where the system tells it: a reused id is not the same process. */
  readonly started: string;
}

function takeLock(path: string, lock: string, random: Random): void {
  const draft = `${lock}.${Buffer.from(random.bytes(8)).toString("hex")}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, started: startOf(process.pid) ?? "" }), {
    mode: SECRET,
  });
  try {
    for (;;) {
      if (tryLink(draft, lock)) return;
      const holder = readHolder(lock);
      if (holder !== undefined && isAlive(holder)) {
        throw new StoreError(
          "locked",
          `the data directory ${path} is in use by process ${holder.pid}; stop it, or choose another data directory`,
        );
      }
      rmSync(lock, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function tryLink(draft: string, lock: string): boolean {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function readHolder(lock: string): Holder | undefined {
  try {
    const { pid, started } = JSON.parse(readFileSync(lock, "utf8")) as Partial<Holder>;
    return typeof pid === "number" ? { pid, started: started ?? "" } : undefined;
  } catch {
    // Released meanwhile, or not a lock of ours: either way nobody holds it.
    return undefined;
  }
}

function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
  const started = startOf(holder.pid);
  return started === undefined || holder.started === "" || started === holder.started;
}

/** When a process was started, in the kernel's ticks; undefined where /proc does not say. */
function startOf(pid: number): string | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  try {
    // The command in parentheses may hold spaces; the fields after it do not.
    return statSync(path) && readFileSync(path, "utf8").split(") ").at(-1)?.split(" ")[19];
  } catch {
    // The process ended between the two looks.
    return undefined;
  }
}
