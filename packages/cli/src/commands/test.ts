import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { diskTree } from "@capstan/kustomize";
import picocolors from "picocolors";
import { CommandError, exitCode } from "../exit-code.js";
import { definitions } from "../home/reconcilers.js";
import type { Io } from "../io.js";
import { readLoadRestrictor } from "../load-restrictor.js";
import { parseLocalSources } from "../local-kustomization.js";
import { rehearse } from "../rehearsal/rehearse.js";
import { reportJunit } from "../rehearsal/report-junit.js";
import { reportTree } from "../rehearsal/report-tree.js";
import type { Report } from "../rehearsal/result.js";

export interface TestOptions {
  /** `tree`, `junit` or `json`. */
  readonly output?: string;
  /** `Kind/namespace/name=PATH`, with commas between. */
  readonly localSources?: string;
  readonly strictSubstitute?: boolean;
  /** As of `build`; for kustomize roots. */
  readonly loadRestrictor?: string;
}

const FORMATS = ["tree", "junit", "json"];

/**
 * `capstan test PATH`: builds everything that a repository delivers and checks each object, offline.
 * Resolves with whether nothing failed.
 */
export async function test(path: string, options: TestOptions, io: Io): Promise<boolean> {
  const format = options.output ?? "tree";
  if (!FORMATS.includes(format)) {
    throw new CommandError(`-o takes ${FORMATS.join(", ")}, not ${JSON.stringify(format)}`, exitCode.usage);
  }
  const start = resolve(path);
  if (statSync(start, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new CommandError(`${path} is no directory`, exitCode.usage);
  }
  const directory = repositoryOf(start);
  const inside = `/${relative(directory, start).split(sep).join("/")}`;
  const report = await rehearse({
    directory,
    ...(inside === "/" ? {} : { startAt: inside }),
    remotes: remotesOf(directory),
    local: new Map(
      [...parseLocalSources(options.localSources)].map(([source, path]) => [source, diskTree(path)]),
    ),
    definitions: definitions({ allowLocal: true }),
    strict: options.strictSubstitute === true,
    loadRestrictions: readLoadRestrictor(options.loadRestrictor) === "rootOnly",
    clock: io.clock,
    random: io.random,
    signal: io.signal,
    onProgress: progressLine(io),
  });
  if (io.interactive) io.err("\r\x1b[K");
  if (report.entries.length === 0) {
    throw new CommandError(`nothing in ${path} is a Kustomization or a kustomize root`);
  }
  io.out(print(report, format, io));
  return report.summary.failed === 0;
}

function print(report: Report, format: string, io: Io): string {
  if (format === "json") return `${JSON.stringify(report, null, 2)}\n`;
  if (format === "junit") return reportJunit(report);
  return reportTree(report, picocolors.createColors(io.colours));
}

/** What is being looked at, in one line that is written over; at a terminal only. */
function progressLine(io: Io): (entry: string, what: string) => void {
  if (!io.interactive) return () => undefined;
  let next = 0;
  return (entry, what) => {
    const now = io.clock.now();
    if (now < next) return;
    next = now + 80;
    io.err(`\r\x1b[K◎ ${entry}: ${what}`.slice(0, 110));
  };
}

/** The working tree that a directory belongs to; the directory itself outside of any. */
function repositoryOf(start: string): string {
  for (let directory = start; ; directory = dirname(directory)) {
    if (existsSync(join(directory, ".git"))) return directory;
    if (dirname(directory) === directory) return start;
  }
}

/** URLs of a working tree's remotes: how the repository calls itself. */
function remotesOf(directory: string): readonly string[] {
  const asked = spawnSync("git", ["-C", directory, "config", "--get-regexp", "^remote\\..*\\.url$"], {
    encoding: "utf8",
    timeout: 10_000,
  });
  return (asked.stdout ?? "")
    .split("\n")
    .map((line) => line.slice(line.indexOf(" ") + 1))
    .filter((url) => url !== "");
}
