import { expect, test } from "vitest";
import { routeConsole } from "./console-to-log.js";

test("what is printed goes to the log until that is ended", () => {
  const lines: string[] = [];
  const printed: string[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  const print = (...values: unknown[]) => void printed.push(values.join(" "));
  const log = { debug: note("debug"), info: note("info"), warn: note("warn"), error: note("error") };
  const target: Console = { ...console, debug: print, log: print, info: print, warn: print, error: print };
  const end = routeConsole(log, target);
  target.error("failed: %s", "reason");
  target.log({ a: 1 });
  end();
  target.error("after");
  expect(lines).toEqual(["error: failed: reason", "info: { a: 1 }"]);
  expect(printed).toEqual(["after"]);
});
