import { format } from "node:util";
import type { Logger } from "@capstan/controller";

const METHODS = ["debug", "log", "info", "warn", "error"] as const;

/**
 * Sends what libraries print on the console to the log, so that it does not show between a person's own
 * lines; gives the call that ends this.
 */
export function routeConsole(log: Logger, target: Console = console): () => void {
  const before = METHODS.map((method) => [method, target[method]] as const);
  for (const method of METHODS) {
    const write = log[method === "log" ? "info" : method];
    target[method] = (...values: unknown[]) => write(format(...values));
  }
  return () => {
    for (const [method, original] of before) target[method] = original;
  };
}
