import { type BuildOptions, build } from "./commands/build.js";
import { CommandError, exitCode } from "./exit-code.js";
import { processIo } from "./io.js";
import { version } from "./version.js";

/** A plain build, or the version: what needs no more of the command line than an engine. */
export type QuickCommand =
  | { readonly name: "build"; readonly path: string; readonly options: BuildOptions }
  | { readonly name: "version" };

const BUILD_FLAGS = new Map<string, keyof BuildOptions>([
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
 * build takes; the exit code is set. Resolves with whether it was that.
 */
export async function quick(args: readonly string[]): Promise<boolean> {
  const command = parseQuick(args);
  if (command === undefined) return false;
  const stop = new AbortController();
  const io = processIo(stop.signal);
  // A reader that closes the pipe (`capstan build . | head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(exitCode.ok);
    throw error;
  });
  if (command.name === "version") {
    io.out(`capstan: ${version}\n`);
    return true;
  }
  try {
    await build(command.path, command.options, io);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    io.progress.failure(error.message);
    process.exitCode = error.code;
  }
  return true;
}
