import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const LINK = "120000";
const SUBMODULE = "160000";

interface Entry {
  readonly mode: string;
  readonly hash: string;
  readonly path: string;
}

/** Writes the files of a bare repository's HEAD into a folder; objects that are absent are left out. */
export function exportHead(git: string, folder: string): void {
  const entries = listFiles(git);
  const input = `${entries.map((entry) => entry.hash).join("\n")}\n`;
  const batch = spawnSync("git", ["--git-dir", git, "cat-file", "--batch"], { input, maxBuffer: 1 << 30 });
  if (batch.status !== 0) throw new Error(`cannot read ${git}: ${batch.stderr.toString()}`);
  let at = 0;
  for (const entry of entries) {
    const end = batch.stdout.indexOf(10, at);
    const [, type, size] = batch.stdout.toString("utf8", at, end).split(" ");
    at = end + 1;
    if (type === "missing") continue;
    const content = batch.stdout.subarray(at, at + Number(size));
    at += Number(size) + 1;
    write(join(folder, entry.path), entry.mode, content);
  }
}

function listFiles(git: string): Entry[] {
  const list = spawnSync("git", ["--git-dir", git, "ls-tree", "-r", "-z", "--full-tree", "HEAD"], {
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (list.status !== 0) throw new Error(`cannot list ${git}: ${list.stderr}`);
  const lines = list.stdout.split("\0").filter((line) => line !== "");
  return lines
    .map((line) => {
      const [meta = "", path = ""] = line.split("\t");
      const [mode = "", , hash = ""] = meta.split(" ");
      return { mode, hash, path };
    })
    .filter(
      (entry) => entry.mode !== SUBMODULE && !/\.(png|gif|jpe?g|svg|mp4|go|ts|js|tgz)$/.test(entry.path),
    );
}

function write(path: string, mode: string, content: Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  if (mode === LINK) symlinkSync(Buffer.from(content).toString(), path);
  else writeFileSync(path, content);
}
