import type { Clock, Random } from "@capstan/kube";
import { createProgress, type Progress } from "./output/progress.js";
import { systemClock, systemRandom } from "./runtime.js";

/** Everything of the surrounding process that a command may touch. */
export interface Io {
  /** Results: standard output. */
  out(text: string): void;
  /** Everything else: standard error. */
  err(text: string): void;
  readonly environment: NodeJS.ProcessEnv;
  /** Whether results may be coloured. */
  readonly colours: boolean;
  /** Whether a person sits at the terminal. */
  readonly interactive: boolean;
  /** Aborts on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly random: Random;
  readonly progress: Progress;
}

/** The `Io` of this process; `signal` aborts when the process is told to end. */
export function processIo(signal: AbortSignal): Io {
  const environment = process.env;
  const err = (text: string) => void process.stderr.write(text);
  return {
    out: (text) => void process.stdout.write(text),
    err,
    environment,
    colours: wantsColours(process.stdout.isTTY === true, environment),
    interactive: process.stdin.isTTY === true && process.stdout.isTTY === true,
    signal,
    clock: systemClock,
    random: systemRandom,
    progress: createProgress(err, wantsColours(process.stderr.isTTY === true, environment)),
  };
}

/** Colours at a terminal only, and never against `NO_COLOR` (https://no-color.org) or a dumb terminal. */
export function wantsColours(terminal: boolean, environment: NodeJS.ProcessEnv): boolean {
  const refused = environment["NO_COLOR"];
  return terminal && (refused === undefined || refused === "") && environment["TERM"] !== "dumb";
}
