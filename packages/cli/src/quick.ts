import { type PlainBuildOptions, plainBuild } from "./commands/plain-build.js";
import { CommandError, type ExitCode, exitCode } from "./exit-code.js";
import { writeNow } from "./output/write-now.js";
import { version } from "./version.js";

/** A plain build, or the version: what needs no more of the command line than an engine. */
export type QuickCommand =
  | { readonly name: "build"; readonly path: string; readonly options: PlainBuildOptions }
  | { readonly name: "version" };

const BUILD_FLAGS = new Map<string, keyof PlainBuildOptions>([
  ["--load-restrictor", "loadRestrictor"],
  ["--reorder", "reorder"],
]);

/** Reads arguments as the command line would; undefined for everything that it must read itself. */
export function parseQuick(args: readonly string[]): QuickCommand | undefined {
  const [name, ...rest] = args;
  if (name === "version") return rest.length === 0 ? { name } : undefined;
  if (name !== "build") return undefined;
  const options: Record<string, string> = {};
  const paths: string[] = [];
  for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
    if (!next.startsWith("-")) {
      paths.push(next);
      continue;
    }
    const equals = next.indexOf("=");
    const option = BUILD_FLAGS.get(equals < 0 ? next : next.slice(0, equals));
    const value = equals < 0 ? rest.shift() : next.slice(equals + 1);
    if (option === undefined || value === undefined || value === "") return undefined;
    options[option] = value;
  }
  const [path = "."] = paths;
  return paths.length > 1 || path === "" ? undefined : { name, path, options };
}

/**
 * Carries out what can be carried out without the rest of the command line, which takes as long to load as a
 * build takes. Resolves with the exit code; undefined for everything else.
 */
export async function quick(args: readonly string[]): Promise<ExitCode | undefined> {
  const command = parseQuick(args);
  if (command === undefined) return undefined;
  if (command.name === "version") {
    writeNow(1, `capstan: ${version}\n`);
    return exitCode.ok;
  }
  const io = { out: (text: string) => writeNow(1, text), err: (text: string) => writeNow(2, text) };
  try {
    await plainBuild(command.path, command.options, io);
    return exitCode.ok;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    // Streams, colours and the clock of the whole command line take time that only a failure has.
    const { processIo } = await import("./io.js");
    processIo(new AbortController().signal).progress.failure(error.message);
    return error.code;
  }
}
