import picocolors from "picocolors";

/**
 * What a command says while it works: on standard error, in the marks `flux` users know, with colours at a
 * terminal only.
 */
export interface Progress {
  action(text: string): void;
  waiting(text: string): void;
  success(text: string): void;
  warning(text: string): void;
  failure(text: string): void;
}

/** Progress lines to `write` (one line each, with its line end). */
export function createProgress(write: (line: string) => void, colours: boolean): Progress {
  const paint = picocolors.createColors(colours);
  return {
    action: (text) => write(`${paint.cyan("►")} ${text}\n`),
    waiting: (text) => write(`${paint.yellow("◎")} ${text}\n`),
    success: (text) => write(`${paint.green("✔")} ${text}\n`),
    warning: (text) => write(`${paint.yellow("⚠")} ${text}\n`),
    failure: (text) => write(`${paint.red("✗")} ${text}\n`),
  };
}
