import { describe, expect, it } from "vitest";
import { exitAsDiff } from "./exit-as-diff.js";
import { CommandError, exitCode } from "./exit-code.js";

describe("exitAsDiff", () => {
  it("is 1 where something differs, and 0 where nothing does", async () => {
    expect(await exitAsDiff(async () => true)).toBe(1);
    expect(await exitAsDiff(async () => false)).toBe(0);
  });

  it.each([
    [new CommandError("no such thing"), exitCode.usage],
    [new CommandError("nobody there", exitCode.unreachable), exitCode.unreachable],
    [new TypeError("a mistake"), exitCode.usage],
  ])("is more than 1 for %s", async (error, code) => {
    const failed = await exitAsDiff(() => Promise.reject(error)).catch((reason: unknown) => reason);
    expect(failed).toBeInstanceOf(CommandError);
    expect(failed).toMatchObject({ code, message: expect.stringContaining(error.message) });
  });
});
